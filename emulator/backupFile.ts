/** A whole RDB file without keys: the magic word, the end mark, and a checksum of zero, which Redis does not check. */
export const BACKUP_FILE: Buffer = Buffer.concat([
  Buffer.from("REDIS0009", "latin1"),
  Buffer.from([0xff]),
  Buffer.alloc(8),
]);
