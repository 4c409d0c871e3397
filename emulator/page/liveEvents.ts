import type { ServerResponse } from "node:http";
import type { EmulatorView } from "./view";

const LOOK_MS = 250;
/** Something is sent at least so often, so that a page notices a connection that broke. */
const SIGN_OF_LIFE_MS = 5_000;

/** Sends the view as server-sent events, at once and after each change, until the page goes away. */
export function sendLiveEvents(response: ServerResponse, view: () => EmulatorView): void {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  let last = "";
  let sentAt = 0;
  const look = (): void => {
    const { now, ...seen } = view();
    const text = JSON.stringify(seen);
    const isSilent = performance.now() - sentAt >= SIGN_OF_LIFE_MS;
    if (text === last && !isSilent) return;
    // A page that does not read must not fill the memory.
    if (response.writableNeedDrain) return;
    response.write(`data: ${JSON.stringify({ now, ...seen })}\n\n`);
    last = text;
    sentAt = performance.now();
  };
  look();
  const timer = setInterval(look, LOOK_MS).unref();
  response.on("close", () => {
    clearInterval(timer);
  });
}
