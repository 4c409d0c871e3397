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
import { CdsResource, unset, type UnsetOutputs } from "./dynamic/cdsResource";
import type { FinalBackup, PasswordSource } from "./dynamic/contract";

/** Arguments of every order, however it names the specification. */
interface OrderArgs<Region, Goods> {
  /**
   * Region (站点编号, RegionId), such as `CN_Hongkong_A`. Default: `cds:regionId` of the stack's
   * configuration, else the environment variable `CDS_REGION`. A change replaces.
   */
  regionId?: OneOf<Region, RegionId> | undefined;
  /** Virtual data center (VdcId) of the instance. A change replaces. */
  vdcId: pulumi.Input<string>;
  /** Private network (BasePipeId) of the data center. The instance gets its address there. A change replaces. */
  basePipeId: pulumi.Input<string>;
  /**
   * Password of Redis. Give either this or `passwordFrom`. State always holds it as a secret. The
   * vendor's documents name no rules for it; control characters are refused, since clients can't send
   * them. A change replaces. When the password was changed elsewhere, `ignoreChanges: ["password"]` keeps the instance.
   */
  password?: pulumi.Input<string> | undefined;
  /**
   * Where to read the password when the instance is ordered. The resource's state then never holds
   * it, and `connectionString` is undefined. `{ env: "REDIS_PASSWORD" }` is a variable of the process
   * that runs `pulumi up`; `{ config: "redisPassword" }` is a key of the stack's configuration. A
   * change of the source alone does nothing. A change between `password` and `passwordFrom` is an
   * update, because both are taken to be the same password.
   */
  passwordFrom?: pulumi.Input<PasswordSource> | undefined;
  /** Any text or number, with `passwordFrom`. A change replaces, and the password is read again. */
  passwordVersion?: pulumi.Input<string | number> | undefined;
  /**
   * The vendor's number of a specification (PaasGoodsId). It stands instead of `version`,
   * `architecture` and `ramGb`. A change replaces.
   */
  paasGoodsId?: Goods;
  /**
   * Name at the vendor, at most 64 characters, unique in the account. Default: the resource's name
   * and seven random digits. With a name of your own that stays the same, a replacement deletes the
   * old instance first, because two instances of one name cannot be told apart. A change replaces.
   */
  instanceName?: pulumi.Input<string> | undefined;
  /**
   * Port (ServicePort), 1024 to 65535 except 9100, 9121, 9122 and 16379. Default: 9736. A change
   * replaces.
   */
  port?: pulumi.Input<number> | undefined;
  /** Test group that pays for the order (TestGroupId). A change replaces. */
  testGroupId?: pulumi.Input<number> | undefined;
  /** Subject that pays for the order (SubjectId). A change replaces. */
  subjectId?: pulumi.Input<number> | undefined;
  /**
   * Takes a backup before the instance is deleted or replaced, downloads it and checks that its files
   * are whole. They go to `cds-final-backups/<instanceName>-<time>` where the program runs, or to another
   * `folder`. When that fails, nothing is deleted. To delete without a backup, set
   * `CDS_SKIP_FINAL_BACKUP=<instanceName>` in the environment. Default: false. A change is an update
   * that leaves the instance alone.
   */
  finalBackup?: pulumi.Input<FinalBackup> | undefined;
  /**
   * Name of the account. Its keys, endpoint and default region are read from the configuration
   * namespace `cds-<name>:` instead of `cds:`. Default: the account of `cds:`. A change replaces.
   */
  account?: pulumi.Input<string> | undefined;
}

/** A specification by its properties. The compiler checks literals against the catalogue. */
interface SpecificationArgs<Region, Version, Architecture, ComputeRole, RamGb> {
  /** Version of Redis that the region sells, such as `5.0`. A change replaces. */
  version: OneOf<Version, VersionIn<Region>>;
  /**
   * Architecture (架构): `master-replica` (主从), `cluster` (集群), `economy-master-replica`
   * (经济型主从), `read-write-splitting` (读写分离), or the vendor's own name of another
   * architecture. A change replaces.
   */
  architecture: OneOf<Architecture, ArchitectureIn<Region, Version>>;
  /**
   * Compute role (计算类型): `general` (通用型), `high-performance` (高性能型), `high-io`
   * (高I/O型), or the vendor's own name. It matters only when a size is sold in several roles.
   * Default: the role with the lowest goods id. A change replaces.
   */
  computeRole?: OneOf<ComputeRole, ComputeRoleIn<Region, Version, Architecture>> | undefined;
  /** Memory in GB, in a size that the region sells. A change replaces. */
  ramGb: OneOf<RamGb, RamGbIn<Region, Version, Architecture, ComputeRole>>;
}

/** A specification beside `paasGoodsId`: everything is optional, and what is given must agree with the goods. */
type AgreeingArgs = Optional<
  SpecificationArgs<TextInput, TextInput, TextInput, TextInput, NumberInput>
>;
type Optional<Args> = { [Name in keyof Args]?: Args[Name] | undefined };

/**
 * The type from which the compiler infers the type parameters. It takes incomplete arguments, so that
 * an editor can complete them, and keeps an input that is a union whole. Finished arguments never
 * have this type.
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
 * What to order. The vendor cannot change an instance, so a change of an argument is a
 * **replacement**: a new, empty instance is delivered, then the old instance is deleted with its
 * data. Preview shows the replacement. `protect: true` refuses it, once an earlier `pulumi up` has
 * recorded it. The docs of an argument say when a change is only an update.
 *
 * Give either `version`, `architecture` and `ramGb` together, or `paasGoodsId`. Literals that the
 * region does not sell do not compile. Outputs, and regions without a recorded catalogue, are checked
 * at preview. The compiler infers the type parameters; leave them out.
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

/** What `RedisInstance.get` needs and the vendor does not tell. The password gives `connectionString`. */
export type InstanceLookup = Pick<OrderArgs<TextInput, undefined>, "account" | "password">;

const UNSET: UnsetOutputs<RedisInstance> = {
  ...unset("regionId", "vdcId", "basePipeId", "version", "architecture", "computeRole", "ramGb"),
  ...unset("paasGoodsId", "password", "passwordFrom", "passwordVersion", "instanceName", "port"),
  ...unset("testGroupId", "subjectId", "finalBackup", "account"),
  ...unset("ip", "connectionString", "status", "createdTime", "vdcName", "resourceId"),
};
const SECRET_OUTPUTS = ["password", "connectionString"];

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
 * @example The same by the vendor's goods id, protected against replacement and deletion.
 * ```ts
 * const cache = new cds.RedisInstance("cache", {
 *     regionId: "CN_Hongkong_A", vdcId, basePipeId, paasGoodsId: 8075,
 *     password: config.requireSecret("password"),
 * }, { protect: true });
 * ```
 *
 * The id is the vendor's InstanceUuid. An instance that is ordered but not ready in time stays in
 * state: the next `pulumi up` goes on waiting for it and orders nothing.
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
  /** Private network (BasePipeId), as ordered. The vendor does not tell it. */
  declare public readonly basePipeId: pulumi.Output<string>;
  /** Password, as ordered. The vendor does not tell it. Undefined with `passwordFrom`. Secret. */
  declare public readonly password: pulumi.Output<string>;
  /** Where the password is read from, as given. */
  declare public readonly passwordFrom: pulumi.Output<PasswordSource | undefined>;
  /** Version of the password, as given. */
  declare public readonly passwordVersion: pulumi.Output<string | number | undefined>;
  /** Version of Redis. */
  declare public readonly version: pulumi.Output<string>;
  /** Architecture (架构), in the words of the argument. */
  declare public readonly architecture: pulumi.Output<string>;
  /** Compute role (计算类型). The vendor does not tell it: undefined after a change outside Pulumi. */
  declare public readonly computeRole: pulumi.Output<string | undefined>;
  /** Memory in GB. */
  declare public readonly ramGb: pulumi.Output<number>;
  /** The goods id (PaasGoodsId). The vendor does not tell it: undefined after a change outside Pulumi. */
  declare public readonly paasGoodsId: pulumi.Output<number | undefined>;
  /** Name at the vendor. */
  declare public readonly instanceName: pulumi.Output<string>;
  /** Port of Redis. */
  declare public readonly port: pulumi.Output<number>;
  /** Test group that pays, as ordered. */
  declare public readonly testGroupId: pulumi.Output<number | undefined>;
  /** Subject that pays, as ordered. */
  declare public readonly subjectId: pulumi.Output<number | undefined>;
  /** Whether and where the data is saved before a deletion, as given. */
  declare public readonly finalBackup: pulumi.Output<FinalBackup | undefined>;
  /** Name of the account. Undefined for the account of `cds:`. */
  declare public readonly account: pulumi.Output<string | undefined>;
  /** Address in the private network. */
  declare public readonly ip: pulumi.Output<string>;
  /** `redis://:<password>@<ip>:<port>`, the password percent-encoded. Undefined with `passwordFrom`. Secret. */
  declare public readonly connectionString: pulumi.Output<string>;
  /** The vendor's word: `RUNNING` when the instance can be used. */
  declare public readonly status: pulumi.Output<string>;
  /** When the instance was ordered, ISO 8601 in Beijing time. */
  declare public readonly createdTime: pulumi.Output<string>;
  /** Name of the virtual data center. */
  declare public readonly vdcName: pulumi.Output<string>;
  /** The vendor's id for billing. */
  declare public readonly resourceId: pulumi.Output<string>;

  /**
   * Reads an instance that this stack does not own: `destroy` leaves it alone.
   *
   * @param name The resource's name in the stack.
   * @param id The InstanceUuid.
   * @param state `account`, when it is not the account of `cds:`, and `password`, to get
   *   `connectionString`.
   * @param opts As for the constructor.
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: InstanceLookup = {},
    opts: pulumi.CustomResourceOptions = {},
  ): RedisInstance {
    // The other arguments are read from the vendor.
    return new RedisInstance(name, state as RedisInstanceArgs, { ...opts, id });
  }

  /**
   * @param name The resource's name in the stack.
   * @param args What to order.
   * @param opts `customTimeouts` sets how long `create` (30 minutes), `update` (30 minutes, to go on
   *   waiting) and `delete` (20 minutes, 80 with `finalBackup`) may take. `import` takes over the instance with this InstanceUuid. The
   *   instance is compared with the arguments first, and each difference is an error. `basePipeId`
   *   and the password are not compared, because the vendor does not tell them.
   */
  constructor(
    name: string,
    args: RedisInstanceArgs<Region, Version, Architecture, ComputeRole, RamGb, Goods>,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const password = args.password === undefined ? undefined : pulumi.secret(args.password);
    const additionalSecretOutputs = [...SECRET_OUTPUTS, ...(opts?.additionalSecretOutputs ?? [])];
    const options = { ...opts, additionalSecretOutputs };
    super("redisInstance", name, { ...UNSET, ...args, password }, options);
  }
}
