import { fstatSync } from "node:fs";

/**
 * Ends this process when the engine that started it has died, which would leave it behind for ever:
 * the engine holds the other end of its standard input. A debugger or a terminal holds no pipe.
 */
export function endWithParent(): void {
  const input = fstatSync(process.stdin.fd);
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.on("end", () => process.exit(1));
  process.stdin.resume();
}
