// Links of the Markdown files, which are written to work on the repository's pages.
import { existsSync, statSync } from "node:fs";
import { dirname, posix, relative } from "node:path";

import { isPage, linkOf } from "./pages.mjs";
import { REPOSITORY_URL, ROOT } from "./repository.mjs";

/** The fragment of a heading, as GitHub makes it: a link with a fragment works there and here. */
export function githubSlug(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

/** A rule for markdown-it: links to files lead to their page, or to the file in the repository. */
export function linkFiles(markdown) {
  markdown.core.ruler.push("link_files", ({ tokens, env }) => {
    const source = relative(ROOT, env.realPath ?? env.path).replaceAll("\\", "/");
    const links = tokens
      .flatMap(({ children }) => children ?? [])
      .filter(({ type }) => type === "link_open");
    for (const link of links) link.attrSet("href", target(link.attrGet("href"), source));
  });
}

function target(href, source) {
  if (/^([a-z][a-z0-9+.-]*:|\/|#)/i.test(href)) return href;
  const [path, fragment] = href.split("#");
  const file = posix.join(dirname(source), decodeURI(path)).replace(/\/$/, "");
  if (!existsSync(`${ROOT}/${file}`)) throw new Error(`${source}: no file for the link ${href}`);
  const hash = fragment === undefined ? "" : `#${fragment}`;
  if (isPage(file)) return `${linkOf(file)}${hash}`;
  const view = statSync(`${ROOT}/${file}`).isDirectory() ? "tree" : "blob";
  return `${REPOSITORY_URL}/${view}/main/${encodeURI(file)}${hash}`;
}
