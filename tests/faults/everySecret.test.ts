import { inspect } from "node:util";

import type { Fault } from "../../emulator";
import { actionsOfKind, isContentKind, isNotSentKind } from "../../emulator/faults/faultKinds";
import { downloadBackup } from "../../provider/vendor/actions/backups";
import { emulatedVendor } from "../emulatedVendor";
import { StackModel, type Program, type Run } from "../stackModel";
import { inVirtualTime } from "../virtualTime";
import { backupOrder, instanceUrn, order, type Bag } from "../provider/orders";
import { KINDS_IN_TABLE } from "./kindsInTable";
import { spellingsOf } from "./spellings";

const KEY_ID = "CANARY-access-key-id";
const KEY_SECRET = "CANARY-access-key-secret/+";
const PASSWORD = "CANARY pass/word%中";
const LIMITS = { __timeouts: { create: "100s", delete: "60s" } };
const READS = [
  ...["DescribeAvailableDBConfig", "DescribeDBInstances", "DescribeBackups", "DownloadBackup"],
];
const ORDER = "CreateDBInstance";
const WRITES = [ORDER, "DeleteDBInstance", "CreateBackup", "DeleteBackup"];

const IN_CONFIG = { password: undefined, passwordFrom: { config: "redis" } };

/** Every kind of fault at every action; of a read it is all one whether the vendor saw it. */
const CELLS = KINDS_IN_TABLE.flatMap((kind): Fault[] => [
  ...READS.map((action) => ({ kind, action, times: 9 })),
  ...WRITES.map((action) => ({ kind, action, times: 9, when: "before" as const })),
  ...WRITES.map((action) => ({ kind, action, times: 9, when: "after" as const })),
]).filter(isPossible);

function isPossible({ kind, action = "", when }: Fault): boolean {
  const isHit = actionsOfKind(kind).includes(action);
  return (
    isHit && !(isContentKind(kind) ? when === "before" : isNotSentKind(kind) && when === "after")
  );
}

/** Lives of a stack, one for each fault that an action can have, watched by somebody who collects all that is told. */
test.each([
  ["as an argument", {}, {}, CELLS],
  [
    "in the configuration",
    IN_CONFIG,
    { "shop:redis": PASSWORD },
    CELLS.filter(({ action }) => action === ORDER),
  ],
])(
  "with the password %s nothing secret is told, noted or logged, whatever goes wrong",
  async (_name, change, config, cells) => {
    let told: string[] = [];
    const found: string[] = [];
    let secretsSeen = 0;
    let takeOvers = 0;
    const collect = (...values: unknown[]): void => {
      for (const value of values)
        told.push(
          typeof value === "string" ? value : inspect(value, { depth: 9, showHidden: true }),
        );
    };
    for (const name of ["log", "error", "warn", "info", "debug"] as const)
      jest.spyOn(console, name).mockImplementation(collect);
    for (const fault of cells) {
      // Those of one life are looked for in what is told of it: no other life knows them.
      const secrets = new Set<string>([KEY_ID, KEY_SECRET, PASSWORD, "CANARY"]);
      told = [];
      await live(fault, change, config, collect, secrets);
      const text = told.join("\n");
      const spelt = [...secrets].flatMap((secret) => [
        ...spellingsOf(secret),
        encodeURIComponent(secret),
      ]);
      found.push(...spelt.filter((secret) => text.includes(secret)));
      secretsSeen += secrets.size;
      takeOvers += text.includes("took over") ? 1 : 0;
    }
    jest.restoreAllMocks();
    expect(found).toEqual([]);
    expect(secretsSeen).toBeGreaterThan(10 * cells.length);
    expect(takeOvers).toBeGreaterThan(0);
  },
  300_000,
);

async function live(
  fault: Fault,
  change: Bag,
  config: Readonly<Record<string, string>>,
  collect: (...values: unknown[]) => void,
  secrets: Set<string>,
): Promise<void> {
  const lines: string[] = [];
  const vendor = emulatedVendor({
    accessKeyId: KEY_ID,
    accessKeySecret: KEY_SECRET,
    ...{ deliverySeconds: 2, backupSeconds: 1, deleteSeconds: 1 },
    log: (line) => lines.push(line),
  });
  vendor.faults.add(fault);
  const handle = vendor.api.handle.bind(vendor.api);
  vendor.api.handle = (request) => {
    secrets.add(new URL(request.url, "http://vendor").searchParams.get("Signature") ?? "");
    const answer = handle(request);
    for (const [, token = ""] of answer.body.matchAll(/token=([^"&]+)/g)) secrets.add(token);
    return answer;
  };
  const host = (): ReturnType<typeof vendor.host> =>
    vendor.host({
      "cds:accessKeyId": KEY_ID,
      "cds:accessKeySecret": KEY_SECRET,
      ...config,
    });
  const cache = instanceUrn("cache");
  const backup = cache.replace("RedisInstance::cache", "RedisBackup::backup");
  const program: Program = [
    { urn: cache, args: () => order({ ...LIMITS, password: PASSWORD, ...change }) },
    {
      urn: backup,
      dependsOn: [cache],
      args: (idOf) => ({ ...backupOrder(idOf(cache), LIMITS), __urn: backup }),
    },
  ];
  const model = new StackModel(vendor.stack);
  const note = ({ failures }: Run): void => {
    // What the engine keeps of a partly made one is encrypted where it is marked secret.
    for (const { error } of failures)
      collect(
        { ...(error as object), properties: undefined },
        String(error),
        (error as Error).stack ?? "",
      );
  };
  await inVirtualTime(async () => {
    if (fault.action === "CreateDBInstance")
      vendor.killAt({ action: "DescribeDBInstances", call: 3, when: "after" }, () => {
        model.kill("cli");
      });
    note(await model.up(host(), program));
    note(await model.up(host(), program));
    const account = host().account();
    const [instanceId = "", backupId = ""] = (model.current(backup)?.id ?? "").split("/");
    await downloadBackup(account.client, instanceId, backupId).catch((error: unknown) => {
      collect(error, String(error), (error as Error).stack ?? "");
    });
    note(await model.refresh(host()));
    note(await model.destroy(host()));
  });
  collect(lines.join("\n"), vendor.reports, vendor.api.requests, vendor.faults.hits, model.said);
  collect([...vendor.stack.noted.values()]);
  // Of the state the engine encrypts these two.
  for (const { outputs } of model.held)
    collect(JSON.stringify({ ...outputs, password: "", connectionString: "" }));
}
