import type { Candidate } from "./complete.ts";
import type { Session } from "./session.ts";

/** A shell waits with its prompt for this. */
const DEADLINE_MS = 1_500;

/** Names that need no quotes in any shell. */
const PLAIN_NAME = /^[\w.-]+$/;

/** Values of an argument that only the server knows; none where it can't be asked, or not soon enough. */
export async function dynamicCandidates(
  session: Session,
  argument: string | null,
  typed: string,
): Promise<readonly Candidate[]> {
  const candidates = valuesOf(session, argument).catch(() => []);
  const deadline = Promise.withResolvers<readonly Candidate[]>();
  const timer = setTimeout(() => deadline.resolve([]), DEADLINE_MS);
  const found = await Promise.race([candidates, deadline.promise]);
  clearTimeout(timer);
  return found.filter(({ value }) => value.startsWith(typed));
}

async function valuesOf(session: Session, argument: string | null): Promise<readonly Candidate[]> {
  if (argument === "connection") {
    const connections = await session.client().connections.list({ limit: 1_000 });
    return connections.map(({ id, name, short_name: source }) =>
      PLAIN_NAME.test(name) ? { value: name, note: source } : { value: id, note: `${name} (${source})` },
    );
  }
  if (argument !== "source") return [];
  return (await session.client().sources.list()).map(({ short_name: value, name: note }) => ({ value, note }));
}
