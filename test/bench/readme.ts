import type { Cost } from "./cost.ts";
import { type Finding, markdownTable, renderTable, shortNumber } from "./finding.ts";
import { type Plot, renderPlot } from "./plot.ts";

/** What a whole run found out. */
export interface Results {
  readonly findings: readonly Finding[];
  readonly costs: readonly Cost[];
  readonly scale: readonly Plot[];
  readonly conditions: Conditions;
}

export interface Conditions {
  readonly day: string;
  readonly processors: number;
  /** How many of them were at work on something else when it began. */
  readonly inUse: number;
}

const BEGIN = "<!-- bench: written by `npm run bench -- --readme` -->";
const END = "<!-- /bench -->";

/** The page between the marks in the README replaced by these results. */
export function withResults(readme: string, results: Results): string {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`The README has no ${BEGIN} … ${END}.`);
  return `${readme.slice(0, from + BEGIN.length)}\n\n${page(results)}\n\n${readme.slice(to)}`;
}

function page({ findings, costs, scale, conditions }: Results): string {
  const busy = conditions.inUse > conditions.processors / 8;
  const state = busy
    ? `on a machine that was busy with other work (${conditions.inUse.toFixed(1)} of them), so these figures are provisional`
    : "on a machine that did nothing else";
  return [
    `Measured on ${conditions.day} with ${conditions.processors} processors, ${state}.`,
    markdownTable(findings),
    ...(costs.length === 0 ? [] : [costTable(costs)]),
    ...(scale.length === 0 ? [] : [plots(scale)]),
  ].join("\n\n");
}

function costTable(costs: readonly Cost[]): string {
  const titles = [
    "a million entities of 300 B, 1,000 a page, all read",
    "rows written",
    "rows read",
    "requests to the source",
    "calls of objects (calculated)",
    "object-seconds",
    "dollars, of the object",
  ];
  const rows = costs.map(({ what, perMillion: usage, dollars }) => [
    what,
    shortNumber(usage.rowsWritten),
    shortNumber(usage.rowsRead),
    shortNumber(usage.sourceRequests),
    shortNumber(usage.objectRequests),
    shortNumber(usage.objectSeconds),
    `$${dollars.toPrecision(2)}`,
  ]);
  return renderTable(titles, rows);
}

function plots(scale: readonly Plot[]): string {
  return ["```", scale.map((plot) => renderPlot(plot).join("\n")).join("\n\n"), "```"].join("\n");
}
