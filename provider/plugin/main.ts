/** The program that the engine starts as `pulumi-resource-cds-redis`. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";

import { Context } from "../core/context";
import { exportStack, notesInFolder } from "../core/records";
import { fetchBackupFiles } from "../download/download";
import { endWithParent } from "../process";
import { reportToEngine } from "./engine";
import { ProviderService } from "./service";

/** Written in by the bundler. */
declare const PACKAGE_VERSION: string;

const ANY_LENGTH = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

const context = new Context({
  environment: process.env,
  randomHex: (digits) => randomBytes(digits).toString("hex").slice(0, digits),
  // The engine's address comes last.
  report: reportToEngine(process.argv.slice(2).findLast((word) => /^[^-].*:\d+$/.test(word))),
  readStack: exportStack,
  notes: notesInFolder(process.env),
  fetchBackup: fetchBackupFiles,
});
const service = new ProviderService({
  context,
  environment: process.env,
  version: PACKAGE_VERSION,
  schema: () => readFileSync(join(__dirname, "schema.json"), "utf8"),
});

const server = new Server(ANY_LENGTH);
server.addService(ResourceProviderService, service.handlers());
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  // The engine reads the port from the first line.
  process.stdout.write(`${port}\n`);
});
endWithParent();
