# A Redis instance on Capital Online and a backup of it. Run it in a copy of this folder, with Node.js 22.12 or newer:
#
#   pulumi plugin install resource cds-redis 0.1.0 --file pulumi-resource-cds-redis-v0.1.0-<platform>.tar.gz
#   pulumi package add cds-redis
#   pulumi stack init dev
#   pulumi config set --secret cds-redis:accessKeyId <AccessKeyId>
#   pulumi config set --secret cds-redis:accessKeySecret <AccessKeySecret>
#   pulumi config set --secret password <password for Redis>
#   pulumi config set vdcName <data center> && pulumi config set networkName <private network>   # their names
#   pulumi up
import pulumi
import pulumi_cds_redis as cds

config = pulumi.Config()

network = cds.get_private_network(
    region_id=config.get("regionId") or "CN_Hongkong_A",
    vdc_name=config.require("vdcName"),
    name=config.require("networkName"),
)

cache = cds.RedisInstance(
    "cache",
    region_id=network.region_id,
    vdc_id=network.vdc_id,
    base_pipe_id=network.base_pipe_id,
    version=config.get("version") or "5.0",
    architecture=config.get("architecture") or "cluster",
    ram_gb=config.get_int("ramGb") or 8,
    password=config.require_secret("password"),
)

backup = cds.RedisBackup(
    "first-backup",
    instance_id=cache.id,
    description="taken by the quick start",
)

pulumi.export("host", cache.ip)
pulumi.export("port", cache.port)
pulumi.export("connectionString", cache.connection_string)
pulumi.export("backupId", backup.entries[0].backup_id)
pulumi.export("backupBytes", backup.size_bytes)
