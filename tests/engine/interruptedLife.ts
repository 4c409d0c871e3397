import { DYNAMIC } from "./facePrograms";
import type { Interruption } from "./interruption";
import { InterruptedStack, UP, type FaceProgram } from "./interruptedStack";

const PENDING = "pending operations from previous deployment";
/** The engine warns of a language host that comes from PATH. */
const AMBIENT_HOST = /warning: using pulumi-language-\S+ from \$PATH/g;
const CLEAR = ["refresh", "--clear-pending-creates", "--yes", "--skip-preview"];

/** Whether the engine lost sight of a create that was under way. */
function losesCreate(how: Interruption): boolean {
  return how !== "Ctrl-C";
}

/** Whether the engine's record shows what was under way: it forgets it when the host dies under it. */
function leavesRecord(how: Interruption): boolean {
  return how === "twice Ctrl-C" || how === "kill -9 of the CLI";
}

/** Runs `pulumi up` once, and expects it to know again what was begun, and to leave nothing to do. */
async function converge(stack: InterruptedStack, how: Interruption): Promise<void> {
  const { project } = stack;
  const record = leavesRecord(how) ? ["creating"] : [];
  expect(await stack.pending()).toEqual(record);
  const output = await project.succeed(...UP);
  if (losesCreate(how)) {
    expect(output).toMatch(/took over .*, which an interrupted `pulumi up` had (ordered|started)/);
    expect(output).toContain("`pulumi refresh --clear-pending-creates --yes`");
  } else expectNothingLost(stack, output);
  await stack.expectAgreement();
  await project.succeed("preview", "--expect-no-changes");
  // The engine drops no record of a create by itself.
  expect(await stack.pending()).toEqual(record);
  if (record.length === 0) return;
  expect(output).toContain(PENDING);
  await project.succeed(...CLEAR);
  expect(await stack.pending()).toEqual([]);
}

/** The dynamic face can't know of one Ctrl-C, and goes on to the end. */
async function expectCancel(stack: InterruptedStack, output: string): Promise<void> {
  if (stack.program === DYNAMIC) await stack.expectAgreement();
  else expect(output).toContain("cancelled");
}

/** A cancel may end a backup before its id is listed, so that the next run takes it over. */
function expectNothingLost({ program }: InterruptedStack, output: string): void {
  if (program === DYNAMIC) expect(output).not.toContain("took over");
}

/** Tests what the next `pulumi up` makes of each interruption of each operation. */
export function testInterruptions(
  program: FaceProgram,
  interruptions: readonly Interruption[],
): void {
  describe("creating an instance", () => {
    let stack: InterruptedStack;
    beforeAll(async () => {
      stack = await InterruptedStack.make(program);
    });
    afterAll(() => stack.remove());

    test.each(interruptions)("%s: the next up has that very instance", async (how) => {
      const before = stack.count("CreateDBInstance");
      await stack.want({ instances: { [how.replaceAll(" ", "-")]: 8 } });
      const output = await stack.interrupt(how, "CreateDBInstance", UP);
      expect(output).not.toContain(PENDING);
      if (how === "Ctrl-C") await expectCancel(stack, output);
      await converge(stack, how);
      expect(stack.count("CreateDBInstance")).toBe(before + 1);
    });

    test("an up after all that warns of nothing, and no secret was shown or kept", async () => {
      const output = await stack.project.succeed(...UP, "--expect-no-changes");
      expect(output.replaceAll(AMBIENT_HOST, "")).not.toContain("warning: ");
      stack.expectNoSecret();
    });
  });

  describe("replacing an instance", () => {
    let stack: InterruptedStack;
    beforeAll(async () => {
      stack = await InterruptedStack.make(program);
      await stack.want({ instances: { cache: 8 } });
      await stack.project.succeed(...UP);
    });
    afterAll(() => stack.remove());

    test.each(interruptions)("%s: the next up has the new one and deletes the old", async (how) => {
      const [old] = stack.emulator.store.instances();
      const creates = stack.count("CreateDBInstance");
      const deletes = stack.count("DeleteDBInstance", "Success");
      await stack.want({ instances: { cache: old?.ramGb === 8 ? 16 : 8 } });
      const output =
        how === "twice Ctrl-C"
          ? await stack.interruptUnanswered(how, { action: "CreateDBInstance" }, UP)
          : await stack.interrupt(how, "CreateDBInstance", UP);
      expect(output).not.toContain(PENDING);
      const made = stack.emulator.store.instances();
      expect(made).toHaveLength(2);
      await converge(stack, how);
      expect(stack.emulator.store.instances()).toMatchObject([
        { instanceUuid: made[1]?.instanceUuid, ramGb: stack.wanted.instances["cache"] },
      ]);
      expect(stack.count("CreateDBInstance")).toBe(creates + 1);
      expect(stack.count("DeleteDBInstance", "Success")).toBe(deletes + 1);
      stack.expectNoSecret();
    });
  });

  describe("deleting an instance", () => {
    let stack: InterruptedStack;
    beforeAll(async () => {
      stack = await InterruptedStack.make(program);
    });
    afterAll(() => stack.remove());

    test.each(interruptions)("%s: the next up ends it, and deletes nothing else", async (how) => {
      await stack.want({ instances: { cache: 8, other: 16 } });
      await stack.project.succeed(...UP);
      const deletes = stack.count("DeleteDBInstance", "Success");
      await stack.wantOnly({ other: 16 });
      if (how === "kill -9 of the host")
        await stack.interruptUnanswered(how, { action: "DeleteDBInstance" }, UP);
      else await stack.interrupt(how, "DeleteDBInstance", UP);
      expect(await stack.pending()).toEqual(leavesRecord(how) ? ["deleting"] : []);
      await stack.project.succeed(...UP);
      await stack.expectAgreement();
      await stack.project.succeed("preview", "--expect-no-changes");
      expect(await stack.pending()).toEqual([]);
      // Where no answer came, the next one is the refusal that it is being deleted.
      const answered = how === "kill -9 of the host" ? 0 : 1;
      expect(stack.count("DeleteDBInstance", "Success")).toBe(deletes + answered);
      stack.expectNoSecret();
    });
  });

  describe("taking a backup", () => {
    let stack: InterruptedStack;
    beforeAll(async () => {
      stack = await InterruptedStack.make(program);
      await stack.want({ instances: { cache: 8 } });
      await stack.project.succeed(...UP);
    });
    afterAll(() => stack.remove());

    test.each(interruptions)("%s: the next up has that very backup", async (how) => {
      const before = stack.count("CreateBackup");
      await stack.want({ backups: { [how.replaceAll(" ", "-")]: "cache" } });
      const output =
        how === "kill -9 of the host"
          ? await stack.interruptUnanswered(how, { action: "CreateBackup" }, UP)
          : await stack.interrupt(how, "CreateBackup", UP);
      expect(output).not.toContain(PENDING);
      await converge(stack, how);
      expect(stack.count("CreateBackup")).toBe(before + 1);
      stack.expectNoSecret();
    });
  });

  describe("taking another backup for a changed trigger", () => {
    let stack: InterruptedStack;
    beforeAll(async () => {
      stack = await InterruptedStack.make(program);
      await stack.want({ instances: { cache: 8 }, backups: { nightly: "cache" } });
      await stack.project.succeed(...UP);
    });
    afterAll(() => stack.remove());

    test.each(interruptions)(
      "%s: the next up has that very one, and the earlier goes",
      async (how) => {
        const before = stack.count("CreateBackup");
        await stack.want({ trigger: before });
        if (how === "kill -9 of the host")
          await stack.interruptUnanswered(how, { action: "CreateBackup" }, UP);
        else await stack.interrupt(how, "CreateBackup", UP);
        expect(await stack.pending()).toEqual(leavesRecord(how) ? ["updating"] : []);
        const output = await stack.project.succeed(...UP);
        if (losesCreate(how))
          expect(output).toMatch(/took over the backup .*, which an interrupted/);
        else expectNothingLost(stack, output);
        await stack.expectAgreement();
        await stack.project.succeed("preview", "--expect-no-changes");
        expect(await stack.pending()).toEqual([]);
        expect(stack.count("CreateBackup")).toBe(before + 1);
        stack.expectNoSecret();
      },
    );
  });
}
