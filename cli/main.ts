#!/usr/bin/env node
import { codeOf } from "../provider/disk";
import type { CliIo } from "./io";
import { runCli } from "./program";

const io: CliIo = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  input: () => process.stdin,
  ...(process.stderr.isTTY ? { errTerminal: process.stderr } : {}),
  env: process.env,
  untilStopped: () =>
    new Promise((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => {
          resolve();
        });
      }
    }),
};

// A reader such as `head` may take a part of the output, and close the pipe.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    // As after SIGPIPE: 0 would say that all was done.
    if (codeOf(error) === "EPIPE") process.exit(141);
    throw error;
  });
}

void runCli(process.argv.slice(2), io).then((exitCode) => {
  process.exitCode = exitCode;
});
