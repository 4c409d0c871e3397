/** Data functions in a user's unit test, which `pulumi.runtime.setMocks` keeps away from engine and network. */
import * as pulumi from "@pulumi/pulumi";

import { checkFunctionArguments, LISTS, TOKEN_PREFIX } from "./answers";
import type { Functions } from "./functionTypes";

type Answered = (error: unknown, response: unknown) => void;

/** What stands in for the engine's monitor. Pulumi does not export the class. */
interface MockMonitor {
  invoke: (request: unknown, answered: Answered) => unknown;
}

const explaining = new WeakSet<MockMonitor>();

/** Whether the program runs with mocks. */
export function isMockedRun(): boolean {
  return mockMonitor() !== undefined;
}

/** Returns the stand-in for the monitor, if there is one. The engine's monitor is a gRPC client, which has a channel. */
function mockMonitor(): MockMonitor | undefined {
  const monitor: object | undefined = pulumi.runtime.getMonitor();
  if (monitor === undefined || "getChannel" in monitor) return undefined;
  return monitor as MockMonitor;
}

/** Returns what the mock `call` answers for the function's token. The arguments are checked as in a real run. */
export async function askMocks<Name extends keyof Functions>(
  name: Name,
  args: Functions[Name][0],
): Promise<Functions[Name][1]> {
  checkFunctionArguments(name, args);
  passErrorsOn();
  const token = `${TOKEN_PREFIX}${name}`;
  const result = (await pulumi.runtime.invoke(token, args)) as Record<string, unknown> | undefined;
  const list = LISTS[name];
  // A test answers with what it needs: the type is what the mock promises.
  if (list === undefined) return result as unknown as Functions[Name][1];
  const listed = result?.[list];
  if (Array.isArray(listed)) return listed as Functions[Name][1];
  throw new Error(
    `the mock of ${token} gave no list of ${list}: return { ${list}: [...] } from \`call\`.`,
  );
}

/** `runtime.invoke` reads an error's `details` alone, which the errors of a mock lack. Their messages would be lost. */
function passErrorsOn(): void {
  const monitor = mockMonitor();
  if (monitor === undefined || explaining.has(monitor)) return;
  explaining.add(monitor);
  const invoke = monitor.invoke.bind(monitor);
  monitor.invoke = (request, answered) =>
    invoke(request, (error, response) => {
      answered(error instanceof Error ? withDetails(error) : error, response);
    });
}

function withDetails(error: Error): Error {
  return "details" in error ? error : Object.assign(error, { details: error.message });
}
