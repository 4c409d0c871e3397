import {
  EmulatorApi,
  type EmulatorApiAnswer,
  type EmulatorApiConnections,
  type EmulatorApiOptions,
  type EmulatorApiRequest,
} from "../../emulator";
import { formatTimestamp, signedQuery } from "../../provider/vendor/signer";

export const START = Date.parse("2026-11-21T08:30:00Z");
export const HONG_KONG = "CN_Hongkong_A";
/** Read/write splitting, 1 GB, version 2.8.19. */
export const SMALL = 5765;
/** Cluster, 20 GB, version 5.0: five shards by the emulator's rule. */
export const CLUSTER = 8075;

export const ORDER = {
  RegionId: HONG_KONG,
  VdcId: "vdc-1",
  BasePipeId: "pipe-1",
  InstanceName: "cache",
  PaasGoodsId: SMALL,
  Password: "canary-password-1",
};

const READS = ["DescribeRegins", "DescribeAvailableDBConfig", "DescribeDBInstances"];
READS.push("DescribeBackups", "DownloadBackup", "DescribeVdc");

export interface VirtualAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly code: string;
  readonly message: string;
  readonly data: unknown;
  readonly text: string;
}

/** An emulator in virtual time, and a caller that signs as the vendor documents. */
export class VirtualEmulator {
  now = START;
  readonly lines: string[] = [];
  readonly api: EmulatorApi;
  #nonce = 0;

  constructor(options: EmulatorApiOptions = {}, connections: EmulatorApiConnections = {}) {
    this.api = new EmulatorApi(
      {
        seed: 1,
        deliverySeconds: 100,
        backupSeconds: 20,
        deleteSeconds: 10,
        now: () => this.now,
        log: (line) => this.lines.push(line),
        ...options,
      },
      connections,
    );
  }

  get store(): EmulatorApi["store"] {
    return this.api.store;
  }

  pass(seconds: number): void {
    this.now += seconds * 1000;
  }

  query(action: string, method: "GET" | "POST", params: Record<string, string> = {}): string {
    this.#nonce += 1;
    return signedQuery(
      {
        action,
        method,
        params,
        nonce: `nonce-${this.#nonce}`,
        timestamp: formatTimestamp(this.now),
      },
      this.api.credentials,
    );
  }

  /** Sends a request as it is given. */
  send(method: string, url: string, body = ""): VirtualAnswer {
    return decoded(this.api.handle({ method, url, body }));
  }

  /** Signs: a read's parameters in the query, the others' in the body. */
  request(action: string, params: Record<string, unknown> = {}): EmulatorApiRequest {
    if (READS.includes(action)) {
      const query = this.query(action, "GET", params as Record<string, string>);
      const path = action === "DescribeVdc" ? "network" : "redis";
      return { method: "GET", url: `/${path}/?${query}`, body: "" };
    }
    const url = `/redis/?${this.query(action, "POST")}`;
    return { method: "POST", url, body: JSON.stringify(params) };
  }

  /** Signs and sends, for an answer that may be none of the vendor's. */
  raw(action: string, params: Record<string, unknown> = {}): EmulatorApiAnswer {
    return this.api.handle(this.request(action, params));
  }

  /** Signs and sends, for an answer in the vendor's envelope. */
  call(action: string, params: Record<string, unknown> = {}): VirtualAnswer {
    return decoded(this.raw(action, params));
  }

  /** Orders an instance and lets it be delivered. */
  runningInstance(order: Partial<typeof ORDER> = {}): string {
    const { data } = this.call("CreateDBInstance", { ...ORDER, ...order });
    this.pass(200);
    return (data as { InstancesUuid: [string] }).InstancesUuid[0];
  }

  /** The list that DescribeDBInstances or DescribeBackups answers. */
  list(action: string, params: Record<string, string> = {}): Record<string, unknown>[] {
    return this.call(action, params).data as Record<string, unknown>[];
  }
}

function decoded({ status, headers, body: text }: EmulatorApiAnswer): VirtualAnswer {
  const { Code, Message, Data } = JSON.parse(text) as Record<string, unknown>;
  return { status, headers, code: String(Code), message: String(Message), data: Data, text };
}
