import { PolicyPack, type ResourceValidationArgs } from "@pulumi/policy";

/** The npm package's type, and the plugin's. The names of the inputs are the same in both. */
const INSTANCE_TYPES = ["pulumi-nodejs:dynamic/cds:RedisInstance", "cds-redis:index:RedisInstance"];

/** The stack whose data must not be lost. */
const PRODUCTION = "production";

/** Returns the name of the stack, which is the first part of a URN. */
function stackOf(urn: string): string | undefined {
  return urn.replace("urn:pulumi:", "").split("::")[0];
}

function isInProduction({ type, urn }: ResourceValidationArgs): boolean {
  return INSTANCE_TYPES.includes(type) && stackOf(urn) === PRODUCTION;
}

// When a rule reads a value that a preview does not know, that preview only warns, and `up` refuses.
// So each rule reads nothing but the input that it is about.
new PolicyPack("cds-redis", {
  policies: [
    {
      name: "final-backup",
      description: "An instance in production saves its data before it is deleted.",
      enforcementLevel: "mandatory",
      validateResource: (resource, report) => {
        if (isInProduction(resource) && !resource.props["finalBackup"])
          report(`Set the argument finalBackup of ${resource.name}.`);
      },
    },
    {
      name: "protected",
      description: "An instance in production is neither deleted nor replaced by accident.",
      enforcementLevel: "mandatory",
      validateResource: (resource, report) => {
        if (isInProduction(resource) && !resource.opts.protect)
          report(`Set the resource option protect of ${resource.name}.`);
      },
    },
  ],
});
