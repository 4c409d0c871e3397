/**
 * What the program side and the host side agree on. States of every release hold these names and
 * texts, so their meaning never changes.
 */

import { parseDuration } from "../time";

export const INSTANCE_TYPE = "pulumi-nodejs:dynamic/cds:RedisInstance";
export const BACKUP_TYPE = "pulumi-nodejs:dynamic/cds:RedisBackup";

/** The entry point that the engine's dynamic provider process loads. */
export const HOST = "pulumi-cds-redis/host";

/**
 * The text that the engine records as `__provider`. It is constant, so that an upgrade is never an
 * update. It looks for the package in the project's folder first, then beside Pulumi's own package,
 * where pnpm and bun link what a component library depends on.
 *
 * It names the cure where the package is missing, because no other code of the package runs when
 * the package was removed together with its last resource.
 */
export function providerLine(name: "redisInstance" | "redisBackup"): string {
  const resolved = `require.resolve("${HOST}", { paths: [".", require.main.path] })`;
  const cure = "`Add pulumi-cds-redis to package.json in ${process.cwd()}`";
  return `exports.handler = () => { let host; try { host = ${resolved} } catch { throw Error(${cure}) } return require(host).${name} };`;
}

/** Time limits as the user wrote them in `customTimeouts`, such as `45m`. */
export type TimeoutTexts = Readonly<
  Partial<Record<"create" | "read" | "update" | "delete", string>>
>;

/** The milliseconds of a time limit as the user wrote it; undefined where it is no duration above zero. */
export function timeLimitMs(text: unknown): number | undefined {
  const milliseconds = typeof text === "string" ? parseDuration(text) : undefined;
  return milliseconds === 0 ? undefined : milliseconds;
}

/** Where the provider reads a password that must stay out of the state. */
export type PasswordSource =
  | {
      /** Key of the stack's configuration: `<namespace>:<key>`, or a key of the project's own namespace. */
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
      /** Folder in which each final backup gets a folder of its own. Default: `cds-final-backups` where the program runs. */
      readonly folder?: string;
      /** Downloads over the vendor's network; `pulumi` must run inside that network. Default: false. */
      readonly intranet?: boolean;
    };

/** Inputs of every resource beside its arguments. Pulumi hides names that begin with two underscores. */
export interface HiddenInputs {
  readonly __provider: string;
  /** Tells the host on which row of the display to report. */
  readonly __urn?: string;
  readonly __timeouts?: TimeoutTexts;
  /** The id given to the option `import`, which the engine cannot pass on to a dynamic provider. */
  readonly __import?: string;
  /** Whether the program runs for a preview, which the engine does not tell. Only `check` sees it. */
  readonly __preview?: true;
}
