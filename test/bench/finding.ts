/** One measurement beside what it is meant to be. */
export interface Finding {
  readonly name: string;
  /** The ratio; microseconds where the name says so. */
  readonly value: number;
  /**
   * How far off it may be, as measured, where it is a difference. A value that is no larger says nothing but that there
   * is less than this.
   */
  readonly noise?: number;
  /** Null where it is only told. */
  readonly target: { readonly atMost: number } | { readonly atLeast: number } | null;
  /** What the value was made from: `1.9 ms over 1.4 ms, median of 200 pairs`. */
  readonly from: string;
}

export function isMet(finding: Finding): boolean {
  const { value, target } = finding;
  if (target === null) return true;
  const noise = noiseOver(finding);
  // What is lost in the noise may be as large as that.
  if (noise !== null) return "atMost" in target && noise <= target.atMost;
  return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}

/** The noise that the value is lost in; null where it is a figure. */
function noiseOver({ value, noise }: Finding): number | null {
  return noise !== undefined && value <= noise ? Math.max(noise, Math.abs(value)) : null;
}

/** The value as it is read. */
function shown(finding: Finding, show: (value: number) => string): string {
  const noise = noiseOver(finding);
  return noise === null ? show(finding.value) : `below noise (± ${show(noise)})`;
}

const VALUE_COLUMNS = 8;

/** A table for people, one line for each finding. */
export function renderFindings(findings: readonly Finding[]): string {
  const nameColumns = Math.max(...findings.map(({ name }) => name.length));
  const values = findings.map((finding) => shown(finding, (value) => value.toFixed(3)));
  const valueColumns = Math.max(VALUE_COLUMNS, ...values.map((value) => value.length));
  return findings
    .map((finding, place) => {
      const { name, from } = finding;
      const verdict = finding.target === null ? "" : isMet(finding) ? "met" : "MISSED";
      const columns = [
        name.padEnd(nameColumns),
        (values[place] ?? "").padStart(valueColumns),
        aimOf(finding).padEnd(8),
      ];
      return [...columns, verdict.padEnd(6), from].join("  ");
    })
    .join("\n");
}

/** `<= 1.3`, or nothing. */
function aimOf({ target }: Finding): string {
  if (target === null) return "";
  return "atMost" in target ? `<= ${target.atMost}` : `>= ${target.atLeast}`;
}

/** The same as a table of Markdown, each column as wide as its widest cell. */
export function markdownTable(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => [
    finding.name,
    `${shown(finding, shortNumber)}${isMet(finding) ? "" : " (missed)"}`,
    aimOf(finding).replace("<=", "≤").replace(">=", "≥"),
    finding.from,
  ]);
  return renderTable(["measured", "ratio", "aim", "from"], rows);
}

export function renderTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], filler = " ") =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, filler)).join(" | ")} |`;
  return [line(titles), line([], "-"), ...rows.map((row) => line(row))].join("\n");
}

/** Three digits that matter. */
export function shortNumber(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

/** `67,659/s` */
export function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString("en-US")}/s`;
}

/** The value below which this share of them is. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
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
