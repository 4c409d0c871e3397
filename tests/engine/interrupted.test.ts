import { DYNAMIC } from "./facePrograms";
import { INTERRUPTIONS } from "./interruption";
import { testInterruptions } from "./interruptedLife";
import { InterruptedStack, UP } from "./interruptedStack";

jest.setTimeout(200_000);

/** It waits for the most part, so it goes on beside the other tests. */
let neverOrdered: Promise<string>;

beforeAll(() => {
  neverOrdered = upAfterNeverOrdered();
  // The last test tells.
  neverOrdered.catch(() => undefined);
});

async function upAfterNeverOrdered(): Promise<string> {
  const stack = await InterruptedStack.make(DYNAMIC);
  try {
    await stack.want({ instances: { cache: 8 } });
    const call = { action: "CreateDBInstance", when: "before" } as const;
    await stack.interruptUnanswered("kill -9 of the CLI", call, UP);
    expect(stack.emulator.store.instances()).toEqual([]);
    const output = await stack.project.succeed(...UP);
    await stack.expectAgreement();
    await stack.project.succeed("preview", "--expect-no-changes");
    expect(stack.count("CreateDBInstance", "Success")).toBe(1);
    stack.expectNoSecret();
    return output;
  } finally {
    await stack.remove();
  }
}

testInterruptions(DYNAMIC, INTERRUPTIONS);

describe("creating an instance, killed before the vendor saw the order", () => {
  test("the next up looks for it for two minutes, then orders it", async () => {
    const output = await neverOrdered;
    expect(output).not.toContain("took over");
  });
});
