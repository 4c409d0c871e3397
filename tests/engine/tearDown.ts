import { rm } from "node:fs/promises";

import { INSTALLED } from "./setUp";

export default async function tearDown(): Promise<void> {
  const folder = process.env[INSTALLED];
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
