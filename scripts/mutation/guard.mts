/** A guard against losing, doubling or deleting something, and the change that removes it. */
export interface Guard {
  /** The rule that no longer holds without it. */
  readonly name: string;
  /** Source file, from the project's root. */
  readonly file: string;
  /** Text of the source, which must occur exactly once. */
  readonly guard: string;
  readonly without: string;
}
