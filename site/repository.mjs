// Where this repository is: on this machine, and in public.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { URL, fileURLToPath } from "node:url";

/** The folder of the repository on this machine. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

export const { description, homepage, repository } = JSON.parse(
  readFileSync(`${ROOT}/package.json`, "utf8"),
);

/** The address of the repository in a browser, from the field `repository` of package.json. */
export const REPOSITORY_URL = repository.url.replace(/^git\+|\.git$/g, "");

/** The path of the site at its host: that of the field `homepage`, unless it is the repository's. */
export const BASE = homepage?.startsWith("https://github.com/")
  ? "/"
  : new URL(homepage ?? "/", "https://localhost").pathname;
