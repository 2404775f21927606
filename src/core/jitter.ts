import { nextTime } from "./next-time.ts";

/** The sweep looks once a minute, so a finer spread would only make runs late. */
const GRAIN_MS = 60_000;

const FNV_OFFSET = 0x81_1c_9d_c5;
const FNV_PRIME = 0x01_00_01_93;
/** The first multiplier of MurmurHash3's last step. */
const MIX = 0x85_eb_ca_6b;
const UINT32_RANGE = 2 ** 32;

/** How a connection's due times are moved, so that not all of one cron expression are due at once. */
export interface Spread {
  /** The same key is always moved by the same share. */
  readonly key: string;
  /** Longest delay; 0 for none. */
  readonly jitterMs: number;
}

/** A cron expression in a time zone. */
export interface Rhythm {
  readonly cron: string;
  readonly timezone: string;
}

/** The first due time of a rhythm that begins now. */
export function firstDue(rhythm: Rhythm, now: number, spread: Spread): number | null {
  const at = nextTime(rhythm.cron, rhythm.timezone, now);
  return at === null ? null : moved(rhythm, at, spread);
}

/** The first due time after `now` of a rhythm under way: also one that belongs to a time before now, moved past it. */
export function nextDue(rhythm: Rhythm, now: number, spread: Spread): number | null {
  let at = nextTime(rhythm.cron, rhythm.timezone, now - spread.jitterMs);
  while (at !== null && moved(rhythm, at, spread) <= now) at = nextTime(rhythm.cron, rhythm.timezone, at);
  return at === null ? null : moved(rhythm, at, spread);
}

/** Never as far as the time after it, so that none is passed over and their order stays. */
function moved(rhythm: Rhythm, at: number, { key, jitterMs }: Spread): number {
  if (jitterMs === 0) return at;
  const following = nextTime(rhythm.cron, rhythm.timezone, at);
  const room = Math.min(jitterMs, (following ?? Number.POSITIVE_INFINITY) - at);
  return at + Math.floor((share(key) * room) / GRAIN_MS) * GRAIN_MS;
}

/** Evenly spread over 0..1 by the key alone (FNV-1a). */
function share(key: string): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), FNV_PRIME) >>> 0;
  }
  // The last characters reach only some of FNV's bits; this carries them to all.
  hash = Math.imul(hash ^ (hash >>> 15), MIX);
  return ((hash ^ (hash >>> 13)) >>> 0) / UINT32_RANGE;
}
