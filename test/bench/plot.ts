/** How something grows: a bar for each size. */
export interface Plot {
  /** What the bars are, and in what. */
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as it is read, and what goes with it. */
  readonly text: string;
}

const BAR_COLUMNS = 40;

/** A line for each bar, the longest as wide as there is room. */
export function renderPlot({ title, bars }: Plot): string[] {
  const most = Math.max(...bars.map(({ value }) => value));
  const labelWidth = Math.max(...bars.map(({ label }) => label.length));
  return [
    title,
    ...bars.map(({ label, value, text }) => {
      const bar = "█".repeat(Math.max(1, Math.round((value / most) * BAR_COLUMNS)));
      return `${label.padStart(labelWidth)} ${bar} ${text}`;
    }),
  ];
}
