import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../emulator";
import { formatTimestamp, signedQuery } from "../../provider/vendor/signer";
import { ORDER } from "./virtualEmulator";

const PASSWORD = "canary-password-1";
const SECRET = "canary-access-key-secret";
const KEY_ID = "canary-access-key-id";

test("no password, key, signature, nonce or download token is kept or logged, whatever is asked", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cds-redis-emulator-"));
  const stateFile = join(folder, "state.json");
  const lines: string[] = [];
  const canaries = [PASSWORD, SECRET, KEY_ID];
  const answers: string[] = [];
  const emulator = await startEmulator({
    accessKeyId: KEY_ID,
    accessKeySecret: SECRET,
    deliverySeconds: 0,
    stateFile,
    log: (line) => lines.push(line),
  });
  let count = 0;
  const call = async (
    action: string,
    method: "GET" | "POST",
    params: Record<string, string>,
    body?: string,
    change: (query: URLSearchParams) => void = () => undefined,
  ): Promise<string> => {
    count += 1;
    const nonce = `canary-nonce-${count}`;
    const timestamp = formatTimestamp(Date.now());
    const query = new URLSearchParams(
      signedQuery({ action, method, params, nonce, timestamp }, emulator.api.credentials),
    );
    canaries.push(nonce, query.get("Signature") ?? "");
    change(query);
    const url = `${emulator.url}/redis/?${query.toString()}`;
    const answer = await fetch(url, { method, ...(body === undefined ? {} : { body }) });
    const text = await answer.text();
    answers.push(text);
    return text;
  };
  try {
    await call("CreateDBInstance", "POST", {}, JSON.stringify(ORDER));
    await call("CreateDBInstance", "POST", {}, JSON.stringify({ ...ORDER, PaasGoodsId: PASSWORD }));
    await call("CreateDBInstance", "POST", {}, JSON.stringify({ ...ORDER, Amount: 9 }));
    await call("CreateDBInstance", "POST", {}, `{"Password":"${PASSWORD}"`);
    await call("CreateDBInstance", "GET", { Password: PASSWORD });
    await call("DescribeDBInstances", "GET", { Password: PASSWORD });
    await call("DescribeRegins", "GET", {}, undefined, (query) => {
      query.set("Version", SECRET);
    });
    await call("DescribeRegins", "GET", {}, undefined, (query) => {
      query.set("AccessKeyId", SECRET);
    });
    await call("DescribeRegins", "GET", {}, undefined, (query) => {
      query.append("Signature", SECRET);
    });
    const InstanceUuid = emulator.store.instances()[0]?.instanceUuid ?? "";
    await call("CreateBackup", "POST", {}, JSON.stringify({ InstanceUuid, Desc: "kept" }));
    const BackupId = emulator.store.backups()[0]?.backupId ?? "";
    const download = JSON.parse(
      await call("DownloadBackup", "GET", { InstanceUuid, BackupId }),
    ) as { Data: Record<string, string> };
    answers.pop();
    const url = download.Data["BackupDownloadUrl"] ?? "";
    canaries.push(new URL(url).searchParams.get("token") ?? "");
    await (await fetch(url)).arrayBuffer();
    await (await fetch(`${url}x`)).text();
    await call("DeleteDBInstance", "POST", {}, JSON.stringify({ InstanceUuid }));
    const kept = [
      lines.join("\n"),
      readFileSync(stateFile, "utf8"),
      JSON.stringify(emulator.requests),
      JSON.stringify([emulator.store.instances(), emulator.store.backups()]),
      answers.join("\n"),
    ];
    expect(canaries.length).toBeGreaterThan(20);
    expect(kept.filter((text) => text === "")).toEqual([]);
    for (const text of kept) {
      for (const canary of canaries) expect(text).not.toContain(canary);
    }
    expect(lines.join("\n")).toContain("Desc=kept");
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
