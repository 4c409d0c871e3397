import type { FinalBackup, PasswordSource } from "../dynamic/contract";
import type { MarkedInputs } from "../core/unfinished";
import type { Spec } from "./spec";

/** The arguments as `check` leaves them. */
export interface InstanceInputs extends Spec, MarkedInputs {
  readonly regionId: string;
  readonly vdcId: string;
  readonly basePipeId: string;
  readonly instanceName: string;
  readonly password?: string;
  readonly passwordFrom?: PasswordSource;
  readonly passwordVersion?: string | number;
  readonly port: number;
  readonly testGroupId?: number;
  readonly subjectId?: number;
  readonly finalBackup?: FinalBackup;
  readonly account?: string;
}
