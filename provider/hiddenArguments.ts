import * as pulumi from "@pulumi/pulumi";

import type { HiddenInputs, TimeoutTexts } from "./contract";

/** What a resource class hands to the host beside its arguments, which the engine would not pass on. */
export function hiddenArguments(
  name: string,
  type: string,
  providerText: string,
  options: pulumi.CustomResourceOptions = {},
): { [K in keyof HiddenInputs]?: pulumi.Input<Exclude<HiddenInputs[K], undefined>> } {
  const { create, update, delete: remove } = options.customTimeouts ?? {};
  const timeouts: TimeoutTexts = {
    ...(create === undefined ? {} : { create }),
    ...(update === undefined ? {} : { update }),
    ...(remove === undefined ? {} : { delete: remove }),
  };
  return {
    __provider: providerText,
    __urn: pulumi.createUrn(name, type, options.parent),
    ...(Object.keys(timeouts).length === 0 ? {} : { __timeouts: timeouts }),
  };
}
