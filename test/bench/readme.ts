import type { Cost } from "./cost.ts";
import { type Finding, markdownTable, renderTable, shortNumber } from "./finding.ts";
import type { Scale, ScalePoint } from "./scale.ts";

/** What a whole run found out. */
export interface Results {
  readonly findings: readonly Finding[];
  readonly costs: readonly Cost[];
  readonly scale: Scale | null;
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
const BAR_COLUMNS = 40;

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
    ...(scale === null ? [] : [plots(scale)]),
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
    "dollars",
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

function plots({ byEntities, byConnections }: Scale): string {
  return [
    "```",
    ...plot("entities in one connection: entities a second", byEntities),
    "",
    ...plot("connections syncing at once: entities a second of them all", byConnections),
    "```",
  ].join("\n");
}

/** A bar for each, the longest as wide as there is room. */
function plot(title: string, points: readonly ScalePoint[]): string[] {
  const most = Math.max(...points.map(({ entitiesASecond }) => entitiesASecond));
  const labelWidth = Math.max(...points.map(({ label }) => label.length));
  return [
    title,
    ...points.map(({ label, entitiesASecond, rowsPerEntity, megabytes }) => {
      const bar = "█".repeat(Math.max(1, Math.round((entitiesASecond / most) * BAR_COLUMNS)));
      const rows = rowsPerEntity === null ? "" : `, ${rowsPerEntity.toFixed(3)} rows an entity`;
      return `${label.padStart(labelWidth)} ${bar} ${Math.round(entitiesASecond).toLocaleString("en-US")}/s${rows}, ${megabytes.toFixed(0)} MB`;
    }),
  ];
}
