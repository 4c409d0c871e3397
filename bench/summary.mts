/** Of several measurements, in seconds. */
export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function summary(seconds: readonly number[]): Summary {
  const sorted = [...seconds].sort((one, other) => one - other);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    min: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    max: at(sorted.length - 1),
  };
}

export function format({ min, median, max }: Summary): string {
  return [min, median, max].map((value) => value.toFixed(3).padStart(7)).join(" ");
}
