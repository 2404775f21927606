import * as fc from "fast-check";

import { SourceFailure } from "#sources/source";
import { SCHEDULE, SECOND_MS } from "#test/simulation/setting";
import { newKey, SIGHTS } from "#test/simulation/sights";
import { STREAMS, type StreamName } from "#test/simulation/simulated-upstream";
import { LINE_WEATHERS, SOURCE_WEATHERS, type Weather } from "#test/simulation/weather";
import { KernelHappening, type Circumstances } from "./kernel-happening.ts";
import type { KernelTrial } from "./kernel-trial.ts";
import type { KernelWorld } from "./kernel-world.ts";

type Deed = (trial: KernelTrial) => void;

/** A thing that is always the same. */
const one = (words: string, deed: Deed, isPossible?: (circumstances: Circumstances) => boolean) =>
  fc.constant(new KernelHappening(words, deed, isPossible));

/** Of each of these one. */
const oneOfEach = <T>(values: readonly T[], make: (value: T) => KernelHappening) =>
  fc.constantFrom(...values.map((value) => make(value)));

const always = () => true;
const isAtWork = ({ world }: Circumstances) => world.isAtWork && world.arriving > 0;

const IDS = ["a", "b", "c", "d", "e", "f", "g", "h"];
const stream = fc.constantFrom<StreamName>(...STREAMS);
/** Some of the ids: each bit stands for one. */
const ids = fc
  .integer({ min: 1, max: 2 ** IDS.length - 1 })
  .map((bits) => IDS.filter((_id, index) => (bits & (1 << index)) !== 0));

const edits = fc.tuple(stream, ids, fc.nat(3)).map(
  ([name, some, v]) =>
    new KernelHappening(
      `The upstream has ${some.join(", ")} of ${name} in version ${v}.`,
      ({ world }) => {
        for (const id of some) world.upstream.put(name, id, v);
      },
      always,
    ),
);

const removals = fc.tuple(stream, ids).map(
  ([name, some]) =>
    new KernelHappening(
      `The upstream loses ${some.join(", ")} of ${name}.`,
      ({ world }) => {
        for (const id of some) world.upstream.remove(name, id);
      },
      always,
    ),
);

const forgetting = oneOfEach(
  STREAMS,
  (name) =>
    new KernelHappening(`The upstream forgets where ${name} was being read.`, ({ world }) => {
      world.upstream.of(name).losesNext = true;
    }),
);

const runs = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom("reject" as const, "attach" as const, "queue" as const),
    fc.boolean(),
    fc.constantFrom(null, null, "one", "two"),
  )
  .map(([forceFullSync, onConflict, confirmDeletes, idempotencyKey]) => {
    const terms = [
      onConflict,
      ...(confirmDeletes ? ["deletes confirmed"] : []),
      ...(idempotencyKey === null ? [] : [`key ${idempotencyKey}`]),
    ];
    return new KernelHappening(`It is run${forceFullSync ? " in full" : ""} (${terms.join(", ")}).`, (trial) =>
      trial.run({ forceFullSync, onConflict, confirmDeletes, idempotencyKey }),
    );
  });

/** What most histories turn on. */
const starts = oneOfEach(
  [false, true],
  (forceFullSync) =>
    new KernelHappening(`It is run${forceFullSync ? " in full" : ""}, and a slice begins.`, (trial) =>
      trial.start({ forceFullSync, confirmDeletes: forceFullSync }),
    ),
);

const cancels = oneOfEach(
  [true, false],
  (isNoticed) =>
    new KernelHappening(
      isNoticed ? "Its newest job is cancelled." : "Its newest job is cancelled, which its slice has not noticed yet.",
      (trial) => trial.cancel(isNoticed),
    ),
);

const pages = oneOfEach(
  [1, 2, 3, 4],
  (count) =>
    new KernelHappening(
      count === 1 ? "The next answer of the source comes." : `The next ${count} answers of the source come.`,
      (trial) => {
        for (let done = 0; done < count && isAtWork(trial); done += 1) trial.world.next();
      },
      isAtWork,
    ),
);

const overtaking = one(
  "The second answer that is on its way comes first.",
  ({ world }) => world.arrive(1),
  (trial) => isAtWork(trial) && trial.world.arriving > 1,
);

const FAILURES: readonly (readonly [string, (world: KernelWorld) => unknown])[] = [
  [
    "is refused with its key",
    ({ upstream, clock }) => {
      upstream.refusedAt = clock.now;
      return new SourceFailure({ kind: "authentication", message: "The key is not valid any more." });
    },
  ],
  [
    "has to wait for 20 s",
    ({ upstream, clock }) => {
      const retryAt = clock.now + 20 * SECOND_MS;
      upstream.askedFor.add(retryAt);
      return new SourceFailure({ kind: "rate_limit", message: "Too many requests.", retryAt });
    },
  ],
  ["is not to be seen", () => new SourceFailure({ kind: "permission", message: "Not for you." })],
  ["is not there", () => new SourceFailure({ kind: "not_found", message: "There is nothing." })],
  ["does not come", () => new SourceFailure({ kind: "transient", message: "Not now." })],
  ["can't be read", () => new SourceFailure({ kind: "bad_response", message: "It can't be read." })],
  ["was asked for wrongly", () => new SourceFailure({ kind: "bad_request", message: "It means nothing." })],
  ["meets a bug", () => new TypeError("A bug.")],
];

const failures = oneOfEach(
  FAILURES.flatMap((failure) => [0, 1].map((place) => ({ failure, place }))),
  ({ failure: [what, make], place }) =>
    new KernelHappening(
      `The ${place === 0 ? "first" : "last"} answer that is on its way ${what}.`,
      ({ world }) => world.arrive(place === 0 ? 0 : world.arriving - 1, make(world)),
      isAtWork,
    ),
);

const late = one(
  "What a slice had asked for that was broken off comes all the same.",
  ({ world }) => world.arriveLate(),
  ({ world }) => world.isArrivingLate,
);

/** What its slice works with is replaced, and what it had asked for comes after that. */
const overtaken = oneOfEach(
  [...SIGHTS.map((hidden) => ({ hidden })), { edition: 3 }, { edition: 3 }] as const,
  (change) =>
    new KernelHappening(
      `It ${"hidden" in change ? `gets ${newKey(change.hidden)},` : "is told to read edition 3"} while a page is on its way, and the page comes all the same.`,
      (trial) => {
        const { world } = trial;
        if ("hidden" in change) trial.renewKey(change.hidden);
        else trial.changeConfig(change.edition);
        trial.check();
        world.notice();
        trial.check();
        world.arriveLate();
      },
      isAtWork,
    ),
);

/** What one key has begun to read another may go on with. */
const successions = oneOfEach(
  SIGHTS.slice(1).flatMap((hidden) => [3, 4, 5, 7].map((times) => ({ hidden, times }))),
  ({ hidden, times }) =>
    new KernelHappening(
      `It gets ${newKey(hidden)}, and is run; after the next ${times} things it is cancelled, gets one that shows everything, and is run again.`,
      (trial) => {
        trial.renewKey(hidden);
        trial.check();
        trial.start({ onConflict: "attach" });
        for (let done = 0; done < times; done += 1) trial.world.next();
        trial.cancel(true);
        trial.renewKey();
        trial.check();
        trial.start({ onConflict: "attach" });
      },
    ),
);

const inbound = oneOfEach(
  [null, null, null, "1", "2"],
  (deliveryId) =>
    new KernelHappening(
      `It gets a delivery by webhook${deliveryId === null ? "" : `, which is called ${deliveryId}`}.`,
      (trial) => trial.deliver(deliveryId),
    ),
);

/** More than the longest wait, at a pace at which it is never quiet. */
const steadyInbound = one("It gets 11 deliveries by webhook, one every 4.9 s.", (trial) => {
  for (let done = 0; done < 11; done += 1) {
    trial.deliver(null);
    trial.world.pass(4.9 * SECOND_MS);
  }
});

const addresses = fc.oneof(
  oneOfEach(
    [0, 5, 20, 90],
    (debounceSeconds) =>
      new KernelHappening(`It waits until no delivery has come for ${debounceSeconds} s.`, ({ world }) =>
        world.call((object) => object.changeHook((settings) => ({ ...settings, debounceSeconds }))),
      ),
  ),
  one("It loses its webhook address and gets it again.", (trial) => trial.renewHook()),
);

/** The longer, the more happens meanwhile that comes by itself, and the fewer histories there are. */
const PASSES = [50, 50, 400, 400, 1_000, 2_000, 10_000, 10_000, 61_000, 61_000, 61_000, 300_000, 900_000];
const passes = oneOfEach(
  PASSES,
  (milliseconds) =>
    new KernelHappening(`${milliseconds / SECOND_MS} s pass.`, ({ world }) => world.pass(milliseconds), always),
);

const nexts = oneOfEach(
  [1, 2, 3, 4, 6],
  (times) =>
    new KernelHappening(
      times === 1 ? "The next thing happens." : `The next ${times} things happen.`,
      ({ world }) => {
        for (let done = 0; done < times; done += 1) world.next();
      },
      always,
    ),
);

const deaths = oneOfEach(
  [0, 0, 1, 2, 3, 4, 5, 6],
  (turns) =>
    new KernelHappening(
      turns === 0 ? "It dies." : `It dies after ${turns} more turns.`,
      ({ world }) => world.kill(turns),
      ({ world }) => world.isInMemory,
    ),
);

const fullDisks = oneOfEach(
  [0, 1, 2, 3, 4],
  (commits) =>
    new KernelHappening(
      `It finds its disk full, ${commits === 0 ? "at its next transaction" : `after ${commits} more transactions`}.`,
      ({ world }) => world.disk.commits.refuseOne(commits),
    ),
);

const alarms = fc.oneof(
  one("It loses its alarm.", ({ world }) => world.disk.disturbAlarm(null), always),
  one("Its alarm goes off at once.", ({ world }) => world.goOff(), always),
  one(
    "Its alarm is late by 50 s.",
    ({ world: { disk } }) => disk.disturbAlarm((disk.alarmAt ?? 0) + 50 * SECOND_MS),
    ({ world }) => world.alarmAt !== null,
  ),
);

function turnsOf<Kind extends keyof Weather>(kind: Kind, what: string, weathers: readonly Weather[Kind][]) {
  return oneOfEach(
    weathers,
    (weather) =>
      new KernelHappening(
        `${what}: ${weather}.`,
        ({ world }) => {
          world.weather[kind] = weather;
        },
        always,
      ),
  );
}

const weathers = fc.oneof(
  turnsOf("source", "The upstream from now on", SOURCE_WEATHERS),
  turnsOf("database", "D1 from now on", LINE_WEATHERS),
  turnsOf("handover", "The way to the deliveries from now on", LINE_WEATHERS),
);

const LINES = [
  { line: "toD1", name: "D1" },
  { line: "toReceiver", name: "the deliveries" },
] as const;

/** What becomes of a batch that is on its way: it is answered, given up, or comes after that, also twice. */
const batches = fc.oneof(
  oneOfEach(
    LINES,
    ({ line, name }) =>
      new KernelHappening(
        `What is on its way to ${name} comes, and is answered.`,
        ({ world }) => world.during(() => world[line].answer()),
        ({ world }) => world[line].isUnderWay,
      ),
  ),
  oneOfEach(
    LINES,
    ({ line, name }) =>
      new KernelHappening(
        `Nobody waits any longer for the answer to what is on its way to ${name}.`,
        ({ world }) => world.during(() => world[line].giveUp()),
        ({ world }) => world[line].isUnderWay,
      ),
  ),
  oneOfEach(
    LINES.flatMap((each) =>
      ["first", "last"].flatMap((which) => [false, true].map((isAgain) => ({ ...each, which, isAgain }))),
    ),
    ({ line, name, which, isAgain }) =>
      new KernelHappening(
        `The ${which} of what is late on its way to ${name} comes${isAgain ? ", not for the last time" : ""}.`,
        ({ world }) => world[line].arriveLate(which === "first" ? 0 : world[line].late - 1, isAgain),
        ({ world }) => world[line].late > 0,
      ),
  ),
);

const crons = fc.oneof(
  oneOfEach(
    [1, 2],
    (times) =>
      new KernelHappening(
        times === 1 ? "Cron comes by." : "Cron comes by twice.",
        ({ world }) => {
          for (let done = 0; done < times; done += 1) world.minute();
        },
        always,
      ),
  ),
  one("The due time for which cron called last is called for again.", ({ world }) => world.fire(), always),
);

const resets = oneOfEach(
  STREAMS,
  (name) =>
    new KernelHappening(`Its ${name} stream is reset.`, ({ world }) =>
      world.call((object) => object.resetStream(name)),
    ),
);

const renewals = oneOfEach(
  SIGHTS,
  (hidden) =>
    new KernelHappening(`It gets ${newKey(hidden)}, and the old one is taken back.`, (trial) => trial.renewKey(hidden)),
);

const changes = fc.oneof(
  one("It is paused.", (trial) => trial.amend({ isPaused: true })),
  one("It is resumed.", (trial) => trial.amend({ isPaused: false })),
  one("It loses its schedule.", (trial) => trial.amend({ schedule: null })),
  one("It gets its schedule.", (trial) => trial.amend({ schedule: SCHEDULE })),
  renewals,
  oneOfEach(
    [1, 2],
    (edition) => new KernelHappening(`It is told to read edition ${edition}.`, (trial) => trial.changeConfig(edition)),
  ),
  one("It is told to D1 again.", ({ world }) => world.call((object) => object.republish())),
);

const erasures = one("It is deleted.", (trial) => trial.erase());

/** Everything that can happen, the usual more often. */
const happening: fc.Arbitrary<fc.Command<KernelTrial, KernelTrial>> = fc.oneof(
  { weight: 30, arbitrary: edits },
  { weight: 15, arbitrary: removals },
  { weight: 5, arbitrary: forgetting },
  { weight: 25, arbitrary: runs },
  { weight: 40, arbitrary: starts },
  { weight: 20, arbitrary: cancels },
  { weight: 50, arbitrary: pages },
  { weight: 10, arbitrary: overtaking },
  { weight: 20, arbitrary: failures },
  { weight: 5, arbitrary: late },
  { weight: 8, arbitrary: overtaken },
  { weight: 8, arbitrary: successions },
  { weight: 25, arbitrary: inbound },
  { weight: 1, arbitrary: steadyInbound },
  { weight: 10, arbitrary: addresses },
  { weight: 30, arbitrary: passes },
  { weight: 30, arbitrary: nexts },
  { weight: 20, arbitrary: deaths },
  { weight: 15, arbitrary: fullDisks },
  { weight: 15, arbitrary: alarms },
  { weight: 25, arbitrary: weathers },
  { weight: 20, arbitrary: batches },
  { weight: 10, arbitrary: crons },
  { weight: 30, arbitrary: changes },
  { weight: 10, arbitrary: renewals },
  { weight: 10, arbitrary: resets },
  { weight: 5, arbitrary: erasures },
);

/** Steps of most histories. What takes a run and a few pages is in it several times over. */
const FEW_STEPS = 12;

export function kernelHistories(maxSteps: number, replayPath: string | null) {
  const of = (maxCommands: number) =>
    fc.commands([happening], { maxCommands, size: "max", ...(replayPath === null ? {} : { replayPath }) });
  return fc.oneof({ weight: 9, arbitrary: of(Math.min(FEW_STEPS, maxSteps)) }, { weight: 1, arbitrary: of(maxSteps) });
}
