#!/usr/bin/env node
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

void runCli(process.argv.slice(2), io).then((exitCode) => {
  process.exitCode = exitCode;
});
