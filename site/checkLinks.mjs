// Fails when a link of the built site, or of a Markdown file, leads nowhere. Other hosts are not asked.
import { globSync } from "node:fs";
import process from "node:process";

import { check } from "linkinator";

import { BASE, ROOT } from "./repository.mjs";

const OPTIONS = {
  checkFragments: true,
  linksToSkip: ["^https?://(?!127\\.0\\.0\\.1)", "^mailto:"],
};

const site = await check({
  ...OPTIONS,
  path: `${ROOT}/site/dist`,
  recurse: true,
  // A host has the site under its base, and the folder has not.
  urlRewriteExpressions: [{ pattern: new RegExp(`(?<=^http://[^/]+)${BASE}`), replacement: "/" }],
});
const sources = await check({
  ...OPTIONS,
  path: globSync(["*.md", "{docs,examples,.github}/**/*.md"], { cwd: ROOT }),
  serverRoot: ROOT,
  markdown: true,
  directoryListing: true,
});

const broken = [...site.links, ...sources.links].filter(({ state }) => state === "BROKEN");
for (const { url, parent } of broken) process.stderr.write(`${parent}: nothing at ${url}\n`);
const count = [...site.links, ...sources.links].filter(({ state }) => state === "OK").length;
process.stdout.write(`${count} links lead somewhere, ${broken.length} lead nowhere.\n`);
process.exitCode = broken.length === 0 ? 0 : 1;
