import * as pulumi from "@pulumi/pulumi";

import type { HiddenInputs, TimeoutTexts } from "./contract";
import { parseDuration } from "../core/timeouts";

/** What a resource class hands to the host beside its arguments, which the engine would not pass on. */
export function hiddenArguments(
  name: string,
  type: string,
  providerText: string,
  options: pulumi.CustomResourceOptions = {},
): { [K in keyof HiddenInputs]?: pulumi.Input<Exclude<HiddenInputs[K], undefined>> } {
  const given = Object.entries<string | undefined>({ ...options.customTimeouts }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const timeouts: TimeoutTexts = Object.fromEntries(given);
  for (const [operation, text] of given)
    if (!((parseDuration(text) ?? 0) > 0))
      // Ends the program with this line alone, where the engine's own error comes with a stack trace.
      throw new pulumi.RunError(
        `customTimeouts.${operation} of ${name} is ${JSON.stringify(text)}: write it as 90s, 45m or 1h30m.`,
      );
  return {
    __provider: providerText,
    __urn: withoutDependencies(pulumi.createUrn(name, type, options.parent)),
    ...(Object.keys(timeouts).length === 0 ? {} : { __timeouts: timeouts }),
    ...(options.import === undefined ? {} : { __import: options.import }),
  };
}

/** A dependency on a component is one on all its children: two of them would wait for each other for ever. */
function withoutDependencies(urn: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => {
    urn.apply(resolve);
  });
}

/** The engine fails on the option `import` of a dynamic resource: a hidden argument tells the host. */
export function withoutImport(
  options: pulumi.CustomResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  const others = { ...options };
  delete others.import;
  return others;
}
