/** The one state of a backup that the vendor documents; in other products of its the case differs. */
export function saysFinished(status: string | undefined): boolean {
  return status?.toLowerCase() === "finished";
}

/** The vendor documents no state of failure: one whose name says so is taken for one. */
export function saysFailure(status: string): boolean {
  return /fail|error|except|失败|异常/i.test(status);
}
