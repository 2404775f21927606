const exact = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** `1,234,567` */
export function countText(count: number): string {
  return exact.format(count);
}

/** `1.2M`, where there is no room for more; the exact one belongs beside it. */
export function shortCountText(count: number): string {
  return short.format(count);
}

/** `1 stream`, `2 streams` */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${exact.format(count)} ${count === 1 ? noun : plural}`;
}
