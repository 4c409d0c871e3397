/** What one server process is to be. */
export interface RedisServerPlan {
  readonly address: string;
  readonly port: number;
  readonly password: string;
  readonly maxMemoryBytes: number;
  /** Its own, for the file that BGSAVE writes. */
  readonly folder: string;
  readonly isClusterNode: boolean;
}

/** The file that BGSAVE writes, in the server's folder. */
export const DUMP_FILE = "dump.rdb";

const BUS_OFFSET = 10_000;

/** What redis-server reads on its standard input: only there the password is in nobody's sight. */
export function redisConfiguration(plan: RedisServerPlan): string {
  return [
    `bind ${plan.address}`,
    `port ${plan.port}`,
    `requirepass ${quoted(plan.password)}`,
    `maxmemory ${plan.maxMemoryBytes}`,
    `dir ${quoted(plan.folder)}`,
    `dbfilename ${DUMP_FILE}`,
    // Written on order alone: a backup is the vendor's only file.
    'save ""',
    "appendonly no",
    "daemonize no",
    // Says when it listens.
    "loglevel notice",
    ...(plan.isClusterNode ? clusterLines(plan) : []),
    "",
  ].join("\n");
}

function clusterLines({ address, port }: RedisServerPlan): string[] {
  return [
    "cluster-enabled yes",
    "cluster-config-file nodes.conf",
    // Its peers would take 127.0.0.1 for it, which is where its connections come from.
    `cluster-announce-ip ${address}`,
    // Redis 7 and later; the default, which older ones know, would be no port.
    ...(port + BUS_OFFSET > 65535 ? [`cluster-port ${busPort(port)}`] : []),
  ];
}

/** The port of a node's cluster bus. */
export function busPort(port: number): number {
  return port + BUS_OFFSET > 65535 ? port - BUS_OFFSET : port + BUS_OFFSET;
}

/** Each byte in hexadecimal digits, so that no character of a password can mean something. */
function quoted(text: string): string {
  const digits = Buffer.from(text).toString("hex");
  return `"${digits.replace(/../g, "\\x$&")}"`;
}
