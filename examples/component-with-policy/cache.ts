import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

export interface CacheArgs {
  regionId: pulumi.Input<string>;
  vdcId: pulumi.Input<string>;
  basePipeId: pulumi.Input<string>;
  version: pulumi.Input<string>;
  architecture: pulumi.Input<string>;
  ramGb: pulumi.Input<number>;
  password: pulumi.Input<string>;
  /** Whether and where the data is saved before the instance is deleted. Default: false. */
  finalBackup?: cds.RedisInstanceArgs["finalBackup"];
  /** Text that changes when another backup is due. Default: today's date. */
  day?: pulumi.Input<string>;
  /** How many backups stay. Default: 7. */
  keepLatest?: pulumi.Input<number>;
}

/**
 * A Redis instance with a backup for each day on which `pulumi up` runs. The children take `protect`
 * from the options of the component.
 */
export class Cache extends pulumi.ComponentResource {
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  /** A secret. */
  public readonly connectionString: pulumi.Output<string>;
  /** When the latest backup began. */
  public readonly backedUpAt: pulumi.Output<string>;

  constructor(name: string, args: CacheArgs, opts?: pulumi.ComponentResourceOptions) {
    super("examples:index:Cache", name, {}, opts);
    const { day = new Date().toISOString().slice(0, 10), keepLatest = 7, ...ordered } = args;
    const instance = new cds.RedisInstance(name, ordered, { parent: this });
    const backup = new cds.RedisBackup(
      `${name}-daily`,
      { instanceId: instance.id, description: "daily", triggers: [day], keepLatest },
      // The vendor keeps these backups when the resource goes.
      { parent: this, retainOnDelete: true },
    );
    this.host = instance.ip;
    this.port = instance.port;
    this.connectionString = instance.connectionString;
    this.backedUpAt = backup.startTime;
    this.registerOutputs({
      host: this.host,
      port: this.port,
      connectionString: this.connectionString,
      backedUpAt: this.backedUpAt,
    });
  }
}
