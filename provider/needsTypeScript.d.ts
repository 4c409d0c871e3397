/**
 * The types for compilers before TypeScript 4.8, which cannot read the others. Pulumi compiles a project
 * that has no TypeScript of its own with 3.8. The error at the first name that a program uses shows the cure.
 */
declare const cure: {
  "pulumi-cds-redis needs TypeScript 4.8 or newer: npm install --save-dev typescript@5": never;
};

export const RedisBackup: typeof cure;
export const RedisInstance: typeof cure;
export const getAvailableDbConfig: typeof cure;
export const getAvailableDbConfigOutput: typeof cure;
export const getBackup: typeof cure;
export const getBackupDownload: typeof cure;
export const getBackupDownloadOutput: typeof cure;
export const getBackupOutput: typeof cure;
export const getBackups: typeof cure;
export const getBackupsOutput: typeof cure;
export const getInstance: typeof cure;
export const getInstanceOutput: typeof cure;
export const getInstances: typeof cure;
export const getInstancesOutput: typeof cure;
export const getPrivateNetwork: typeof cure;
export const getPrivateNetworkOutput: typeof cure;
export const getPrivateNetworks: typeof cure;
export const getPrivateNetworksOutput: typeof cure;
export const getRegions: typeof cure;
export const getRegionsOutput: typeof cure;
export const getVdc: typeof cure;
export const getVdcOutput: typeof cure;
export const getVdcs: typeof cure;
export const getVdcsOutput: typeof cure;
export const startEmulator: typeof cure;
