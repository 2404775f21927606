/** What a page says about what was just done. */
export interface Told {
  readonly tone: "good" | "bad" | "warn" | "info";
  readonly text: string;
}

const DONE = {
  reset: "The next sync reads that stream from the beginning.",
  saved: "Saved.",
  scheduled: "The schedule is saved.",
  unscheduled: "The schedule is gone: nothing starts by itself any more.",
  paused: "Paused. Neither the schedule nor the webhook starts a sync until it is resumed.",
  resumed: "Resumed.",
  credentials: "The new credentials work, and are in use.",
  "webhook-saved": "The webhook is saved.",
  "webhook-removed": "The webhook is gone. Deliveries to its address are refused.",
  cancelling: "The sync is being cancelled. What it has committed stays.",
  deleted: "The connection and its copy are deleted.",
} as const;
/** What can be done, by the word that the address carries for it: nobody's text gets onto a page. */
export type Done = keyof typeof DONE;

const BY_WORD: ReadonlyMap<string, string> = new Map(Object.entries(DONE));

/** What the word in an address says was done; null for none of ours. */
export function toldOf(word: string | undefined): Told | null {
  const text = BY_WORD.get(word ?? "");
  return text === undefined ? null : { tone: "good", text };
}

/** The address to go to after something was done. */
export function doneAt(path: string, done: Done): string {
  return `${path}?done=${done}`;
}
