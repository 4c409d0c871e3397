module cds-redis-go

go 1.25.11

require (
	example.com/pulumi-cds-redis/sdk/go v0.0.0
	github.com/pulumi/pulumi/sdk/v3 v3.259.0
)

// `pulumi package add` generates the SDK into this folder.
replace example.com/pulumi-cds-redis/sdk/go => ./sdks/cds-redis
