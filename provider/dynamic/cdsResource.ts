import * as pulumi from "@pulumi/pulumi";

/**
 * What our resources have in common. Pulumi takes four stack traces for each property of a resource,
 * which its own debugging alone reads: here it does without, as they cost more than all else that a
 * program of many resources does. What the constructor throws has its stack; where a program's own
 * transformations run in it, nothing is left out, so that what they throw has theirs.
 */
export abstract class CdsResource extends pulumi.CustomResource {
  constructor(
    type: string,
    name: string,
    properties: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const { stackTraceLimit } = Error;
    const isOurs = !runsTransformations(opts);
    if (isOurs) Error.stackTraceLimit = 0;
    try {
      super(type, name, properties, opts);
    } catch (error) {
      Error.stackTraceLimit = stackTraceLimit;
      if (error instanceof Error && isOurs) Error.captureStackTrace(error);
      throw error;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}

/** Whether functions of the program run in the constructor: its own, or those of a parent or the stack. */
function runsTransformations(opts: pulumi.CustomResourceOptions = {}): boolean {
  const parent = (opts.parent ?? pulumi.runtime.getStackResource()) as
    { readonly __transformations?: readonly unknown[] } | undefined;
  return (opts.transformations?.length ?? 0) + (parent?.__transformations?.length ?? 0) > 0;
}
