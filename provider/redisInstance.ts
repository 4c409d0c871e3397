import * as pulumi from "@pulumi/pulumi";

import type {
  ArchitectureIn,
  ComputeRoleIn,
  NumberInput,
  OneOf,
  RamGbIn,
  RegionId,
  TextInput,
  VersionIn,
} from "../sdk/catalogTypes";
import { CdsResource } from "./dynamic/cdsResource";
import {
  INSTANCE_TYPE,
  providerLine,
  type FinalBackup,
  type PasswordSource,
} from "./dynamic/contract";
import { askAnewWhenReady } from "./ask";
import { hiddenArguments, withoutImport } from "./dynamic/hiddenArguments";

/** Arguments of every order, whichever way it says what to order. */
interface OrderArgs<Region, Goods> {
  /**
   * Region (站点编号, RegionId), such as `CN_Hongkong_A`. Default: `cds:regionId` of the stack's
   * configuration, else the environment variable `CDS_REGION`. A change replaces.
   */
  regionId?: OneOf<Region, RegionId> | undefined;
  /** Virtual data center (VdcId) the instance belongs to. A change replaces. */
  vdcId: pulumi.Input<string>;
  /** Private network (BasePipeId) of the data center, from which the instance gets its IP. A change replaces. */
  basePipeId: pulumi.Input<string>;
  /**
   * Password of Redis; this or `passwordFrom`. Kept as a secret in state whether or not it is given
   * as one. A change replaces; `ignoreChanges: ["password"]` keeps the instance when it was changed
   * elsewhere.
   */
  password?: pulumi.Input<string> | undefined;
  /**
   * Where to read the password when the instance is ordered, so that the resource's state never
   * holds it: `{ env: "REDIS_PASSWORD" }`, a variable of the process that runs `pulumi up`, or
   * `{ config: "redisPassword" }`, a key of the stack's configuration. `connectionString` is
   * undefined then. A change of the source alone does nothing, and a change between `password` and
   * this is an update: both are taken for the same password.
   */
  passwordFrom?: pulumi.Input<PasswordSource> | undefined;
  /** Any text or number, with `passwordFrom`; a change replaces, with the password read anew. */
  passwordVersion?: pulumi.Input<string | number> | undefined;
  /**
   * The vendor's number for the specification (PaasGoodsId), instead of version, architecture and
   * ramGb. A change replaces.
   */
  paasGoodsId?: Goods;
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
  /**
   * Takes a backup before the instance is deleted, replacements included, and downloads it, proven
   * whole: into `cds-final-backups/<instanceName>-<time>` beside the project, or another `folder`.
   * When that fails nothing is deleted; `CDS_SKIP_FINAL_BACKUP=<instanceName>` in the environment
   * deletes without. Default: false. A change is an update, which touches nothing.
   */
  finalBackup?: pulumi.Input<FinalBackup> | undefined;
  /**
   * Name of the account: its keys, endpoint and default region are read from the configuration
   * namespace `cds-<name>:` instead of `cds:`. Default: the account of `cds:`. A change replaces.
   */
  account?: pulumi.Input<string> | undefined;
}

/** A specification by what it is; literals are held against the catalogue by the compiler. */
interface SpecificationArgs<Region, Version, Architecture, ComputeRole, RamGb> {
  /** Version of Redis, such as `5.0`, as the region sells it. A change replaces. */
  version: OneOf<Version, VersionIn<Region>>;
  /**
   * Architecture (架构): `master-replica` (主从), `cluster` (集群), `economy-master-replica`
   * (经济型主从), `read-write-splitting` (读写分离), or the vendor's own name of another one.
   * A change replaces.
   */
  architecture: OneOf<Architecture, ArchitectureIn<Region, Version>>;
  /**
   * Compute role (计算类型): `general` (通用型), `high-performance` (高性能型), `high-io`
   * (高I/O型), or the vendor's own name. Needed only where a size is sold in several: without it
   * the lowest goods id is taken. A change replaces.
   */
  computeRole?: OneOf<ComputeRole, ComputeRoleIn<Region, Version, Architecture>> | undefined;
  /** Memory in GB, as the region sells it. A change replaces. */
  ramGb: OneOf<RamGb, RamGbIn<Region, Version, Architecture, ComputeRole>>;
}

/** The same where `paasGoodsId` says what to order: what is given too must agree with it. */
type AgreeingArgs = {
  [Name in keyof AnySpecificationArgs]?: AnySpecificationArgs[Name] | undefined;
};
type AnySpecificationArgs = SpecificationArgs<
  TextInput,
  TextInput,
  TextInput,
  TextInput,
  NumberInput
>;

/**
 * What the compiler infers from. No arguments are ever of this type: it takes them as they are,
 * complete or not, so that an editor can complete the rest, and an input that is a union stays whole.
 */
interface GivenArgs<Region, Version, Architecture, ComputeRole, RamGb, Goods> {
  regionId?: Region;
  version?: Version;
  architecture?: Architecture;
  computeRole?: ComputeRole;
  ramGb?: RamGb;
  paasGoodsId?: Goods;
}

/**
 * What to order. There is no call of the vendor that changes an instance, so every change of an
 * argument is a **replacement**: a new, empty instance is delivered, then the old one is deleted
 * with its data. Preview shows it as such; `protect: true` refuses it.
 *
 * Say the specification either by `version`, `architecture` and `ramGb` together, or by
 * `paasGoodsId`. Literals that are not for sale in the region don't compile; outputs, and regions
 * whose catalogue is not recorded, are checked at preview. The type parameters are inferred; leave
 * them out.
 */
export type RedisInstanceArgs<
  Region extends TextInput = TextInput,
  Version extends TextInput = TextInput,
  Architecture extends TextInput = TextInput,
  ComputeRole extends TextInput | undefined = TextInput | undefined,
  RamGb extends NumberInput = NumberInput,
  Goods extends NumberInput | undefined = NumberInput | undefined,
> = OrderArgs<Region, Goods> &
  ([Goods] extends [undefined]
    ? SpecificationArgs<Region, Version, Architecture, ComputeRole, RamGb>
    : [Goods] extends [NumberInput | undefined]
      ? AgreeingArgs
      : GivenArgs<Region, Version, Architecture, ComputeRole, RamGb, Goods>);

/** What the vendor doesn't tell of an instance that is looked up: the password gives `connectionString`. */
export type InstanceLookup = Pick<OrderArgs<TextInput, undefined>, "account" | "password">;

/** What may be left out, or only the vendor tells: an output that is no input at first never appears. */
const UNSET = {
  regionId: undefined,
  vdcId: undefined,
  basePipeId: undefined,
  passwordFrom: undefined,
  passwordVersion: undefined,
  account: undefined,
  version: undefined,
  architecture: undefined,
  computeRole: undefined,
  ramGb: undefined,
  paasGoodsId: undefined,
  instanceName: undefined,
  port: undefined,
  finalBackup: undefined,
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
 * An instance that is ordered but not ready when time is up stays in state: the next `pulumi up`
 * goes on waiting for it and orders nothing. Its id is the vendor's InstanceUuid.
 */
export class RedisInstance<
  Region extends TextInput = TextInput,
  Version extends TextInput = TextInput,
  Architecture extends TextInput = TextInput,
  ComputeRole extends TextInput | undefined = TextInput | undefined,
  RamGb extends NumberInput = NumberInput,
  Goods extends NumberInput | undefined = undefined,
> extends CdsResource {
  /** Region (RegionId). */
  declare public readonly regionId: pulumi.Output<string>;
  /** Virtual data center (VdcId). */
  declare public readonly vdcId: pulumi.Output<string>;
  /** Private network (BasePipeId), as ordered: the vendor doesn't tell it. */
  declare public readonly basePipeId: pulumi.Output<string>;
  /** Password, as ordered: the vendor doesn't tell it. Undefined with `passwordFrom`. Secret. */
  declare public readonly password: pulumi.Output<string>;
  /** Where the password is read, as given. */
  declare public readonly passwordFrom: pulumi.Output<PasswordSource | undefined>;
  /** As given. */
  declare public readonly passwordVersion: pulumi.Output<string | number | undefined>;
  /** Version of Redis. */
  declare public readonly version: pulumi.Output<string>;
  /** Architecture (架构) in this package's word. */
  declare public readonly architecture: pulumi.Output<string>;
  /** Compute role (计算类型). Undefined after a change made behind Pulumi's back: the vendor doesn't tell it. */
  declare public readonly computeRole: pulumi.Output<string | undefined>;
  /** Memory in GB. */
  declare public readonly ramGb: pulumi.Output<number>;
  /** Undefined after a change made behind Pulumi's back: the vendor doesn't tell it. */
  declare public readonly paasGoodsId: pulumi.Output<number | undefined>;
  /** Name at the vendor. */
  declare public readonly instanceName: pulumi.Output<string>;
  /** Port Redis answers on. */
  declare public readonly port: pulumi.Output<number>;
  /** Test group the order is billed to, as ordered. */
  declare public readonly testGroupId: pulumi.Output<number | undefined>;
  /** Subject the order is billed to, as ordered. */
  declare public readonly subjectId: pulumi.Output<number | undefined>;
  /** Whether and where the data is saved before a deletion, as given. */
  declare public readonly finalBackup: pulumi.Output<FinalBackup | undefined>;
  /** Name of the account; undefined for that of `cds:`. */
  declare public readonly account: pulumi.Output<string | undefined>;
  /** Address in the private network. */
  declare public readonly ip: pulumi.Output<string>;
  /** `redis://:<password>@<ip>:<port>`, the password percent-encoded. Undefined with `passwordFrom`. Secret. */
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
   * Reads an instance that is not the stack's, and stays so: `destroy` leaves it alone.
   *
   * @param name The resource's name in the stack.
   * @param id The InstanceUuid.
   * @param state What the vendor doesn't tell: `account`, where it is not that of `cds:`, and
   *   `password`, to have `connectionString`.
   * @param opts As for the constructor.
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: InstanceLookup = {},
    opts: pulumi.CustomResourceOptions = {},
  ): RedisInstance {
    // What an order needs is read instead.
    return new RedisInstance(name, state as RedisInstanceArgs, { ...opts, id });
  }

  /**
   * @param name The resource's name in the stack.
   * @param args What to order.
   * @param opts `customTimeouts` sets how long `create` (30 minutes) and `delete` (20 minutes, 80
   *   with `finalBackup`) may take. `import` takes over the instance with this InstanceUuid, after comparing it with the
   *   arguments; what differs is an error, field by field. The vendor doesn't tell `basePipeId` and
   *   the password: they are taken on trust.
   */
  constructor(
    name: string,
    args: RedisInstanceArgs<Region, Version, Architecture, ComputeRole, RamGb, Goods>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const inputs = {
      ...UNSET,
      ...args,
      password: args.password === undefined ? undefined : pulumi.secret(args.password),
      ...hiddenArguments(name, INSTANCE_TYPE, providerLine("redisInstance"), opts),
    };
    const secrets = { additionalSecretOutputs: ["password", "connectionString"] };
    const options = pulumi.mergeOptions(secrets, withoutImport(opts));
    super(INSTANCE_TYPE, name, inputs, options);
    askAnewWhenReady(this);
  }
}
