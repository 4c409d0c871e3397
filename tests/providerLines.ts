/** The texts of `__provider` as they are recorded for ever: written out, so that no edit changes them unseen. */
export const PROVIDER_LINES = {
  redisInstance:
    'exports.handler = () => { let host; try { host = require.resolve("pulumi-cds-redis/host", { paths: [".", require.main.path] }) } catch { throw Error(`Add pulumi-cds-redis to package.json in ${process.cwd()}`) } return require(host).redisInstance };',
  redisBackup:
    'exports.handler = () => { let host; try { host = require.resolve("pulumi-cds-redis/host", { paths: [".", require.main.path] }) } catch { throw Error(`Add pulumi-cds-redis to package.json in ${process.cwd()}`) } return require(host).redisBackup };',
} as const;

/** The texts of release 0.1.0, which states go on having. */
export const OLDER_PROVIDER_LINES = {
  redisInstance: 'exports.handler = () => require("pulumi-cds-redis/host").redisInstance;',
  redisBackup: 'exports.handler = () => require("pulumi-cds-redis/host").redisBackup;',
} as const;
