import type { SourceConnectionRpc } from "#connection/rpc";
import type { Passage } from "./passage.ts";
import type { ObjectPlace } from "./platform/object-place.ts";
import type { SimulatedClock } from "./platform/clock.ts";
import type { SimulatedUpstream } from "./simulated-upstream.ts";
import type { View } from "./view.ts";
import type { Weather } from "./weather.ts";

/** A message that the receiver of events took. */
export interface Taken {
  readonly type: string;
  readonly jobId: string | null;
}

/** The place of an object, as far as a history reaches it. */
export interface MortalObject {
  readonly disk: ObjectPlace;
  readonly isInMemory: boolean;
  goOff(): void;
  /** Dies at once, or after so many more turns in which it uses its storage. */
  kill(turns?: number): void;
}

/** One of the world's connections: its object, the way to it, and what it reads. */
export interface SimulatedConnection {
  readonly upstream: SimulatedUpstream;
  readonly object: MortalObject;
  readonly gate: Pick<
    SourceConnectionRpc,
    | "run"
    | "cancel"
    | "update"
    | "erase"
    | "describe"
    | "resetStream"
    | "republish"
    | "receiveHook"
    | "createHook"
    | "updateHook"
    | "removeHook"
  >;
  /** What is stored of it now; of the change feed, what came since the last look. */
  look(): View;
}

/** What histories happen in: the whole of Sluice, or its core. */
export interface SimulatedWorld {
  readonly clock: SimulatedClock;
  readonly weather: Weather;
  readonly connections: readonly SimulatedConnection[];
  /** Null where events are taken by somebody who does not die. */
  readonly deliveries: MortalObject | null;
  readonly taken: readonly Taken[];
  /** What no history may bring about. */
  readonly faults: readonly string[];
  readonly passage: Passage;
  /** Cron comes by. Not waited for. */
  minute(): void;
  /** Where the planted secret can be read in plain. */
  leaks(): readonly string[];
  /** The end of the history: nothing of it may come back into the next. */
  close(): Promise<void>;
}
