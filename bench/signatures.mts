// How many requests this package's signer signs in a second, beside the two signers of Alibaba Cloud's SDKs, whose
// requests are signed in the same way. Needs `npm run build` and `npm ci --prefix bench`. `--rounds=<n>` sets how often
// each is measured. Ends with 1 when either of the others is faster.
import { createRequire } from "node:module";

import type * as SignerModule from "../provider/vendor/signer.ts";
import { table, writeFigure } from "./figures.mts";
import { needed } from "./needed.mts";
import { summary, type Summary } from "./summary.mts";

type Query = Record<string, string>;
type Sign = (query: Query, method: string) => string;

/** The parts of both packages that are used; their types are missing where bench/ isn't installed. */
interface OpenApiUtil {
  default: { getRPCSignature(query: Query, method: string, secret: string): string };
}
interface RpcUtil {
  default: { getSignatureV1(query: Query, method: string, secret: string): string };
}

const BATCH_MILLISECONDS = 30;
const WARM_UP_MILLISECONDS = 300;
const require = createRequire(import.meta.url);
const signer = require("../dist/provider/vendor/signer.js") as typeof SignerModule;
const openApiUtil = (needed("@alicloud/openapi-util") as OpenApiUtil).default;
const rpcUtil = (needed("@alicloud/rpc-util") as RpcUtil).default;
const rounds = Number(
  process.argv.find((argument) => argument.startsWith("--rounds="))?.slice("--rounds=".length) ??
    61,
);

const secret = "not-a-real-secret-0123456789ab";
const OURS = "pulumi-cds-redis";
const signers: Readonly<Record<string, Sign>> = {
  // Theirs add the "&" of Alibaba Cloud's key themselves.
  [OURS]: (query, method) =>
    signer.signature(signer.stringToSign(method, signer.canonicalQuery(query)), `${secret}&`),
  "@alicloud/openapi-util": (query, method) => openApiUtil.getRPCSignature(query, method, secret),
  "@alicloud/rpc-util": (query, method) => rpcUtil.getSignatureV1(query, method, secret),
};
const names = Object.keys(signers);

const inputs = {
  "DescribeDBInstances, ASCII": {
    method: "GET",
    query: unsigned("DescribeDBInstances", { RegionId: "CN_Hongkong_A" }),
  },
  "CreateBackup, Chinese text": {
    method: "POST",
    query: unsigned("CreateBackup", {
      InstanceUuid: "0b3c5a0e-6a58-4f6c-9b0a-5c5d3f0e8f41",
      BackupType: "full-backup",
      Desc: "升级之前的备份：主从切换 (生产环境)，保留三十天*",
    }),
  },
};

const figures = Object.fromEntries(
  Object.entries(inputs).map(([name, { method, query }]) => {
    agree(query, method);
    return [name, measure(query, method)];
  }),
);
report(figures);

function unsigned(action: string, params: Query): Query {
  const nonce = "5f0c9f5c-7b0e-4f5e-8a37-0d7b0a3f5e10";
  return signer.unsignedQuery(
    { action, method: "GET", params, nonce, timestamp: "2026-11-24T03:00:00Z" },
    "not-a-real-key-id-0123456789abcd",
  );
}

/** Throws unless all sign the same way: else their speeds say nothing. */
function agree(query: Query, method: string): void {
  const signatures = new Set(Object.values(signers).map((sign) => sign(query, method)));
  if (signatures.size > 1) throw new Error(`the signatures differ: ${[...signatures].join(", ")}`);
}

/** Signatures per second of each, measured in turns so that what else the machine does falls on all. */
function measure(query: Query, method: string): Record<string, Summary> {
  const rates = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (const name of names) rate(name, query, method, WARM_UP_MILLISECONDS);
  for (let round = 0; round < rounds; round++)
    // Another one goes first each time: whoever follows finds the caches another left.
    for (const index of names.keys()) {
      const name = names[(index + round) % names.length] ?? OURS;
      rates[name]?.push(rate(name, query, method, BATCH_MILLISECONDS));
    }
  return Object.fromEntries(names.map((name) => [name, summary(rates[name] ?? [])]));
}

function rate(name: string, query: Query, method: string, milliseconds: number): number {
  const sign = signers[name];
  if (sign === undefined) throw new Error(`no signer is called ${name}`);
  let signed = 0;
  const start = performance.now();
  let elapsed = 0;
  while (elapsed < milliseconds) {
    for (let step = 0; step < 100; step++) {
      // As in life no two requests are alike.
      query["SignatureNonce"] = `5f0c9f5c-7b0e-4f5e-8a37-${String(100_000_000_000 + signed++)}`;
      sign(query, method);
    }
    elapsed = performance.now() - start;
  }
  return Math.round((signed / elapsed) * 1000);
}

function report(measured: Readonly<Record<string, Record<string, Summary>>>): void {
  const ratios: Record<string, number> = {};
  for (const [input, rates] of Object.entries(measured)) {
    const ours = rates[OURS]?.median ?? Number.NaN;
    const rows = names.map((name) => {
      const { min, median, max } = rates[name] ?? summary([]);
      return [name, ...[min, median, max].map(thousands), (median / ours).toFixed(2)];
    });
    const head = [`${input}, per second`, "min", "median", "max", "to ours"];
    const others = names.filter((name) => name !== OURS);
    const fastest = Math.max(...others.map((name) => rates[name]?.median ?? Number.NaN));
    const ratio = Number((ours / fastest).toFixed(3));
    ratios[input] = ratio;
    console.log(
      `${table(head, rows)}\nours is ${ratio.toFixed(2)} times the faster of the others\n`,
    );
  }
  const met = Object.values(ratios).every((ratio) => ratio >= 1);
  console.log(`at least as fast as the faster of both: ${met ? "yes" : "no"}`);
  writeFigure(
    "signatures",
    { rounds, unit: "signatures per second", rates: measured, toFasterOther: ratios, met },
    {
      title: "Signatures per second",
      subtitle: `The same signature from the same parameters, median of ${rounds} rounds in turns; more is better.`,
      unit: "signatures per second",
      groups: Object.keys(measured),
      series: names.map((name) => ({
        name,
        values: Object.values(measured).map((rates) => rates[name]?.median ?? null),
      })),
    },
  );
  if (!met) process.exitCode = 1;
}

function thousands(value: number): string {
  return value.toLocaleString("en");
}
