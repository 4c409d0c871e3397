// Started by engineRuns.mts as a process of its own: the vendor's emulator and a server that answers anything. The
// arguments are the seconds of a delivery and of a deletion.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

import type * as EmulatorModule from "../emulator/index.ts";

/** What is told as soon as both listen. */
export interface Listening {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Of the server that answers anything. */
  readonly anyUrl: string;
}

/** How often each action was called since the last question. */
export type Calls = Readonly<Record<string, number>>;

const { startEmulator } = createRequire(import.meta.url)(
  "../dist/emulator/index.js",
) as typeof EmulatorModule;

const calls = new Map<string, number>();
function count(action: string): void {
  calls.set(action, (calls.get(action) ?? 0) + 1);
}

const emulator = await startEmulator({
  deliverySeconds: Number(process.argv[2]),
  deleteSeconds: Number(process.argv[3]),
  // Not `requests`, which keeps the latest ones alone. The line begins with time, method and action.
  log: (line) => {
    count(line.split(" ")[2] ?? "");
  },
});
const anything = createServer((request, response) => {
  count(request.method ?? "");
  response.setHeader("Content-Type", "application/json").end('{"ok":true}');
});
await new Promise<void>((resolve) => anything.listen(0, "127.0.0.1", resolve));

process.on("message", () => {
  process.send?.(Object.fromEntries(calls) satisfies Calls);
  calls.clear();
});
// However the bench ends, nothing is left listening.
process.on("disconnect", () => {
  process.exit();
});
const { port } = anything.address() as AddressInfo;
process.send?.({
  endpoint: emulator.url,
  accessKeyId: emulator.accessKeyId,
  accessKeySecret: emulator.accessKeySecret,
  anyUrl: `http://127.0.0.1:${port}/`,
} satisfies Listening);
