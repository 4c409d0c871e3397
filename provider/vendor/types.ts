/**
 * What the vendor tells, under our names. The data functions return these types; `actions/` has the
 * schemas that read them.
 */

/** A region of the vendor (站点), as DescribeRegins gives it. */
export interface Region {
  /** RegionId, such as `CN_Hongkong_A`. "" for a site that can't be ordered through the API. */
  readonly regionId: string;
  /** Name of the part of the world (区域名称), such as 亚太地区. */
  readonly regionName: string;
  /** Name of the site (SiteName), which is the region that an instance is ordered in. */
  readonly siteName: string;
  /** The vendor's id of the city (CityId). */
  readonly cityId: string;
  /** Name of the city (CityName). */
  readonly cityName: string;
  /** Whether new instances can be ordered there (IsSaling). */
  readonly forSale: boolean;
}

/** What a region sells. */
export interface AvailableDbConfig {
  readonly versions: readonly AvailableVersion[];
}

interface AvailableVersion {
  readonly version: string;
  readonly architectures: readonly AvailableArchitecture[];
}

export interface AvailableArchitecture {
  readonly architectureName: string;
  /** Newer answers only: 1 master-replica, 2 cluster, 3 economy master-replica. */
  readonly architectureType?: number | undefined;
  readonly subProductName: string;
  readonly computeRoles: readonly AvailableComputeRole[];
}

interface AvailableComputeRole {
  readonly computeName: string;
  /** With the memory in GB. */
  readonly sizes: readonly { readonly paasGoodsId: number; readonly ramGb: number }[];
}

/** A Redis instance as the vendor lists it. A text is "" and a number 0 where the vendor doesn't tell it. */
export interface Instance {
  /** The vendor's id (InstanceUuid). */
  readonly instanceId: string;
  /** Name at the vendor. */
  readonly instanceName: string;
  /** The vendor's word: `RUNNING` when the instance can be used. Other values are not documented. */
  readonly status: string;
  /** The vendor's Chinese text for the status, such as 运行中. */
  readonly statusText: string;
  /** Address in the private network. */
  readonly ip: string;
  /** Port of Redis. */
  readonly port: number;
  /** Memory in GB. The vendor counts in MB. */
  readonly ramGb: number;
  /** Version of Redis. */
  readonly version: string;
  /** Architecture (架构): `master-replica`, `cluster`, `economy-master-replica`, `read-write-splitting`, or the vendor's own name. */
  readonly architecture: string;
  /** The vendor's name of the architecture, such as `Redis 集群版`. */
  readonly subProductName: string;
  /** Region (RegionId). */
  readonly regionId: string;
  /** Virtual data center (VdcId). */
  readonly vdcId: string;
  /** Name of the virtual data center. */
  readonly vdcName: string;
  /** When the instance was ordered, ISO 8601 in Beijing time. */
  readonly createdTime: string;
  /** The vendor's id for billing. */
  readonly resourceId: string;
  /** Names of the instance's tags. Empty in the vendor's older answers. */
  readonly tagNames: readonly string[];
}

/** One file of a backup: the whole of it, or one shard's part for a cluster. */
export interface BackupFile {
  /** The vendor's BackupId. */
  readonly backupId: string;
  /** The vendor's ShardId. "" unless the instance is a cluster. */
  readonly shardId: string;
  /** The vendor's word: `finished` when the file can be used. */
  readonly status: string;
  /** Size of the file, in bytes. */
  readonly sizeBytes: number;
  /** When the entry was started, ISO 8601 in Beijing time. */
  readonly startTime: string;
  /** When the entry ended, ISO 8601 in Beijing time. "" until then. */
  readonly endTime: string;
}

/** One entry of DescribeBackups: a whole backup, or one shard's part of a cluster's. */
export interface BackupEntry extends BackupFile {
  /** `manual`, or the vendor's own word for an automatic one. */
  readonly mode: string;
  /** The text given at CreateBackup. */
  readonly description: string;
}

/** A virtual data center (虚拟数据中心, VDC) of the account, as DescribeVdc gives it. */
export interface Vdc {
  /** The vendor's id (VdcId). */
  readonly vdcId: string;
  /** Name at the vendor. */
  readonly vdcName: string;
  /** Region (RegionId). */
  readonly regionId: string;
  /** Its private networks. */
  readonly privateNetworks: readonly PrivateNetwork[];
}

/** A private network (私网) of a virtual data center: all that an order says of where it goes. */
export interface PrivateNetwork {
  /** The vendor's id (PrivateId), which an order names as BasePipeId. */
  readonly basePipeId: string;
  /** Name at the vendor. */
  readonly name: string;
  /** Its virtual data center (VdcId). */
  readonly vdcId: string;
  /** Name of the virtual data center. */
  readonly vdcName: string;
  /** Region (RegionId). */
  readonly regionId: string;
  /** The vendor's word: `ok` when the network can be used. */
  readonly status: string;
  /** Its addresses, such as `10.240.59.0/16~10.240.59.255/16`. */
  readonly segments: readonly string[];
  /** How many addresses are free (UnuseIpNum). Undefined where the vendor doesn't tell it. */
  readonly freeAddresses: number | undefined;
}
