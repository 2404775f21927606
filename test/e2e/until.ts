/** Often enough that a test notices at once, seldom enough to leave the processors to the Worker. */
const LOOK_EVERY_MS = 40;
const PATIENCE_MS = 30_000;

/**
 * Looks again and again until there is something to see: anything but null, undefined and false.
 *
 * Rejects when the patience (milliseconds) is at an end, saying what was waited for and what was seen last.
 */
export async function until<Seen>(
  what: string,
  look: () => Promise<Seen | null | undefined | false> | Seen | null | undefined | false,
  patienceMs = PATIENCE_MS,
): Promise<Seen> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`Waited ${patienceMs / 1000} s in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
