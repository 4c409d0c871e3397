import * as pulumi from "@pulumi/pulumi";

import { INSTANCE_TYPE, providerLine } from "./contract";
import { hiddenArguments } from "./hiddenArguments";

/**
 * What to order. There is no call of the vendor that changes an instance, so every change of an
 * argument is a **replacement**: a new, empty instance is delivered, then the old one is deleted
 * with its data. Preview shows it as such; `protect: true` refuses it.
 *
 * Say the specification either by {@link version}, {@link architecture} and {@link ramGb}
 * together, or by {@link paasGoodsId}.
 */
export interface RedisInstanceArgs {
  /** Region (站点编号, RegionId), such as `CN_Hongkong_A`. A change replaces. */
  regionId: pulumi.Input<string>;
  /** Virtual data center (VdcId) the instance belongs to. A change replaces. */
  vdcId: pulumi.Input<string>;
  /** Private network (BasePipeId) of the data center, from which the instance gets its IP. A change replaces. */
  basePipeId: pulumi.Input<string>;
  /**
   * Password of Redis. Kept as a secret in state whether or not it is given as one. A change
   * replaces; `ignoreChanges: ["password"]` keeps the instance when it was changed elsewhere.
   */
  password: pulumi.Input<string>;
  /** Version of Redis, such as `5.0`, as the region sells it. A change replaces. */
  version?: pulumi.Input<string> | undefined;
  /**
   * Architecture (架构): `master-replica` (主从), `cluster` (集群), `economy-master-replica`
   * (经济型主从), `read-write-splitting` (读写分离), or the vendor's own name of another one.
   * A change replaces.
   */
  architecture?: pulumi.Input<string> | undefined;
  /**
   * Compute role (计算类型): `general` (通用型), `high-performance` (高性能型), `high-io`
   * (高I/O型), or the vendor's own name. Needed only where a size is sold in several; the lowest
   * goods id is taken without it. A change replaces.
   */
  computeRole?: pulumi.Input<string> | undefined;
  /** Memory in GB, as the region sells it. A change replaces. */
  ramGb?: pulumi.Input<number> | undefined;
  /** The vendor's number for the specification (PaasGoodsId), instead of the four above. A change replaces. */
  paasGoodsId?: pulumi.Input<number> | undefined;
  /**
   * Name at the vendor, at most 64 characters, unique in the account. Default: the resource's name
   * and seven random digits. With a name given here a replacement deletes the old instance first,
   * since two of one name can't be told apart. A change replaces.
   */
  instanceName?: pulumi.Input<string> | undefined;
  /**
   * Port (ServicePort), 1024 to 65535 but not 9100, 9121, 9122 or 16379. Default: 9736.
   * A change replaces.
   */
  port?: pulumi.Input<number> | undefined;
  /** Test group to bill the order to (TestGroupId). A change replaces. */
  testGroupId?: pulumi.Input<number> | undefined;
  /** Subject to bill the order to (SubjectId). A change replaces. */
  subjectId?: pulumi.Input<number> | undefined;
}

/** What may be left out, or only the vendor tells: an output that is no input at first never appears. */
const UNSET = {
  version: undefined,
  architecture: undefined,
  computeRole: undefined,
  ramGb: undefined,
  paasGoodsId: undefined,
  instanceName: undefined,
  port: undefined,
  testGroupId: undefined,
  subjectId: undefined,
  ip: undefined,
  connectionString: undefined,
  status: undefined,
  createdTime: undefined,
  vdcName: undefined,
  resourceId: undefined,
};

/**
 * A managed Redis instance (云数据库 Redis) of Capital Online.
 *
 * @example The smallest program: a cluster of 20 GB.
 * ```ts
 * const cache = new cds.RedisInstance("cache", {
 *     regionId: "CN_Hongkong_A", vdcId, basePipeId,
 *     version: "5.0", architecture: "cluster", ramGb: 20,
 *     password: config.requireSecret("password"),
 * });
 * export const host = cache.ip;
 * ```
 *
 * @example By the vendor's goods id, guarded against replacement and deletion.
 * ```ts
 * const cache = new cds.RedisInstance("cache", {
 *     regionId: "CN_Hongkong_A", vdcId, basePipeId, paasGoodsId: 8075,
 *     password: config.requireSecret("password"),
 * }, { protect: true });
 * ```
 *
 * @example More time for a slow delivery (default: 30 minutes to create, 20 to delete).
 * ```ts
 * new cds.RedisInstance("cache", args, { customTimeouts: { create: "1h" } });
 * ```
 *
 * An instance that is ordered but not ready when time is up stays in state: the next `pulumi up`
 * goes on waiting for it and orders nothing. Its id is the vendor's InstanceUuid.
 */
export class RedisInstance extends pulumi.CustomResource {
  declare public readonly regionId: pulumi.Output<string>;
  declare public readonly vdcId: pulumi.Output<string>;
  declare public readonly basePipeId: pulumi.Output<string>;
  /** Secret. */
  declare public readonly password: pulumi.Output<string>;
  declare public readonly version: pulumi.Output<string>;
  declare public readonly architecture: pulumi.Output<string>;
  /** Undefined after a change made behind Pulumi's back: the vendor doesn't tell it. */
  declare public readonly computeRole: pulumi.Output<string | undefined>;
  /** Memory in GB. */
  declare public readonly ramGb: pulumi.Output<number>;
  /** Undefined after a change made behind Pulumi's back: the vendor doesn't tell it. */
  declare public readonly paasGoodsId: pulumi.Output<number | undefined>;
  /** Name at the vendor. */
  declare public readonly instanceName: pulumi.Output<string>;
  declare public readonly port: pulumi.Output<number>;
  declare public readonly testGroupId: pulumi.Output<number | undefined>;
  declare public readonly subjectId: pulumi.Output<number | undefined>;
  /** Address in the private network. */
  declare public readonly ip: pulumi.Output<string>;
  /** `redis://:<password>@<ip>:<port>`, the password percent-encoded. Secret. */
  declare public readonly connectionString: pulumi.Output<string>;
  /** The vendor's word, `RUNNING` when the instance can be used. */
  declare public readonly status: pulumi.Output<string>;
  /** When it was ordered, ISO 8601 in Beijing time. */
  declare public readonly createdTime: pulumi.Output<string>;
  /** Name of the virtual data center. */
  declare public readonly vdcName: pulumi.Output<string>;
  /** The vendor's id for billing. */
  declare public readonly resourceId: pulumi.Output<string>;

  /**
   * @param name The resource's name in the stack.
   * @param args What to order.
   * @param opts `customTimeouts` sets how long `create` (30 minutes) and `delete` (20 minutes) may take.
   */
  constructor(name: string, args: RedisInstanceArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = {
      ...UNSET,
      ...args,
      password: pulumi.secret(args.password),
      ...hiddenArguments(name, INSTANCE_TYPE, providerLine("redisInstance"), opts),
    };
    const secrets = { additionalSecretOutputs: ["password", "connectionString"] };
    super(INSTANCE_TYPE, name, inputs, pulumi.mergeOptions(secrets, opts));
  }
}
