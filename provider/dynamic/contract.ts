/**
 * What the program side and the host side agree on. State written by any release holds these, so
 * they never change their meaning.
 */

export const INSTANCE_TYPE = "pulumi-nodejs:dynamic/cds:RedisInstance";
export const BACKUP_TYPE = "pulumi-nodejs:dynamic/cds:RedisBackup";

/** The text the engine keeps as `__provider`: constant, so that an upgrade is never an update. */
export function providerLine(name: "redisInstance" | "redisBackup"): string {
  return `exports.handler = () => require("pulumi-cds-redis/host").${name};`;
}

/** What can name an account: it becomes part of a configuration namespace. */
export const ACCOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** Time limits as the user wrote them in `customTimeouts`, such as `45m`. */
export interface TimeoutTexts {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly read?: string;
}

/** Where the host finds a password that is to stay out of the state. */
export type PasswordSource =
  | {
      /** Key of the stack's configuration: `<namespace>:<key>`, or a key of the project's own. */
      readonly config: string;
    }
  | {
      /** Name of an environment variable of the process that runs `pulumi up`. */
      readonly env: string;
    };

/** Whether and where the data of an instance is saved before it is deleted. */
export type FinalBackup =
  | boolean
  | {
      /** Folder that gets a folder for each final backup. Default: `cds-final-backups` beside the project. */
      readonly folder?: string;
      /** Downloads over the vendor's network, from inside of which `pulumi` must run then. Default: false. */
      readonly intranet?: boolean;
    };

/** Inputs that every resource carries beside its arguments; Pulumi hides names with two underscores. */
export interface HiddenInputs {
  readonly __provider: string;
  /** Tells the host which row of the display is the resource's. */
  readonly __urn?: string;
  readonly __timeouts?: TimeoutTexts;
  /** The id given to the option `import`, which the engine can't pass on to a dynamic provider. */
  readonly __import?: string;
  /** Arguments that `check` filled in, as bridged providers record them. */
  readonly __defaults?: readonly string[];
}
