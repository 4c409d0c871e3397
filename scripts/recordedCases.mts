/** The states that `recordState.mts` records: what each is about, and the commands that lead there. */
import type { Emulator } from "../emulator/index.ts";
import { interrupt, type Interruption } from "../tests/engine/interruption.ts";
import { STACK, type RecordedProject } from "./recordedProject.mts";

/** How one state comes about. */
export interface Case {
  /** Configuration of the stack, beside endpoint and secrets. */
  readonly config?: Readonly<Record<string, string>>;
  readonly deliverySeconds?: number;
  readonly backupSeconds?: number;
  /** Runs commands until the state is what the case is about. */
  readonly lead: (project: RecordedProject, emulator: Emulator) => Promise<void>;
}

/** Longer than it takes to interrupt a command that waits for a delivery. */
const KILL_SECONDS = 3;
const URN_OF_CACHE = `urn:pulumi:${STACK}::caches::pulumi-nodejs:dynamic/cds:RedisInstance::cache`;
const UP = ["up", "--yes", "--skip-preview"];

export const CASES: Readonly<Record<string, Case>> = {
  /** Instances with arguments of all kinds, and a backup that keeps an earlier one. */
  ready: {
    config: { others: "true", keepLatest: "2", "cds-second:regionId": "CN_Hongkong_A" },
    lead: async (project) => {
      await project.up();
      await project.succeed("config", "set", "trigger", "3");
      await project.up();
    },
  },
  /** The time for the instance was up. */
  partlyMade: {
    config: { createTimeout: "2s" },
    deliverySeconds: 60,
    lead: (project) => project.fail(...UP),
  },
  /** The time for the backup was up. */
  partlyMadeBackup: {
    config: { backupTimeout: "2s" },
    backupSeconds: 5,
    lead: (project) => project.fail(...UP),
  },
  /** The vendor changed the size, and a refresh saw it. */
  drifted: {
    lead: async (project, { store }) => {
      await project.up();
      for (const { instanceUuid } of store.instances())
        store.changeInstance(instanceUuid, { ramGb: 20 });
      await project.succeed("refresh", "--yes", "--skip-preview");
    },
  },
  cliKilledAtInstance: {
    deliverySeconds: KILL_SECONDS,
    lead: (project, emulator) =>
      killed(project, emulator, "kill -9 of the CLI", "CreateDBInstance"),
  },
  cliKilledAtBackup: {
    backupSeconds: KILL_SECONDS,
    lead: (project, emulator) => killed(project, emulator, "kill -9 of the CLI", "CreateBackup"),
  },
  cliKilledAtNextBackup: {
    backupSeconds: KILL_SECONDS,
    lead: async (project, emulator) => {
      await project.up();
      await project.succeed("config", "set", "trigger", "3");
      await killed(project, emulator, "kill -9 of the CLI", "CreateBackup");
    },
  },
  /** The engine forgets the order: the note is all there is. */
  hostKilledAtInstance: {
    deliverySeconds: KILL_SECONDS,
    lead: (project, emulator) =>
      killed(project, emulator, "kill -9 of the host", "CreateDBInstance"),
  },
  /** What two killed runs ordered is the stack's; the engine goes on recording both creates. */
  tookOver: {
    deliverySeconds: KILL_SECONDS,
    backupSeconds: KILL_SECONDS,
    lead: takenOver,
  },
  /** The same, and then a new instance and backup in the place of both. */
  replacedAfterTakeOver: {
    deliverySeconds: KILL_SECONDS,
    backupSeconds: KILL_SECONDS,
    lead: async (project, emulator) => {
      await takenOver(project, emulator);
      await project.succeed(...UP, "--replace", URN_OF_CACHE);
    },
  },
  /** An instance and a backup that a person made at the console, by the option `import`. */
  imported: {
    lead: async (project, emulator) => {
      const { instanceId, backupId } = madeByHand(emulator);
      await project.succeed("config", "set", "importCache", instanceId);
      await project.succeed("config", "set", "importBackup", `${instanceId}/${backupId}`);
      await project.up();
    },
  },
};

/** Kills `pulumi up`, or the provider's process, when the vendor has carried out a call of this action. */
async function killed(
  project: RecordedProject,
  { requests }: Emulator,
  how: Interruption,
  action: string,
): Promise<void> {
  const taken = (): number =>
    requests.filter((request) => request.action === action && request.code === "Success").length;
  const before = taken();
  await interrupt(project, how, () => taken() > before, ...UP);
}

async function takenOver(project: RecordedProject, emulator: Emulator): Promise<void> {
  for (const action of ["CreateDBInstance", "CreateBackup"]) {
    await killed(project, emulator, "kill -9 of the CLI", action);
    await project.succeed("cancel", "--yes");
  }
  await project.up();
}

function madeByHand({ store }: Emulator): { instanceId: string; backupId: string } {
  const order = {
    ...{ instanceName: "made-by-hand", regionId: "CN_Hongkong_A", displayName: "香港" },
    ...{ vdcId: "vdc-1", vdcName: "香港1", basePipeId: "pipe-1", port: 6400 },
    ...{ paasGoodsId: 8063, ramGb: 8, version: "5.0", subProductName: "Redis 集群版" },
    ...{ isCluster: true, linkType: "default_link", linkName: "默认链路" },
  };
  const [instanceId = ""] = store.createInstances(order, 1);
  const [backupId = ""] = store.createBackup(instanceId, "recorded");
  return { instanceId, backupId };
}
