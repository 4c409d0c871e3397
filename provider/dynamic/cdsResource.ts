import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { askAgainWhenReady } from "../ask";
import {
  BACKUP_TYPE,
  HOST,
  INSTANCE_TYPE,
  providerLine,
  timeLimitMs,
  type HiddenInputs,
} from "./contract";

const TYPES = { redisInstance: INSTANCE_TYPE, redisBackup: BACKUP_TYPE } as const;

/** Every output of a resource class. Pulumi never shows an output that the constructor did not name. */
export type UnsetOutputs<R> = Record<Exclude<keyof R, keyof pulumi.CustomResource>, undefined>;

export function unset<Name extends string>(...names: Name[]): Record<Name, undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined])) as Record<Name, undefined>;
}

/**
 * Base of the resource classes: adds the hidden inputs and takes out the option `import`.
 *
 * Pulumi captures four stack traces for each property of a resource, only for its own debugging.
 * They cost more than everything else in a program with many resources, so the constructor turns
 * them off. An error of the constructor itself keeps its stack trace. When transformations of the
 * program run in the constructor, nothing is turned off, so that their errors keep theirs too.
 */
export abstract class CdsResource extends pulumi.CustomResource {
  /** @param handler The name that the host exports for this class. */
  constructor(
    handler: keyof typeof TYPES,
    name: string,
    properties: pulumi.Inputs,
    options: pulumi.CustomResourceOptions = {},
  ) {
    requireHost();
    const { import: importId, ...others } = options;
    const hidden: { [Name in keyof HiddenInputs]: pulumi.Input<HiddenInputs[Name]> } = {
      __provider: providerLine(handler),
      __urn: urnOf(name, TYPES[handler], options.parent),
      ...checkedTimeouts(name, options.customTimeouts),
      ...(importId === undefined ? {} : { __import: importId }),
      ...(pulumi.runtime.isDryRun() ? { __preview: true } : {}),
    };
    const { stackTraceLimit } = Error;
    const isTraceless = !runsTransformations(options);
    if (isTraceless) Error.stackTraceLimit = 0;
    try {
      super(TYPES[handler], name, { ...properties, ...hidden }, others);
    } catch (error) {
      Error.stackTraceLimit = stackTraceLimit;
      if (error instanceof Error && isTraceless) Error.captureStackTrace(error);
      throw error;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
    askAgainWhenReady(this);
  }
}

/** The folder that was checked last: a stack may have hundreds of resources. */
let checkedFolder: string | undefined;

/**
 * Throws a RunError where the engine cannot load this package, although the program can. In a strict
 * monorepo, the engine finds what the project depends on, and not what a component library depends on.
 *
 * Unit tests run from any folder, so the check is for programs that the engine started. Pulumi gives
 * them the engine's address. A program that left its folder is not checked, and neither is one whose
 * folder has no Pulumi.yaml. There the line of `__provider` itself throws an error.
 */
function requireHost(): void {
  const folder = process.cwd();
  if (folder === checkedFolder || process.env["PULUMI_NODEJS_ENGINE"] === undefined) return;
  if (existsSync(join(folder, "Pulumi.yaml")) && !findsHost(folder))
    throw new pulumi.RunError(
      `The engine loads pulumi-cds-redis from ${folder}, where it is not installed: add pulumi-cds-redis to the package.json there.`,
    );
  checkedFolder = folder;
}

/** Whether the line of `__provider` finds this package in the engine's process for this folder. */
function findsHost(folder: string): boolean {
  const { resolve } = createRequire(join(folder, "package.json"));
  try {
    const pulumiHost = dirname(resolve("@pulumi/pulumi/cmd/dynamic-provider"));
    resolve(HOST, { paths: [folder, pulumiHost] });
    return true;
  } catch {
    return false;
  }
}

/**
 * The URN of a resource as a plain promise. An output would depend on the parent: a dependency on a
 * component is one on all its children, and two children would wait for each other for ever.
 */
function urnOf(name: string, type: string, parent: pulumi.Resource | undefined): Promise<string> {
  return new Promise((resolve) => {
    pulumi.createUrn(name, type, parent).apply(resolve);
  });
}

/** The hidden input that carries `customTimeouts`. A RunError ends the program without a stack trace. */
function checkedTimeouts(
  name: string,
  customTimeouts: pulumi.CustomTimeouts | undefined,
): Pick<HiddenInputs, "__timeouts"> {
  const given = Object.entries<string | undefined>({ ...customTimeouts }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  for (const [operation, text] of given)
    if (timeLimitMs(text) === undefined)
      throw new pulumi.RunError(
        `customTimeouts.${operation} of ${name} is ${JSON.stringify(text)}: write it as 90s, 45m or 1h30m.`,
      );
  return given.length === 0 ? {} : { __timeouts: Object.fromEntries(given) };
}

/** Whether functions of the program run in the constructor: transformations of the resource, its parent or the stack. */
function runsTransformations(options: pulumi.CustomResourceOptions): boolean {
  const parent = (options.parent ?? pulumi.runtime.getStackResource()) as
    { readonly __transformations?: readonly unknown[] } | undefined;
  return (options.transformations?.length ?? 0) + (parent?.__transformations?.length ?? 0) > 0;
}
