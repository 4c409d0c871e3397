import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SentAnswer } from "../sendAnswer";

/** The page for a browser. It loads nothing from elsewhere, and runs only the script and the style that stand in it. */
export function pageAnswer(): SentAnswer {
  const html = readFileSync(join(__dirname, "page.html"), "utf8");
  return {
    status: 200,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": [
        "default-src 'none'",
        `script-src ${hashOf("script", html)}`,
        `style-src ${hashOf("style", html)}`,
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    },
    body: html,
  };
}

function hashOf(element: "script" | "style", html: string): string {
  const content = new RegExp(`<${element}>([^]*)</${element}>`).exec(html)?.[1] ?? "";
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}
