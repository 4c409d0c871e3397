// A Redis instance on Capital Online and a backup of it. Run it in a copy of this folder, with Node.js 22.12 or newer:
//
//	pulumi plugin install resource cds-redis 0.1.0 --file pulumi-resource-cds-redis-v0.1.0-<platform>.tar.gz
//	pulumi package add cds-redis && go mod tidy
//	pulumi stack init dev
//	pulumi config set --secret cds-redis:accessKeyId <AccessKeyId>
//	pulumi config set --secret cds-redis:accessKeySecret <AccessKeySecret>
//	pulumi config set --secret password <password for Redis>
//	pulumi config set vdcName <data center> && pulumi config set networkName <private network>   # their names
//	pulumi up
package main

import (
	"cmp"

	"example.com/pulumi-cds-redis/sdk/go/cdsredis"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cfg := config.New(ctx, "")

		network, err := cdsredis.GetPrivateNetwork(ctx, &cdsredis.GetPrivateNetworkArgs{
			RegionId: pulumi.StringRef(cmp.Or(cfg.Get("regionId"), "CN_Hongkong_A")),
			VdcName:  pulumi.StringRef(cfg.Require("vdcName")),
			Name:     pulumi.StringRef(cfg.Require("networkName")),
		})
		if err != nil {
			return err
		}

		cache, err := cdsredis.NewRedisInstance(ctx, "cache", &cdsredis.RedisInstanceArgs{
			RegionId:     pulumi.String(network.RegionId),
			VdcId:        pulumi.String(network.VdcId),
			BasePipeId:   pulumi.String(network.BasePipeId),
			Version:      pulumi.String(cmp.Or(cfg.Get("version"), "5.0")),
			Architecture: pulumi.String(cmp.Or(cfg.Get("architecture"), "cluster")),
			RamGb:        pulumi.Float64(cmp.Or(cfg.GetFloat64("ramGb"), 8)),
			Password:     cfg.RequireSecret("password"),
		})
		if err != nil {
			return err
		}

		backup, err := cdsredis.NewRedisBackup(ctx, "first-backup", &cdsredis.RedisBackupArgs{
			InstanceId:  cache.ID(),
			Description: pulumi.String("taken by the quick start"),
		})
		if err != nil {
			return err
		}

		ctx.Export("host", cache.Ip)
		ctx.Export("port", cache.Port)
		ctx.Export("connectionString", cache.ConnectionString)
		ctx.Export("backupId", backup.Entries.Index(pulumi.Int(0)).BackupId())
		ctx.Export("backupBytes", backup.SizeBytes)
		return nil
	})
}
