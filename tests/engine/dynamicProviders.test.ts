import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import {
  areAlive,
  endLeftOver,
  hostsAmong,
  interrupt,
  startedBy,
  until,
  type Interruption,
} from "./interruption";
import { PulumiProject, type CommandResult, type Files } from "./pulumiProject";

// What docs/dynamic-providers.md says, chapter by chapter: first the trap, then the way.

jest.setTimeout(240_000);

const root = resolve(__dirname, "../..");
const programs = join(root, "examples/dynamic-providers");
const UP = ["up", "--yes", "--skip-preview"];
const KEPT = "It is kept: run `pulumi up` again to wait on";
const TAKEN = "the vendor refuses the order: the name orders is taken";
const CLEAR = ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"];
const SLOW = { TOY_DELIVERY_MS: "4000" };

const tours: Tour[] = [];

afterAll(async () => {
  for (const tour of tours) await tour.project.remove();
});

interface ToyDatabase {
  readonly id: string;
  readonly name: string;
  readonly sizeGb: number;
  readonly address: string;
  readonly readyAt: number;
}

/** A copy of the programs with a stack and a vendor of its own. */
class Tour {
  readonly project: PulumiProject;
  readonly vendor: string;

  private constructor(project: PulumiProject) {
    this.project = project;
    this.vendor = join(project.folder, ".vendor");
  }

  static async begin(): Promise<Tour> {
    const tour = new Tour(await PulumiProject.make(programs));
    tours.push(tour);
    await mkdir(tour.vendor);
    await tour.up("01-naive", ["stack", "init", "dev"]);
    const settings = ["--secret", "password=a-fake-password", "--secret", "apiKey=fake-key-1"];
    await tour.up("01-naive", ["config", "set-all", ...settings]);
    return tour;
  }

  get #environment(): Files {
    return {
      PULUMI_STACK: "dev",
      PULUMI_EXPERIMENTAL: "true",
      TOY_VENDOR: this.vendor,
      TOY_API_KEY: "fake-api-key",
    };
  }

  run(chapter: string, args: readonly string[], more: Files = {}): Promise<CommandResult> {
    const environment = { ...this.#environment, ...more };
    return this.project.start("pulumi", ["-C", chapter, ...args], environment);
  }

  /** Runs a command that succeeds. Default: `pulumi up`. */
  async up(chapter: string, args: readonly string[] = UP, more: Files = {}): Promise<string> {
    const { code, output } = await this.run(chapter, args, more);
    if (code !== 0) throw new Error(`${chapter}, ${args.join(" ")}:\n${output}`);
    return output;
  }

  /** Runs a command that fails. Default: `pulumi up`. */
  async fail(chapter: string, args: readonly string[] = UP, more: Files = {}): Promise<string> {
    const { code, output } = await this.run(chapter, args, more);
    if (code === 0) throw new Error(`${chapter}, ${args.join(" ")} succeeded:\n${output}`);
    return output;
  }

  /** Runs a task while a file is another. */
  async instead<T>(
    file: string,
    change: readonly [string, string] | string,
    task: () => Promise<T>,
  ): Promise<T> {
    const text = await this.project.read(file);
    const changed = typeof change === "string" ? change : text.replace(...change);
    if (changed === text) throw new Error(`${file} stays as it is`);
    await this.project.write(file, changed);
    try {
      return await task();
    } finally {
      await this.project.write(file, text);
    }
  }

  /** Runs a task while a chapter still has the provider of the one before. */
  before<T>(chapter: string, earlier: string, task: () => Promise<T>): Promise<T> {
    const text = `module.exports = require("../${earlier}/provider.js");\n`;
    return this.instead(`${chapter}/provider.js`, text, task);
  }

  /** Interrupts `pulumi up` once the vendor has an order. */
  async interrupt(chapter: string, how: Interruption): Promise<string> {
    const { home } = this.project;
    const launch: PulumiProject["launch"] = (command, args, environment, detached) =>
      this.project.launch(
        command,
        args,
        { ...this.#environment, ...SLOW, ...environment },
        detached,
      );
    let hasOrder = false;
    const looking = until("the vendor has an order", async () => (await this.files("json")) > 0);
    void looking.then(() => (hasOrder = true));
    const { output } = await interrupt(
      { home, launch },
      how,
      () => hasOrder,
      ...["-C", chapter, ...UP],
    );
    await looking;
    return output;
  }

  /** Kills the CLI while a create waits. Returns whether the provider's process stayed behind. */
  async orphans(chapter: string): Promise<boolean> {
    const environment = { ...this.#environment, ...SLOW };
    const command = this.project.launch("pulumi", ["-C", chapter, ...UP], environment, true);
    await until("the vendor has an order", async () => (await this.files("json")) > 0);
    const started = await startedBy(command.pid);
    const hosts = hostsAmong(started);
    process.kill(command.pid, "SIGKILL");
    // A host that stays behind holds the pipes of the command, too.
    await until("the create is over", async () => (await this.#ages()) > 6_000);
    const isBehind = await areAlive(hosts);
    await endLeftOver(started);
    return isBehind;
  }

  /** How many milliseconds ago the vendor's only order was sent. */
  async #ages(): Promise<number> {
    const [database] = await this.databases();
    return Date.now() - ((database?.readyAt ?? Infinity) - Number(SLOW.TOY_DELIVERY_MS));
  }

  async state(): Promise<string> {
    return this.up("01-naive", ["stack", "export"]);
  }

  /** Counts the vendor's files that end so. */
  async files(ending: string): Promise<number> {
    const names = await readdir(this.vendor);
    return names.filter((name) => name.endsWith(`.${ending}`)).length;
  }

  async databases(): Promise<ToyDatabase[]> {
    const names = (await readdir(this.vendor)).filter((name) => name.endsWith(".json"));
    return Promise.all(
      names.map(async (name) => {
        const text = await readFile(join(this.vendor, name), "utf8");
        return JSON.parse(text) as ToyDatabase;
      }),
    );
  }

  async setDatabase(database: ToyDatabase): Promise<void> {
    await writeFile(join(this.vendor, `${database.id}.json`), JSON.stringify(database));
  }

  async forget(): Promise<void> {
    for (const { id } of await this.databases()) await rm(join(this.vendor, `${id}.json`));
  }
}

test.concurrent(
  "01, 02: a closure is long, keeps secrets and changes; the constant line does not",
  async () => {
    const tour = await Tour.begin();
    await tour.up("01-naive");
    const naive = await tour.state();
    expect(naive).toContain('apiKey: \\"fake-api-key\\"');
    expect(provided(naive).length).toBeGreaterThan(3_000);

    const upgrade = ["async delete(id) {", "async delete(id) { // upgraded"] as const;
    const lost = await tour.instead("01-naive/index.js", upgrade, () =>
      tour.up("01-naive", [...UP, "--diff"]),
    );
    expect(lost).toMatch(/~ __provider/);
    expect(lost).toMatch(/- address: "orders.toy.example"/);

    const builtIn = ["const timers = ", "const { setTimeout: sleep } = "] as const;
    const use = ["timers.setTimeout(50)", "sleep(50)"] as const;
    const refused = await tour.instead("01-naive/index.js", builtIn, () =>
      tour.instead("01-naive/index.js", use, () => tour.fail("01-naive", ["preview"])),
    );
    expect(refused).toContain("a native code function");

    await tour.up("02-constant-line");
    const constant = await tour.state();
    expect(constant).not.toContain("fake-api-key");
    expect(provided(constant).length).toBeLessThan(100);
    expect(constant).toContain('"address": "orders.toy.example"');
    const edit = ["/** The life of", "/** All the life of"] as const;
    await tour.instead("02-constant-line/provider.js", edit, () =>
      tour.up("02-constant-line", ["preview", "--expect-no-changes"]),
    );
  },
);

test.concurrent("03, 04: a time limit holds, and what is not ready in time is kept", async () => {
  const tour = await Tour.begin();
  const limit = [...UP, "--config", "limit=1s"];
  await tour.before("03-hidden-inputs", "02-constant-line", () =>
    tour.up("03-hidden-inputs", limit, { TOY_DELIVERY_MS: "1500" }),
  );
  await tour.up("03-hidden-inputs", ["destroy", "--yes", "--skip-preview"]);

  const late = await tour.fail("03-hidden-inputs", limit, SLOW);
  expect(late).toMatch(/waiting for db-\w+, 1s at most/);
  expect(late).toMatch(/db-\w+ was not ready within 1s\n/);
  expect(await tour.fail("03-hidden-inputs")).toContain(TAKEN);
  await tour.forget();

  const incomplete = ["properties: inputs", "properties: { name: inputs.name }"] as const;
  await tour.instead("04-partly-made/provider.js", incomplete, async () => {
    expect(await tour.fail("04-partly-made", limit, SLOW)).toContain(KEPT);
    expect(await tour.state()).toContain(KEPT);
    expect(await tour.fail("04-partly-made", ["destroy", "--yes", "--skip-preview"])).toContain(
      "code must be a string, not undefined",
    );
  });
  const [database] = await tour.databases();
  if (database === undefined) throw new Error("the vendor has no database");
  await tour.setDatabase({ ...database, readyAt: Date.now() + 600_000 });
  const again = await tour.fail("04-partly-made", limit);
  expect(again).toContain("**updating failed**");
  expect(again).toContain(KEPT);
  await tour.setDatabase({ ...database, readyAt: 0 });
  expect(await tour.up("04-partly-made")).toMatch(/~ 1 updated/);
  expect(await tour.files("json")).toBe(1);
});

test.concurrent("05: the option import takes a database over, or says why not", async () => {
  const tour = await Tour.begin();
  await tour.setDatabase({
    id: "db-0a1b",
    name: "orders",
    sizeGb: 4,
    address: "old.toy.example",
    readyAt: 0,
  });
  const imported = [...UP, "--config", "import=db-0a1b"];
  await tour.instead(
    "05-import/index.js",
    ["./database.js", "../03-hidden-inputs/database.js"],
    () => tour.fail("05-import", imported),
  );
  expect(await tour.fail("05-import", imported)).toContain("import: sizeGb of db-0a1b is 4");
  await tour.up("05-import", [...imported, "--config", "sizeGb=4"]);
  await tour.up("05-import", ["config", "rm", "import"]);
  await tour.up("05-import", ["preview", "--expect-no-changes"]);
  // The trap of chapter 06.
  const state = await tour.state();
  expect(state).toContain("toy://:a-fake-password@old.toy.example");
});

test.concurrent(
  "06, 07: secrets are hidden, and previews do not refuse what is not known",
  async () => {
    const tour = await Tour.begin();
    const named = ['property: ""', "property: name"] as const;
    const plain = ['config.requireSecret("password")', '"too-short"'] as const;
    const short = (): Promise<string> => tour.fail("06-secrets", ["preview"]);
    await tour.instead("06-secrets/index.js", plain, async () => {
      const classes = ["./database.js", "../05-import/database.js"] as const;
      const shown = await tour.instead("06-secrets/index.js", classes, () =>
        tour.instead("06-secrets/provider.js", named, short),
      );
      expect(shown).toContain("property password value {too-short} has a problem");
      expect(await short()).toContain("problem: password: give at least 12 characters");
    });

    const refused = await tour.before("07-previews", "06-secrets", () =>
      tour.fail("07-previews", ["preview"]),
    );
    expect(refused).toContain("resource 'copy' has a problem: sizeGb: give a whole number");

    const save = ["preview", "--save-plan", "../plan.json"];
    const follow = [...UP, "--plan", "../plan.json"];
    const random = ["isPreview ? UNKNOWN : ", ""] as const;
    const violated = await tour.instead("07-previews/provider.js", random, async () => {
      await tour.up("07-previews", save);
      return tour.fail("07-previews", follow);
    });
    expect(violated).toMatch(/violates plan: properties changed: \+\+name/);
    await tour.up("07-previews", save);
    await tour.up("07-previews", follow);
    const state = await tour.state();
    expect(state).not.toContain("a-fake-password");
    expect(state).not.toContain("__preview");
    // A made name is another one for a replacement, so that the old database can go last.
    const verbose = [...UP, "--config", "sizeGb=2", "--logtostderr", "-v=9"];
    const replaced = await tour.up("08-replacements", verbose);
    expect(replaced).toMatch(/orders created replacement.*orders deleting original/s);
    // The log of the engine keeps no secret.
    expect(replaced).toContain("a-fake-password");
  },
);

test.concurrent("08: a replacement deletes first, and as the program wants it now", async () => {
  const tour = await Tour.begin();
  const chapter = "08-replacements";
  const up = (...settings: string[]): string[] => [
    ...UP,
    ...settings.flatMap((setting) => ["--config", setting]),
  ];
  await tour.before(chapter, "07-previews", async () => {
    await tour.up(chapter, up("name=orders"));
    expect(await tour.up(chapter, up("sizeGb=2"))).toMatch(/~ 1 updated/);
  });
  expect(await tour.databases()).toMatchObject([{ sizeGb: 1 }]);

  const provider = `${chapter}/provider.js`;
  const last = ["deleteBeforeReplace: !news.__hasMadeName", "deleteBeforeReplace: false"] as const;
  expect(await tour.instead(provider, last, () => tour.fail(chapter))).toContain(TAKEN);

  expect(await tour.up(chapter, up("archive=true"))).toMatch(/\+-1 replaced/);
  expect(await tour.databases()).toMatchObject([{ sizeGb: 2 }]);
  expect(await tour.files("archive")).toBe(1);

  // Without the memory of `check`, the old state decides, which still wants an archive.
  await tour.instead(provider, ["this.wanted.get(olds.__urn) ?? olds", "olds"], () =>
    tour.up(chapter, up("sizeGb=3", "archive=false")),
  );
  expect(await tour.files("archive")).toBe(2);

  // `--replace` calls no `diff`.
  await tour.up(chapter, ["config", "rm", "name"]);
  await tour.up(chapter);
  const again = [...up("archive=true"), "--target-replace", "**::orders"];
  expect(await tour.up(chapter, again)).toMatch(/\+-1 replaced/);
  expect(await tour.files("archive")).toBe(3);
});

test.concurrent(
  "09: refresh finds what changed and what is gone, and a lookup of nothing fails",
  async () => {
    const tour = await Tour.begin();
    const chapter = "09-refresh";
    const refresh = ["refresh", "--yes", "--skip-preview", "--diff"];
    await tour.up(chapter);
    const [database] = await tour.databases();
    if (database === undefined) throw new Error("the vendor has no database");
    await tour.forget();
    const blind = await tour.before(chapter, "08-replacements", () => tour.up(chapter, refresh));
    expect(blind).toContain("2 unchanged");
    await tour.setDatabase({ ...database, sizeGb: 8 });
    expect(await tour.up(chapter, refresh)).toContain("~ sizeGb          : 1 => 8");
    await tour.forget();
    expect(await tour.up(chapter, refresh)).toContain("- 1 deleted");

    // After a refresh the engine no longer knows what chapter 4 kept, and the status does.
    const limit = ["--config", "limit=1s"];
    expect(await tour.fail("04-partly-made", [...UP, ...limit], SLOW)).toContain(KEPT);
    const [late] = await tour.databases();
    if (late === undefined) throw new Error("the vendor has no database");
    await tour.setDatabase({ ...late, readyAt: Date.now() + 600_000 });
    await tour.up(chapter, refresh);
    await tour.setDatabase({ ...late, readyAt: 0 });
    expect(await tour.up(chapter, UP)).toMatch(/~ 1 updated/);
    await tour.forget();
    expect(await tour.up(chapter, refresh)).toContain("- 1 deleted");

    const lookup = [...UP, "--config", "lookup=db-none"];
    const silent = ["if (props.name === undefined) throw", "if (false) throw"] as const;
    const empty = await tour.instead(`${chapter}/provider.js`, silent, () =>
      tour.up(chapter, lookup),
    );
    expect(empty).toContain("Undefined value (found) will not show as a stack output");
    expect(await tour.fail(chapter, lookup)).toContain("the vendor has no database db-none");
  },
);

test.concurrent(
  "10, 13: a mended key does not help destroy, and a plugin takes the stack over",
  async () => {
    const tour = await Tour.begin();
    const chapter = "10-configuration";
    const twice = "new Database('two', { name: 'two', sizeGb: 1, password: 'a-fake-password' });\n";
    const slow = [
      "  configure({ config }) {\n",
      "  async configure({ config }) {\n    await new Promise((go) => setTimeout(go, 500));\n",
    ] as const;
    const destroy = ["destroy", "--yes", "--skip-preview"];
    await tour.instead(`${chapter}/index.js`, ["exports.", `${twice}exports.`], () =>
      tour.up(chapter),
    );
    const unset = await tour.instead(`${chapter}/provider.js`, slow, () =>
      tour.fail(chapter, destroy),
    );
    expect(unset).toContain("Cannot read properties of undefined (reading 'get')");

    await tour.up(chapter);
    expect(await tour.state()).not.toContain("fake-key-1");
    await writeFile(join(tour.vendor, "api-key"), "fake-key-2");
    await tour.up(chapter, ["config", "set", "--secret", "apiKey", "fake-key-2"]);
    expect(await tour.fail(chapter, destroy)).toContain(
      "the vendor refuses the API key. `refresh`",
    );

    expect(await tour.up("13-two-faces")).toMatch(/unchanged/);
    expect(await tour.state()).toContain('"type": "toy:index:Database"');
    await tour.up("13-two-faces", destroy);
    expect(await tour.databases()).toEqual([]);
    expect(await tour.interrupt("13-two-faces", "Ctrl-C")).toContain(
      `was being waited for. ${KEPT}`,
    );
    await until("it is ready", async () => (await tour.databases()).every(isReady));
    expect(await tour.up("13-two-faces")).toMatch(/~ 1 updated/);
  },
);

test.concurrent(
  "11: a killed run leaves no process, and the next one takes over its order",
  async () => {
    const tour = await Tour.begin();
    expect(await tour.orphans("10-configuration")).toBe(true);
    await tour.up("10-configuration", ["cancel", "--yes"]);
    expect(await tour.fail("10-configuration")).toContain(TAKEN);
    // Without a mark it may be anybody's.
    expect(await tour.fail("11-interruptions")).toContain(TAKEN);
    await tour.forget();

    await tour.interrupt("11-interruptions", "kill -9 of the CLI");
    const [ordered] = await tour.databases();
    await tour.up("11-interruptions", ["cancel", "--yes"]);
    expect(await tour.up("11-interruptions")).toContain(
      `taking over ${ordered?.id ?? ""} of an interrupted run`,
    );
    expect(await tour.databases()).toHaveLength(1);
    expect(await tour.state()).toContain("pending_operations");
    await tour.up("11-interruptions", CLEAR);
    expect(await tour.state()).not.toContain("pending_operations");
  },
);

test.concurrent("11: a dynamic provider goes on to the end after Ctrl-C", async () => {
  const tour = await Tour.begin();
  const output = await tour.interrupt("11-interruptions", "Ctrl-C");
  expect(output).toContain("error: update canceled");
  expect(output).toMatch(/Database orders created \([3-9]s\)/);
});

test.concurrent("12: the unit tests pass", async () => {
  const { project } = await Tour.begin();
  const files = ["12-unit-tests/database.test.js", "12-unit-tests/provider.test.js"];
  expect(await project.start("node", ["--test", ...files])).toMatchObject({ code: 0 });
});

test("the page quotes the programs, and what the engine printed", async () => {
  const page = await readFile(join(root, "docs/dynamic-providers.md"), "utf8");
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const printed = tours.map(({ project }) => project.printed).join("\n");
  const spaceless = (text: string): string => text.replace(/\s+/g, " ").trim();
  for (const [, language, text = ""] of blocks) {
    if (language === "js") {
      const [, file = "", code = ""] = /^\/\/ (\S+)\n(.*)$/s.exec(text) ?? [];
      const program = spaceless(await readFile(join(programs, file), "utf8"));
      for (const part of code.split(/^ *\/\/ …$/m)) expect(program).toContain(spaceless(part));
    } else if (language === "text") {
      const all = printed.split("\n").map((line) => general(spaceless(line)));
      for (const line of text.split("\n").map(spaceless))
        if (!all.some((one) => matches(one, line))) throw new Error(`nothing printed: ${line}`);
    }
  }
  expect(blocks.filter(([, language]) => language === "js").length).toBeGreaterThan(10);
  expect(page.split("\n").length).toBeLessThan(475);
});

function provided(state: string): string {
  return /"__provider": "(.*)",?$/m.exec(state)?.[1] ?? "";
}

function isReady({ readyAt }: ToyDatabase): boolean {
  return Date.now() > readyAt;
}

/** The line without what differs from run to run. */
function general(line: string): string {
  return line.replace(/db-[0-9a-f]{6,8}\b/g, "db-*").replace(/\(\d[\d.]*s\)/g, "(*)");
}

/** Whether a line was printed: `…` on the page stands for any text. */
function matches(printed: string, line: string): boolean {
  const parts = general(line).split("…");
  return parts.length === 1
    ? printed === parts[0]
    : parts.every((part) => printed.includes(part)) && printed.startsWith(parts[0] ?? "");
}
