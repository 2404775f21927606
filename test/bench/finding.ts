/** One measurement beside what it is meant to be. */
export interface Finding {
  readonly name: string;
  /** The ratio; microseconds where the name says so. */
  readonly value: number;
  readonly target: { readonly atMost: number } | { readonly atLeast: number };
  /** What the value was made from: `1.9 ms over 1.4 ms, median of 200 pairs`. */
  readonly from: string;
}

export function isMet({ value, target }: Finding): boolean {
  return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}

/** A table for people, one line for each finding. */
export function renderFindings(findings: readonly Finding[]): string {
  const nameColumns = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .map((finding) => {
      const { name, value, target, from } = finding;
      const wanted = "atMost" in target ? `<= ${target.atMost}` : `>= ${target.atLeast}`;
      const verdict = isMet(finding) ? "met   " : "MISSED";
      return `${name.padEnd(nameColumns)}  ${value.toFixed(3).padStart(8)}  ${wanted.padEnd(8)}  ${verdict}  ${from}`;
    })
    .join("\n");
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
