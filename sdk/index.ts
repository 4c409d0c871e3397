export type { RedisBackupArgs } from "../provider/redisBackup";
export type { RedisInstanceArgs } from "../provider/redisInstance";
