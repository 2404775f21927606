import { oneOf, seededRandom, wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import { FAULT_KINDS, type FaultKind } from "./faults.ts";
import type { Misfortune } from "./mortal-object.ts";
import { NO_SEGMENT, SEGMENTS } from "./segment.ts";
import type { Sight } from "./sight.ts";
import { D1_TROUBLES, type D1Trouble } from "./troubled-d1.ts";

export const SOURCES = ["couch", "crm", "desk"] as const;
export type SourceName = (typeof SOURCES)[number];

export const LOOKS = ["jobs", "copy", "feed", "connection", "list", "log"] as const;
export type Look = (typeof LOOKS)[number];

/** What a connection is told to read, beside where that is. */
export type Reading =
  | { readonly databases: readonly string[]; readonly page_size: number }
  | { readonly without: string };

/** What its owner changes of a connection. */
export type Amendment =
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "reading"; readonly reading: Reading }
  /** Other credentials that its source accepts. */
  | { readonly type: "credentials"; readonly sight: Sight };

/** Who has a connection for a moment only. */
export const GUESTS = ["couch", "crm"] as const;
export type GuestSource = (typeof GUESTS)[number];

/** Something that is done to the Worker, to what it reads, or to what it stands on. */
export type Step =
  | { readonly type: "edit"; readonly source: SourceName; readonly count: number; readonly seed: number }
  | { readonly type: "recreate"; readonly seed: number }
  /** For so long, this share of the source's answers is spoilt. */
  | {
      readonly type: "fault";
      readonly source: SourceName;
      readonly kind: FaultKind;
      readonly ms: number;
      readonly share: number;
    }
  /** The source accepts other credentials from now on, which nobody knows until they are renewed. */
  | { readonly type: "expire"; readonly source: SourceName }
  | { readonly type: "renew"; readonly source: SourceName; readonly sight: Sight }
  | {
      readonly type: "run";
      readonly source: SourceName;
      readonly onConflict: "reject" | "attach" | "queue";
      readonly key: string | null;
      readonly full: boolean;
    }
  | { readonly type: "cancel"; readonly source: SourceName }
  | { readonly type: "look"; readonly source: SourceName; readonly at: Look }
  /** Somebody watches the newest job, to its end. */
  | { readonly type: "watch"; readonly source: SourceName }
  /** Somebody of another organization tries what is none of their business. */
  | { readonly type: "stranger"; readonly source: SourceName; readonly seed: number }
  | { readonly type: "hook"; readonly source: SourceName; readonly delivery: string }
  /** Until this step is over, nothing starts by itself. */
  | { readonly type: "pause"; readonly source: SourceName; readonly ms: number; readonly delivery: string }
  /** All of them at once. */
  | { readonly type: "amend"; readonly source: SourceName; readonly amendments: readonly Amendment[] }
  /** A connection is made, synced, and deleted so long after that. */
  | { readonly type: "guest"; readonly source: GuestSource; readonly name: string; readonly ms: number }
  | { readonly type: "republish"; readonly source: SourceName }
  | { readonly type: "reset_stream"; readonly source: SourceName; readonly stream: string }
  | { readonly type: "cron" }
  | { readonly type: "d1"; readonly trouble: D1Trouble; readonly ms: number }
  /** The receiver of webhooks refuses what it has not refused yet. */
  | { readonly type: "receiver"; readonly ms: number }
  | { readonly type: "misfortune"; readonly of: SourceName | "events"; readonly misfortune: Misfortune }
  /** @see Stage.rotateKeys for `withNewKey` */
  | { readonly type: "kill"; readonly onNewCode: boolean; readonly withNewKey: boolean };

export interface Timed {
  /** After the step before it. */
  readonly afterMs: number;
  readonly step: Step;
}

export interface PlanOptions {
  /** Beside those that each round has, one for each kind. */
  readonly steps: number;
  readonly kills: number;
  /** May an alarm get lost without its object being put out of memory too? Noticing that takes a minute. */
  readonly losesAlarmsQuietly: boolean;
}

export const PLANS = {
  usual: { steps: 35, kills: 2, losesAlarmsQuietly: true },
  /** A lost alarm that nothing else brings to light is noticed after a minute: too long for there. */
  ci: { steps: 10, kills: 1, losesAlarmsQuietly: false },
} as const satisfies Record<string, PlanOptions>;

/** The streams that each source has. */
export const STREAMS = {
  couch: ["people", "parcels"],
  crm: ["customers", "orders", "products", "tags", "notes"],
  desk: ["tickets", "comments", "agents", "articles"],
} as const;

/** Streams without a primary key. */
export const KEYLESS = ["notes"];

/** Streams that are listed by the number of a page or an offset: where a record goes, others move up. */
export const NUMBERED = ["tags", "notes", "agents", "articles"];

/** Streams whose records are asked for by those of another. */
export const CHILDREN = ["orders", "comments"];

/** What a step is an example of: everything of which a round should have one. */
export function kindsOf(step: Step): readonly string[] {
  switch (step.type) {
    case "fault":
      return [`fault ${step.kind}`];
    case "d1":
      return [`d1 ${step.trouble}`];
    case "misfortune":
      return [`${step.of === "events" ? "events" : "connection"} ${step.misfortune.type}`];
    case "look":
      return [`look ${step.at}`];
    case "guest":
      return [`guest ${step.source}`];
    case "amend":
      return step.amendments.map(({ type }) => `amend ${type}`);
    case "run":
      return [`run ${step.onConflict}`];
    case "edit":
    case "recreate":
    case "expire":
    case "renew":
    case "cancel":
    case "watch":
    case "stranger":
    case "hook":
    case "pause":
    case "republish":
    case "reset_stream":
    case "cron":
    case "receiver":
    case "kill":
      return [step.type];
  }
}

/** Kills are planned by themselves. */
export const KINDS: readonly string[] = [
  ...FAULT_KINDS.map((kind) => `fault ${kind}`),
  ...D1_TROUBLES.map((trouble) => `d1 ${trouble}`),
  ...["evict", "die", "refuse", "alarm_twice"].flatMap((type) => [`connection ${type}`, `events ${type}`]),
  "events away",
  ...LOOKS.map((look) => `look ${look}`),
  ...GUESTS.map((source) => `guest ${source}`),
  ...["name", "reading", "credentials"].map((type) => `amend ${type}`),
  ...["reject", "attach", "queue"].map((onConflict) => `run ${onConflict}`),
  "edit",
  "recreate",
  "expire",
  "renew",
  "cancel",
  "watch",
  "stranger",
  "hook",
  "pause",
  "republish",
  "reset_stream",
  "cron",
  "receiver",
];

/** Those of the rounds that have them. */
const LOST_ALARMS = ["connection alarm_lost", "events alarm_lost"];

type Maker = (random: SeededRandom, options: PlanOptions) => Step | readonly Step[];

/** What happens, and how often in comparison with the rest. */
const MAKERS: readonly (readonly [weight: number, make: Maker])[] = [
  [
    8,
    (random) => ({
      type: "edit",
      source: oneOf(random, SOURCES),
      count: wholeNumber(random, 1, 12),
      seed: seedFrom(random),
    }),
  ],
  [0.3, (random) => ({ type: "recreate", seed: seedFrom(random) })],
  [
    11,
    (random) => ({
      type: "fault",
      source: oneOf(random, SOURCES),
      kind: oneOf(random, FAULT_KINDS),
      ms: wholeNumber(random, 300, 3_500),
      share: oneOf(random, [0.2, 0.5, 1]),
    }),
  ],
  [0.6, (random) => ({ type: "expire", source: oneOf(random, SOURCES) })],
  [1.6, (random) => ({ type: "renew", source: oneOf(random, SOURCES), sight: aSight(random) })],
  [8, aRun],
  [2, (random) => ({ type: "cancel", source: oneOf(random, SOURCES) })],
  [4, (random) => ({ type: "look", source: oneOf(random, SOURCES), at: oneOf(random, LOOKS) })],
  [3, (random) => ({ type: "watch", source: oneOf(random, SOURCES) })],
  [3, (random) => ({ type: "stranger", source: oneOf(random, SOURCES), seed: seedFrom(random) })],
  // Few ids, so that most come again.
  [4, (random) => ({ type: "hook", source: oneOf(random, SOURCES), delivery: `d${wholeNumber(random, 1, 5)}` })],
  [
    1,
    (random) => ({
      type: "pause",
      source: oneOf(random, SOURCES),
      ms: wholeNumber(random, 1_500, 3_500),
      delivery: `p${wholeNumber(random, 1, 10_000)}`,
    }),
  ],
  [1.5, amendments],
  [
    1,
    (random) => ({
      type: "guest",
      source: oneOf(random, GUESTS),
      name: `Guest ${wholeNumber(random, 1, 10_000)}`,
      ms: wholeNumber(random, 0, 2_500),
    }),
  ],
  [0.5, (random) => ({ type: "republish", source: oneOf(random, SOURCES) })],
  [0.5, aReset],
  [1.5, () => ({ type: "cron" })],
  [2.5, (random) => ({ type: "d1", trouble: oneOf(random, D1_TROUBLES), ms: wholeNumber(random, 500, 4_000) })],
  [1, (random) => ({ type: "receiver", ms: wholeNumber(random, 300, 2_000) })],
  [6, aMisfortune],
];

/** What happens in a round: the same for the same seed, on every machine. */
export function planRound(seed: number, round: number, options: PlanOptions): readonly Timed[] {
  const random = seededRandom(seed, round);
  // In most rounds none: nothing may depend on the watchdog then.
  const losesAlarms = random() < 0.35;
  // A round without a sync would prove nothing.
  const first = SOURCES.map((source): Step => ({
    type: "run",
    source,
    onConflict: "attach",
    key: null,
    full: random() < 0.4,
  }));
  const draw = () => {
    const drawn = [pick(random)(random, options)].flat();
    return drawn.filter((step) => losesAlarms || step.type !== "misfortune" || step.misfortune.type !== "alarm_lost");
  };
  const kinds = losesAlarms ? [...KINDS, ...LOST_ALARMS] : KINDS;
  const others = [...oneOfEach(kinds, draw), ...Array.from({ length: options.steps }, draw)];
  const steps = [...first, ...shuffled(random, others).flat()];
  for (let kill = 0; kill < options.kills; kill += 1) {
    const at = wholeNumber(random, 2, steps.length);
    steps.splice(at, 0, { type: "kill", onNewCode: random() < 0.3, withNewKey: random() < 0.4 });
  }
  return steps
    .map((step) => named(step, round))
    .map((step) => ({ afterMs: wholeNumber(random, 0, random() < 0.3 ? 700 : 150), step }));
}

/** Draws until there is a step of each of these kinds. */
function oneOfEach(wanted: readonly string[], draw: () => readonly Step[]): (readonly Step[])[] {
  const missing = new Set(wanted);
  const kept: (readonly Step[])[] = [];
  while (missing.size > 0) {
    const drawn = draw();
    const kinds = drawn.flatMap(kindsOf).filter((kind) => missing.has(kind));
    for (const kind of kinds) missing.delete(kind);
    if (kinds.length > 0) kept.push(drawn);
  }
  return kept;
}

function shuffled<T>(random: SeededRandom, items: readonly T[]): T[] {
  const order = items.map((item) => ({ item, at: random() }));
  return order.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
}

/** Keys and deliveries of different rounds are different ones. */
function named(step: Step, round: number): Step {
  if (step.type === "run" && step.key !== null) return { ...step, key: `${step.key}-of-${round}` };
  return step.type === "hook" || step.type === "pause" ? { ...step, delivery: `${step.delivery}-of-${round}` } : step;
}

function pick(random: SeededRandom): Maker {
  const total = MAKERS.reduce((sum, [weight]) => sum + weight, 0);
  let left = random() * total;
  const chosen = MAKERS.find(([weight]) => (left -= weight) < 0);
  return chosen?.[1] ?? aRun;
}

function seedFrom(random: SeededRandom): number {
  return wholeNumber(random, 0, 2 ** 31);
}

function aRun(random: SeededRandom): Step {
  return {
    type: "run",
    source: oneOf(random, SOURCES),
    onConflict: oneOf(random, ["reject", "attach", "queue"]),
    // Few names, so that most are used again.
    key: random() < 0.5 ? `key-${wholeNumber(random, 1, 3)}` : null,
    full: random() < 0.25,
  };
}

function amendments(random: SeededRandom): Step {
  const source = oneOf(random, SOURCES);
  const first = anAmendment(source, random);
  // Whatever it is that the other one finds when it has asked the source.
  return { type: "amend", source, amendments: random() < 0.5 ? [first] : [first, anAmendment(source, random)] };
}

/** Most often what changes what is read. */
const AMENDED = ["name", "reading", "reading", "credentials"] as const;

function anAmendment(source: SourceName, random: SeededRandom): Amendment {
  switch (oneOf(random, AMENDED)) {
    case "name":
      return { type: "name", name: `Chaos ${wholeNumber(random, 1, 99)}` };
    case "credentials":
      return { type: "credentials", sight: aSight(random) };
    case "reading":
      return { type: "reading", reading: source === "couch" ? ofDatabases(random) : { without: aSegment(random) } };
  }
}

function ofDatabases(random: SeededRandom): Reading {
  const { couch: all } = STREAMS;
  const databases = random() < 0.5 ? all : [oneOf(random, all)];
  return { databases, page_size: wholeNumber(random, 5, 12) };
}

function aSegment(random: SeededRandom): string {
  return random() < 0.4 ? NO_SEGMENT : oneOf(random, SEGMENTS);
}

/** So much that no sync is held back because of it. */
function aSight(random: SeededRandom): Sight {
  return oneOf(random, ["all", "most"]);
}

function aReset(random: SeededRandom): Step {
  const source = oneOf(random, SOURCES);
  return { type: "reset_stream", source, stream: oneOf<string>(random, STREAMS[source]) };
}

/** More often those that are more telling. */
const VICTIMS = ["couch", "crm", "desk", "couch", "crm", "desk", "events", "events"] as const;
const MISFORTUNES = ["evict", "die", "die", "die", "refuse", "away", "away", "alarm_twice", "alarm_lost"] as const;

function aMisfortune(random: SeededRandom, options: PlanOptions): Step | readonly Step[] {
  const of = oneOf(random, VICTIMS);
  const send = (misfortune: Misfortune): Step => ({ type: "misfortune", of, misfortune });
  const evict = send({ type: "evict" });
  switch (oneOf(random, MISFORTUNES)) {
    case "evict":
      return evict;
    case "die":
      return send({ type: "die", commits: wholeNumber(random, 1, 12), delayMs: oneOf(random, [0, 0, 1, 5]) });
    case "away":
      // Nobody tells a connection anything but callers.
      return of === "events" ? send({ type: "away", ms: wholeNumber(random, 300, 2_000) }) : evict;
    case "refuse":
      return send({ type: "refuse", commits: wholeNumber(random, 1, 8) });
    case "alarm_twice":
      return send({ type: "alarm_twice" });
    case "alarm_lost":
      return random() < 0.2 && options.losesAlarmsQuietly
        ? send({ type: "alarm_lost" })
        : [send({ type: "alarm_lost" }), evict];
  }
}
