// Takes pictures of the built site in light and dark, on a desk and on a phone, and searches in it.
// It fails when a page is wider than the phone, when a search finds nothing, or when a page complains.
import { Buffer } from "node:buffer";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import process from "node:process";
import { URL } from "node:url";

import { Browser, findChromium, HOW_TO_INSTALL_CHROMIUM } from "../tests/emulator/page/browser.ts";
import { BASE, ROOT } from "./repository.mjs";

const SITE = `${ROOT}/site/dist`;
const PICTURES = `${ROOT}/site/screenshots`;
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const SIZES = { desk: { width: 1280, height: 1600 }, phone: { width: 390, height: 2200 } };
const PICTURED = {
  start: "",
  chinese: "zh/",
  tables: "compatibility.html#package-managers",
  figures: "performance.html#calls-and-how-late-created-is",
  reference: "api/pulumi-cds-redis/interfaces/RedisInstanceArgs.html",
  class: "api/pulumi-cds-redis/classes/RedisInstance.html",
};
const SEARCHES = { "": "finalBackup", "zh/": "备份" };

const program = findChromium();
if (program === undefined) throw new Error(`There is no Chromium. ${HOW_TO_INSTALL_CHROMIUM}`);
mkdirSync(PICTURES, { recursive: true });
const server = createServer(serve).listen(0, "127.0.0.1");
const browser = await Browser.start(program);
const faults = [];

function serve({ url }, response) {
  const path = decodeURI(new URL(url, "http://localhost").pathname).slice(BASE.length);
  const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
  try {
    const content = readFileSync(`${SITE}/${file}`);
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

async function open(page, size, scheme) {
  await browser.send("Emulation.setDeviceMetricsOverride", {
    ...SIZES[size],
    deviceScaleFactor: 1,
    mobile: size === "phone",
  });
  await browser.send("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: scheme }],
  });
  await browser.open("about:blank");
  await browser.open(`http://127.0.0.1:${server.address().port}${BASE}${page}`);
  await browser.until("document.readyState === 'complete' && document.querySelector('#app h1')");
}

async function picture(name) {
  const { data } = await browser.send("Page.captureScreenshot");
  writeFileSync(`${PICTURES}/${name}.png`, Buffer.from(data, "base64"));
}

for (const [name, page] of Object.entries(PICTURED))
  for (const size of Object.keys(SIZES))
    for (const scheme of ["light", "dark"]) {
      await open(page, size, scheme);
      await picture(`${name}-${size}-${scheme}`);
    }

for (const [page, words] of Object.entries(SEARCHES)) {
  await open(page, "desk", "light");
  await browser.click(".VPNavBarSearchButton, .DocSearch-Button");
  await browser.until("document.querySelector('.search-input')");
  await browser.fill(".search-input", words);
  await browser.until("document.querySelector('.results .result')");
  await picture(`search-${words}`);
}

for (const page of globSync("**/*.html", { cwd: SITE }).filter((page) => page !== "404.html")) {
  await open(page, "phone", "light");
  const wider = await browser.value("document.documentElement.scrollWidth - innerWidth");
  if (wider > 0) faults.push(`${page} is ${wider} pixels wider than a phone`);
}

await browser.close();
faults.push(...browser.complaints);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exit(faults.length === 0 ? 0 : 1);
