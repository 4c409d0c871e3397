import { fstatSync } from "node:fs";

/**
 * Ends the dynamic provider process when the engine that started it has died, which would leave it
 * behind for ever: the engine holds the other end of its standard input.
 */
export function endWithEngine(): void {
  if (!isDynamicProvider(process.argv[1]) || !isPipe(process.stdin.fd)) return;
  process.stdin.on("end", () => process.exit(1));
  process.stdin.resume();
}

/** Others load the host too: tests, and tools that look at it. */
function isDynamicProvider(script: string | undefined): boolean {
  return script?.includes("dynamic-provider") === true;
}

function isPipe(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}
