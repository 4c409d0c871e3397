import { startEmulator, type Emulator } from "../../../emulator";
import { formatTimestamp, signedQuery } from "../../../provider/vendor/signer";
import { CLUSTER, ORDER } from "../virtualEmulator";
import { Browser, findChromium, HOW_TO_INSTALL_CHROMIUM } from "./browser";

const program = findChromium();
const describeInBrowser = program === undefined ? describe.skip : describe;
const remark =
  program === undefined ? ` (skipped: it needs Chromium. ${HOW_TO_INSTALL_CHROMIUM})` : "";
const HOSTILE = `<img src=x onerror="document.title='owned'">`;
const KEY_ID = "canary-access-key-id";
const SECRET = "canary-access-key-secret";

let emulator: Emulator;
let browser: Browser;
let nonce = 0;

async function call(
  action: string,
  method: "GET" | "POST",
  params: Record<string, string>,
  body?: object,
): Promise<{ signature: string; data: Record<string, string> }> {
  nonce += 1;
  const query = signedQuery(
    {
      action,
      method,
      params,
      nonce: `canary-nonce-${nonce}`,
      timestamp: formatTimestamp(Date.now()),
    },
    emulator.api.credentials,
  );
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await fetch(`${emulator.url}/redis/?${query}`, init);
  const { Data } = (await answer.json()) as { Data: Record<string, string> };
  return { signature: new URLSearchParams(query).get("Signature") ?? "", data: Data };
}

function order(change: Partial<typeof ORDER> = {}): string {
  const { store } = emulator;
  const { InstanceName, PaasGoodsId } = { ...ORDER, ...change };
  const ordered = {
    ...{ instanceName: InstanceName, regionId: "CN_Hongkong_A", displayName: "", vdcId: "vdc-1" },
    ...{ vdcName: "hongkong", basePipeId: "pipe-1", paasGoodsId: PaasGoodsId, ramGb: 1 },
    ...{ version: "5.0", subProductName: "Redis 集群版", isCluster: PaasGoodsId === CLUSTER },
    ...{ linkType: "default_link", linkName: "默认链路", port: 9736 },
  };
  return store.createInstances(ordered, 1)[0] ?? "";
}

const row = (name: string): string =>
  `[...document.querySelectorAll("#instances tbody tr")].find((row) => row.querySelector(".name").textContent === ${JSON.stringify(name)})`;

describeInBrowser(`the page in a browser${remark}`, () => {
  beforeEach(async () => {
    emulator = await startEmulator({
      accessKeyId: KEY_ID,
      accessKeySecret: SECRET,
      deliverySeconds: 600,
      backupSeconds: 0,
    });
    browser = await Browser.start(program ?? "");
  });
  afterEach(async () => {
    await emulator.close();
    await browser.close();
  });

  test("shows instances, backups, faults and calls as they come, without a reload", async () => {
    await browser.open(emulator.pageUrl);
    await browser.until(`document.querySelector("#connection").textContent === "Live"`);
    expect(await browser.text()).toContain("No instance yet.");
    const id = order({ InstanceName: "cache-1", PaasGoodsId: CLUSTER });
    await browser.until(row("cache-1"));
    // Ten minutes of delivery have begun.
    await browser.until(`/\\d % · \\d+ s left/.test(${row("cache-1")}.innerText)`);
    expect(await browser.value(`${row("cache-1")}.querySelector("progress").value < 0.1`)).toBe(
      true,
    );
    emulator.store.changeInstance(id, { status: "RUNNING" });
    await browser.until(`${row("cache-1")}.querySelector(".badge").textContent === "RUNNING"`);
    emulator.store.createBackup(id, "nightly");
    await browser.until(`document.querySelectorAll("#backups tbody tr").length === 2`);
    expect(await browser.value(`document.querySelector("#backups").innerText`)).toContain(
      "nightly",
    );
    emulator.faults.add({ kind: "http-502", action: "DescribeRegins" });
    await browser.until(`document.querySelector("#faults").innerText.includes("http-502")`);
    await fetch(`${emulator.url}/redis/?Action=DescribeRegins`);
    await browser.until(`document.querySelector("#calls").innerText.includes("DescribeRegins")`);
    expect(await browser.value(`document.querySelector("#calls").innerText`)).toMatch(
      /502.*fault http-502/s,
    );
    await browser.until(`document.querySelector("#fault-count").textContent === "0"`);
    expect(await browser.value(`document.querySelector("#rate").textContent`)).toBe("1");
    expect(browser.complaints).toEqual([]);
  });

  test("changes, fails, repairs and removes an instance, and adds and clears faults", async () => {
    const id = order();
    emulator.store.createBackup(id, "");
    await browser.open(`${emulator.pageUrl}?lang=en`);
    await browser.until(row("cache"));
    const instance = (): unknown => emulator.store.findInstance(id);
    await browser.click("[data-does=fail]");
    await browser.until(`document.querySelector("[data-does=repair]")`);
    expect(instance()).toMatchObject({ status: "ERROR" });
    await browser.click("[data-does=repair]");
    await browser.until(`document.querySelector("[data-does=fail]")`);
    expect(instance()).toMatchObject({ status: "RUNNING" });

    await browser.click("[data-does=change]");
    await browser.fill("#change [name=ramGb]", "many");
    await browser.click("#change .main");
    await browser.until(`document.querySelector("#change .error").textContent.includes("ramGb")`);
    await browser.fill("#change [name=ramGb]", "8");
    await browser.fill("#change [name=instanceName]", "renamed");
    await browser.click("#change .main");
    await browser.until(`${row("renamed")}.innerText.includes("8 GB")`);
    expect(instance()).toMatchObject({ instanceName: "renamed", ramGb: 8, port: 9736 });

    await browser.click("#add-fault summary");
    await browser.value(`(() => {
      const { kind } = document.querySelector("#fault-form").elements;
      kind.value = "lagging-list";
      kind.onchange();
    })()`);
    await browser.fill("#fault-form [name=times]", "always");
    await browser.fill("#fault-form [name=seconds]", "999");
    await browser.click("#fault-form .main");
    await browser.until(`document.querySelector("#fault-form .error").textContent.includes("600")`);
    expect(emulator.faults.faults).toEqual([]);
    await browser.fill("#fault-form [name=seconds]", "30");
    await browser.click("#fault-form .main");
    await browser.until(`document.querySelector("#faults").innerText.includes("lagging-list")`);
    expect(emulator.faults.faults).toMatchObject([
      { kind: "lagging-list", times: "always", seconds: 30 },
    ]);
    await browser.click("#clear-faults");
    await browser.until(`document.querySelector("#faults").hidden`);
    expect(emulator.faults.faults).toEqual([]);

    await browser.click("#instances [data-does=remove]");
    expect(await browser.value(`document.querySelector("#remove").innerText`)).toContain(
      "its 1 backup entries",
    );
    await browser.click("#remove .danger");
    await browser.until(`document.querySelector("#instances").hidden`);
    expect([emulator.store.instances(), emulator.store.backups()]).toEqual([[], []]);
    expect(browser.complaints.filter((text) => !text.includes("status of 400"))).toEqual([]);
  });

  test("shows text of the API as text, in every place, and runs nothing of it", async () => {
    const id = order({ InstanceName: HOSTILE });
    emulator.store.changeInstance(id, { status: HOSTILE, version: HOSTILE });
    emulator.store.createBackup(id, HOSTILE);
    await call("DescribeDBInstances", "GET", { InstanceName: HOSTILE });
    await fetch(`${emulator.url}/redis/?Action=${encodeURIComponent(HOSTILE)}`);
    emulator.faults.add({ kind: "hidden-entries", id: HOSTILE });
    await browser.open(emulator.pageUrl);
    await browser.until(`document.querySelectorAll("#calls tbody tr").length === 2`);
    await browser.click("[data-does=change]");
    expect(await browser.value(`document.querySelector("#change .what").textContent`)).toBe(
      HOSTILE,
    );
    expect(await browser.value(row(HOSTILE) + " !== undefined")).toBe(true);
    expect(await browser.value("document.querySelectorAll('img').length")).toBe(0);
    expect(await browser.value("document.title")).toBe("CDS Redis emulator");
    // Even if it were HTML, the policy would not run it.
    await browser.value(
      `document.body.insertAdjacentHTML("beforeend", ${JSON.stringify(HOSTILE)})`,
    );
    await browser.until(`document.querySelector("img").complete`);
    expect(await browser.value("document.title")).toBe("CDS Redis emulator");
  });

  test("has Chinese labels, and says when the emulator is gone", async () => {
    order();
    await browser.open(`${emulator.pageUrl}?lang=zh`);
    await browser.until(`document.querySelector("#connection").textContent === "已连接"`);
    expect(await browser.text()).toMatch(/实例[^]*创建中[^]*还没有备份/);
    await browser.click("#language");
    expect(await browser.text()).toMatch(/Instances[^]*CREATING[^]*No backup yet/);
    await emulator.close();
    await browser.until(
      `document.querySelector("#connection").textContent.startsWith("Not connected")`,
    );
  });

  test("holds no password, key, signature, nonce or download token", async () => {
    const canaries = [KEY_ID, SECRET, ORDER.Password, "canary-nonce"];
    canaries.push((await call("CreateDBInstance", "POST", {}, ORDER)).signature);
    const wrong = { ...ORDER, PaasGoodsId: ORDER.Password };
    canaries.push((await call("CreateDBInstance", "POST", {}, wrong)).signature);
    emulator.faults.add({ kind: "echo-plain", action: "CreateDBInstance" });
    canaries.push((await call("CreateDBInstance", "POST", {}, ORDER)).signature);
    const InstanceUuid = emulator.store.instances()[0]?.instanceUuid ?? "";
    emulator.store.changeInstance(InstanceUuid, { status: "RUNNING" });
    const [BackupId = ""] = emulator.store.createBackup(InstanceUuid, "kept");
    const { data } = await call("DownloadBackup", "GET", { InstanceUuid, BackupId });
    const download = new URL(data["BackupDownloadUrl"] ?? "");
    canaries.push(download.searchParams.get("token") ?? "");
    await (await fetch(download)).arrayBuffer();
    await browser.open(emulator.pageUrl);
    await browser.until(`document.querySelectorAll("#calls tbody tr").length === 5`);
    const shown = await browser.value("document.documentElement.outerHTML + JSON.stringify(view)");
    expect(shown).toContain("kept");
    for (const canary of canaries) {
      expect(canary).not.toBe("");
      expect(shown).not.toContain(canary);
    }
  });
});
