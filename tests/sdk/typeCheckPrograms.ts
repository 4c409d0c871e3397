// What the programs of the type tests are made of.

export const PRELUDE = `
import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
declare const network: { vdcId: string; basePipeId: string; password: pulumi.Output<string> };
declare const text: string;
declare const size: number;
declare const coin: boolean;
declare const input: pulumi.Input<string>;
declare const sizeInput: pulumi.Input<number>;
declare const perhaps: pulumi.Input<string> | undefined;
`;

/** Arguments by name, each as the text of an expression. */
export type Expressions = Readonly<Record<string, string | number>>;

export const HONGKONG = { regionId: '"CN_Hongkong_A"' };
export const CLUSTER = { version: '"5.0"', architecture: '"cluster"', ramGb: 20 };
export const GOOD = { ...HONGKONG, ...CLUSTER };
/** Not in the catalogue, so it compiles only where it is not held against it. */
export const UNSOLD = { version: '"9"', architecture: '"new"', ramGb: 3 };

/** A program of one instance in the network that the prelude declares. */
export function instance(args: Expressions, spread: readonly string[] = ["network"]): string {
  return `export const cache = new cds.RedisInstance("cache", ${object(args, spread)});`;
}

/** The text of an object literal. */
export function object(args: Expressions, spread: readonly string[] = ["network"]): string {
  const own = Object.entries(args).map(([name, value]) => `${name}: ${value}`);
  return `{ ${[...own, ...spread.map((name) => `...${name}`)].join(", ")} }`;
}
