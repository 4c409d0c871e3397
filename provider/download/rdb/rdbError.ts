/** What is wrong with a file that should be an RDB file. */
export type RdbProblem =
  "not an RDB file" | "cut off" | "trailing bytes" | "altered" | "unknown version" | "unknown type";

/** A file is not a whole RDB file. The message holds nothing of its content. */
export class RdbError extends Error {
  readonly problem: RdbProblem;
  /** The byte of the file where it shows. */
  readonly offset: number;

  constructor(problem: RdbProblem, offset: number, message: string) {
    super(message);
    this.name = "RdbError";
    this.problem = problem;
    this.offset = offset;
  }
}

export function altered(what: string, offset: number): RdbError {
  return new RdbError("altered", offset, `altered: ${what} at byte ${offset}`);
}
