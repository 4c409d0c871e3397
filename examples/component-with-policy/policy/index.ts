import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";

/** The npm package's type, and the plugin's. The names of the inputs are the same in both. */
const INSTANCE_TYPES = ["pulumi-nodejs:dynamic/cds:RedisInstance", "cds-redis:index:RedisInstance"];

/** Stacks with this name hold data that must not be lost. */
const PRODUCTION = "production";

type Instance = Parameters<Extract<ResourceValidationPolicy["validateResource"], Function>>[0];

/** A policy that reports every instance in production for which `isMet` is false. */
function inProduction(
  name: string,
  description: string,
  isMet: (instance: Instance) => boolean,
): ResourceValidationPolicy {
  return {
    name,
    description,
    enforcementLevel: "mandatory",
    validateResource: (resource, report) => {
      const [stack] = resource.urn.replace("urn:pulumi:", "").split("::");
      if (stack !== PRODUCTION || !INSTANCE_TYPES.includes(resource.type)) return;
      if (!isMet(resource)) report(`${resource.name}: ${description}`);
    },
  };
}

// A rule that reads a value which the preview does not know only advises at that preview, and refuses
// at `up`. So each rule reads the one input that it is about.
new PolicyPack("cds-redis", {
  policies: [
    inProduction(
      "final-backup",
      "An instance in production must save its data before it is deleted: set finalBackup.",
      ({ props }) => Boolean(props["finalBackup"]),
    ),
    inProduction(
      "protected",
      "An instance in production must not be deleted or replaced by accident: set the option protect.",
      ({ opts }) => opts.protect,
    ),
  ],
});
