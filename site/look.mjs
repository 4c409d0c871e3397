// Takes pictures of the built site in light and dark, on a desk and on a phone, and searches in it.
// It fails when a page is wider than the phone, when a search finds nothing, or when a page complains.
import { accessSync, constants, globSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join } from "node:path";
import process from "node:process";
import { URL } from "node:url";

import { chromium } from "playwright-core";

import { BASE, ROOT } from "./repository.mjs";

const SITE = `${ROOT}/site/dist`;
const PICTURES = `${ROOT}/site/screenshots`;
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const DESK = { width: 1280, height: 1600 };
const PHONE = { width: 390, height: 2200 };
const PICTURED = {
  start: "",
  chinese: "zh/",
  tables: "compatibility.html#package-managers",
  figures: "performance.html#calls-and-how-late-created-is",
  drawing: "how-it-works.html",
  reference: "api/pulumi-cds-redis/interfaces/RedisInstanceArgs.html",
  class: "api/pulumi-cds-redis/classes/RedisInstance.html",
};
const SEARCHES = { "": "finalBackup", "zh/": "备份" };

const faults = [];
const server = createServer(serve).listen(0, "127.0.0.1");
const browser = await chromium.launch({ executablePath: installedChromium() });
mkdirSync(PICTURES, { recursive: true });

for (const colorScheme of ["light", "dark"])
  for (const [size, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
    const page = await newPage({ colorScheme, viewport });
    for (const [name, path] of Object.entries(PICTURED)) {
      await open(page, path);
      await page.screenshot({ path: `${PICTURES}/${name}-${size}-${colorScheme}.png` });
    }
  }

const desk = await newPage({ viewport: DESK });
for (const [path, words] of Object.entries(SEARCHES)) {
  await open(desk, path);
  await desk.click(".DocSearch-Button");
  await desk.fill(".search-input", words);
  await desk.waitForSelector(".results .result");
  await desk.screenshot({ path: `${PICTURES}/search-${words}.png` });
}

const phone = await newPage({ viewport: PHONE });
for (const path of globSync("**/*.html", { cwd: SITE }).filter((path) => path !== "404.html")) {
  await open(phone, path, "load");
  const wider = await phone.evaluate("document.documentElement.scrollWidth - innerWidth");
  if (wider > 0) faults.push(`${path} is ${wider} pixels wider than a phone`);
}

await browser.close();
server.close();
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function newPage(options) {
  const page = await browser.newPage(options);
  page.on("pageerror", (error) => faults.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${page.url()}: ${message.text()}`);
  });
  return page;
}

async function open(page, path, waitUntil = "networkidle") {
  // A fragment alone would not load the page anew.
  await page.goto("about:blank");
  await page.goto(`http://127.0.0.1:${server.address().port}${BASE}${path}`, {
    waitUntil,
  });
}

function serve({ url }, response) {
  const path = decodeURI(new URL(url, "http://localhost").pathname).slice(BASE.length);
  const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
  try {
    const content = readFileSync(`${SITE}/${file}`);
    const type = TYPES[extname(file)];
    response.writeHead(200, type === undefined ? {} : { "content-type": type }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}

function installedChromium() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium-headless-shell", "chromium", "google-chrome"];
  const found = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isProgram);
  if (found === undefined)
    throw new Error("There is no Chromium. On Debian: apt-get install chromium-headless-shell.");
  return found;
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
