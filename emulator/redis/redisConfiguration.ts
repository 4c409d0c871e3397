/** The settings of one server process. */
export interface RedisServerPlan {
  readonly address: string;
  readonly port: number;
  readonly password: string;
  readonly maxMemoryBytes: number;
  /** The server's own folder, where BGSAVE writes its file. */
  readonly folder: string;
  readonly isClusterNode: boolean;
}

/** The file that BGSAVE writes, in the server's folder. */
export const DUMP_FILE = "dump.rdb";

const BUS_OFFSET = 10_000;

/** The configuration that redis-server reads on its standard input: nobody else can see the password there. */
export function redisConfiguration(plan: RedisServerPlan): string {
  return [
    `bind ${plan.address}`,
    `port ${plan.port}`,
    `requirepass ${quoted(plan.password)}`,
    `maxmemory ${plan.maxMemoryBytes}`,
    `dir ${quoted(plan.folder)}`,
    `dbfilename ${DUMP_FILE}`,
    // The server saves its data only when a backup is ordered.
    'save ""',
    "appendonly no",
    "daemonize no",
    // At this level the server says when it listens.
    "loglevel notice",
    ...(plan.isClusterNode ? clusterLines(plan) : []),
    "",
  ].join("\n");
}

function clusterLines({ address, port }: RedisServerPlan): string[] {
  return [
    "cluster-enabled yes",
    "cluster-config-file nodes.conf",
    // Without it the peers would take the address that connections come from, which is 127.0.0.1.
    `cluster-announce-ip ${address}`,
    // The default bus port would be above 65535. Only Redis 7 and later take another.
    ...(port + BUS_OFFSET > 65535 ? [`cluster-port ${busPort(port)}`] : []),
  ];
}

/** The port of a node's cluster bus. */
export function busPort(port: number): number {
  return port + BUS_OFFSET > 65535 ? port - BUS_OFFSET : port + BUS_OFFSET;
}

/** Spells each byte in hexadecimal digits, so that no character has a meaning in the configuration. */
function quoted(text: string): string {
  const digits = Buffer.from(text).toString("hex");
  return `"${digits.replace(/../g, "\\x$&")}"`;
}
