import type { Input } from "@pulumi/pulumi";

import type { catalog as recorded } from "./catalog.gen";
import type { CatalogShape } from "./catalogShape";
import type { Register } from "./index";

/** The catalogue that the program registered, else the one this package was released with. */
export type Catalog = Register extends { catalog: infer Own extends CatalogShape }
  ? Own
  : typeof recorded;

/** A region of the vendor, such as `CN_Hongkong_A`. */
export type RegionId = Extract<keyof Catalog["regions"], string>;

export type TextInput = Input<string>;
export type NumberInput = Input<number>;

/**
 * The type of an argument that was given as `Given`: the choices for a literal, so that the
 * compiler names the argument and what is for sale. What is known at run time only is taken as it
 * is and checked at preview; the choices stay beside it, for the editor to complete.
 */
export type OneOf<Given, Allowed> = Given extends string | number
  ? IsLiteral<Given> extends true
    ? Allowed
    : Allowed | (Given extends string ? AnyText : AnyNumber)
  : Given;

/** Keeps TypeScript from merging the literals into `string` or `number`, which would end completion. */
type AnyText = string & {};
type AnyNumber = number & {};

/** A literal key makes a property, which can be missing; any other an index signature, which can't. */
type IsLiteral<T> = [T] extends [string | number]
  ? Partial<Record<T, unknown>> extends Record<T, unknown>
    ? false
    : true
  : false;

/** What the region sells by version; undefined, with whatever else is possible, where that is not recorded. */
type Versions<Region> =
  IsLiteral<Region> extends true
    ? Region extends keyof Catalog["offers"]
      ? Catalog["offers"][Region]
      : undefined
    : All<Catalog["offers"]> | undefined;
type Architectures<Region, Version> = Branch<Versions<Region>, Version>;
type ComputeRoles<Region, Version, Architecture> = Branch<
  Architectures<Region, Version>,
  Architecture
>;
type Sizes<Region, Version, Architecture, ComputeRole> = Branch<
  ComputeRoles<Region, Version, Architecture>,
  ComputeRole
>;

/** The versions for sale in a region. */
export type VersionIn<Region> = Choice<Versions<Region>, AnyText>;
/** The architectures for sale of a version in a region. */
export type ArchitectureIn<Region, Version> = Choice<Architectures<Region, Version>, AnyText>;
/** The compute roles for sale of an architecture. */
export type ComputeRoleIn<Region, Version, Architecture> = Choice<
  ComputeRoles<Region, Version, Architecture>,
  AnyText
>;
/** The sizes for sale, in GB. */
export type RamGbIn<Region, Version, Architecture, ComputeRole> = Choice<
  Sizes<Region, Version, Architecture, ComputeRole>,
  AnyNumber
>;

/** The branch at a literal key; all branches together where the key is known at run time only. */
type Branch<Tree, Key> = IsLiteral<Key> extends true ? At<Tree, Key> : All<Tree>;
type At<Tree, Key> = Tree extends undefined
  ? undefined
  : Key extends keyof Tree
    ? Tree[Key]
    : never;
type All<Tree> = Tree extends undefined ? undefined : Tree[keyof Tree];

/** The keys of the trees; anything where nothing is recorded, or where an argument before is wrong already. */
type Choice<Tree, Anything> = [Tree] extends [never]
  ? Anything
  : undefined extends Tree
    ? KeyOf<Exclude<Tree, undefined>> | Anything
    : KeyOf<Tree>;
type KeyOf<Tree> = Tree extends unknown ? keyof Tree : never;
