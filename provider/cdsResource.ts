import * as pulumi from "@pulumi/pulumi";

/**
 * What our resources have in common. Pulumi takes four stack traces for each property of a resource,
 * which its own debugging alone reads: here it does without, as they cost more than all else that a
 * program of many resources does. What the constructor throws has its stack.
 */
export abstract class CdsResource extends pulumi.CustomResource {
  constructor(
    type: string,
    name: string,
    properties: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      super(type, name, properties, opts);
    } catch (error) {
      Error.stackTraceLimit = stackTraceLimit;
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}
