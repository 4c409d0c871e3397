export { RedisBackup, type RedisBackupArgs, type RedisBackupEntry } from "./redisBackup";
export { RedisInstance, type RedisInstanceArgs } from "./redisInstance";
