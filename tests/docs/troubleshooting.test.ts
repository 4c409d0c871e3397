import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/troubleshooting.md"), "utf8");

/** Pulumi writes these messages, so our code does not have them. */
const OF_PULUMI = "unable to replace resource … marked for protection";

/** A message is put together at run time, of a name and a few texts that stand in different places. */
const MOST_PIECES = 4;

/** The texts of the code, without comments. Values that are put in at run time are `…`. */
function textsOfCode(): string {
  const files = ["provider", "cli"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(ROOT, folder, name), "utf8")),
  );
  return files
    .join("\n")
    .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")
    .replace(/["`]\s*\+\s*["`]/g, "")
    .replaceAll("\\`", "`")
    .replace(/\$\{[^{}]*\}/g, "…")
    .replace(/\s+/g, " ");
}

/** The messages that headings quote, but for Pulumi's own. */
function quotedMessages(): string[] {
  const [ours = ""] = PAGE.split("## Pulumi's own messages");
  const headings = ours.split("\n").filter((line) => line.startsWith("### "));
  return (
    headings
      .flatMap((line) => [...line.matchAll(/"([^"]+)"/g)].map(([, message = ""]) => message))
      .filter((message) => message !== OF_PULUMI)
      // One of the schemes that are refused.
      .map((message) => message.replace("socks5", "…"))
  );
}

/** The fewest pieces of the code that make the text, each of whole words; `undefined` where a word is nowhere. */
function piecesOf(text: string, code: string): string[] | undefined {
  const pieces: string[] = [];
  let words = text.split(" ").filter((word) => word !== "");
  while (words.length > 0) {
    let length = words.length;
    while (length > 0 && !code.includes(words.slice(0, length).join(" "))) length -= 1;
    if (length === 0) return undefined;
    pieces.push(words.slice(0, length).join(" "));
    words = words.slice(length);
  }
  return pieces;
}

test("each heading quotes a message of the code", () => {
  const code = textsOfCode();
  const messages = quotedMessages();
  expect(messages.length).toBeGreaterThan(60);
  const odd = messages.filter((message) => {
    const fixed = message.split("…").map((part) => piecesOf(part.replace(/^[,:]+/, ""), code));
    return fixed.some((pieces) => pieces === undefined || pieces.length > MOST_PIECES);
  });
  expect(odd).toEqual([]);
});
