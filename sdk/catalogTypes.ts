import type { Input } from "@pulumi/pulumi";

import type { catalog as recorded } from "./catalog.gen";
import type { CatalogShape } from "./catalogShape";
import type { Register } from "./index";

/** The catalogue that the program registered, else the catalogue of this release. */
export type Catalog = Register extends { catalog: infer Own extends CatalogShape }
  ? Own
  : typeof recorded;

/** A region of the vendor, such as `CN_Hongkong_A`. */
export type RegionId = Extract<keyof Catalog["regions"], string>;

export type TextInput = Input<string>;
export type NumberInput = Input<number>;

/**
 * The type of an argument that was given as `Given`. For a literal it is the choices, so that the
 * compiler names the argument and what is for sale. A value that only run time knows is accepted and
 * checked at preview. The choices stay in the type even then, so that the editor can complete them.
 */
export type OneOf<Given, Allowed> = Given extends string | number
  ? IsLiteral<Given> extends true
    ? Allowed
    : Allowed | (Given extends string ? AnyText : AnyNumber)
  : Given;

/** Keeps TypeScript from merging the literals into `string` or `number`, where the editor completes nothing. */
type AnyText = string & {};
type AnyNumber = number & {};

/** A literal key makes a property, which can be missing. Any other key makes an index signature, which cannot. */
type IsLiteral<T> = [T] extends [string | number]
  ? Partial<Record<T, unknown>> extends Record<T, unknown>
    ? false
    : true
  : false;

/** What the region sells by version. The type includes undefined when the region may not be recorded. */
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

/** The branch at a literal key, or all branches together when only run time knows the key. */
type Branch<Tree, Key> = IsLiteral<Key> extends true ? At<Tree, Key> : All<Tree>;
type At<Tree, Key> = Tree extends undefined
  ? undefined
  : Key extends keyof Tree
    ? Tree[Key]
    : never;
type All<Tree> = Tree extends undefined ? undefined : Tree[keyof Tree];

/** The keys of the trees. Anything, when nothing is recorded or an earlier argument is already wrong. */
type Choice<Tree, Anything> = [Tree] extends [never]
  ? Anything
  : undefined extends Tree
    ? KeyOf<Exclude<Tree, undefined>> | Anything
    : KeyOf<Tree>;
type KeyOf<Tree> = Tree extends unknown ? keyof Tree : never;
