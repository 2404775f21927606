/** What can be wrong with D1. */
export const D1_TROUBLES = ["failing", "read_only", "slow", "silent", "forgetful", "late"] as const;
export type D1Trouble = (typeof D1_TROUBLES)[number];

/** The trouble that D1 is in, and until when (epoch milliseconds). It is over with the process. */
export interface TroubleNow {
  kind: D1Trouble;
  until: number;
}

let current: TroubleNow | null = null;

export function troubleD1(kind: D1Trouble, ms: number): void {
  current = { kind, until: Date.now() + ms };
}

export function healD1(): void {
  current = null;
}

/**
 * What is still on its way arrives now, newest first, when all else has been written: late, in the wrong order, and
 * much of it a second time. Answers with how many writes that were.
 */
export async function writeLate(): Promise<number> {
  const writes = late.splice(0).toReversed();
  for (const write of writes) await write();
  return writes.length;
}

/** Writes that were answered with a fault and not made yet, and the second arrival of others. */
const late: (() => Promise<unknown>)[] = [];

/** What objects tell D1, which may arrive twice. What the API itself writes is written once. */
const TOLD = /INTO (source_connections|sync_jobs|job_totals)\b/;

const SLOW_MS = 2_500;

/** A D1 database that fails, hangs or loses answers while it is in trouble, and passes everything on otherwise. */
export function troubledD1(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === "prepare") {
        return (query: string) =>
          troubledStatement(target.prepare(query), { writes: !isRead(query), isTold: TOLD.test(query) });
      }
      if (name === "batch") {
        return (statements: readonly D1PreparedStatement[]) => {
          const known = statements.flatMap((statement) => plain.get(statement) ?? []);
          const isTold = known.some((one) => one.isTold);
          return through({ writes: true, isTold }, () => target.batch(known.map(({ statement }) => statement)));
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The statements that the database itself understands. */
const plain = new WeakMap<D1PreparedStatement, Purpose & { readonly statement: D1PreparedStatement }>();

interface Purpose {
  readonly writes: boolean;
  readonly isTold: boolean;
}

function troubledStatement(statement: D1PreparedStatement, purpose: Purpose): D1PreparedStatement {
  const troubled = new Proxy(statement, {
    get(target, name) {
      if (name === "bind") return (...values: unknown[]) => troubledStatement(target.bind(...values), purpose);
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => through<unknown>(purpose, () => Reflect.apply(value, target, args));
    },
  });
  plain.set(troubled, { ...purpose, statement });
  return troubled;
}

async function through<T>({ writes, isTold }: Purpose, act: () => Promise<T>): Promise<T> {
  const trouble = current;
  if (isTold) late.push(act);
  if (trouble === null || trouble.until <= Date.now()) return act();
  switch (trouble.kind) {
    case "failing":
      throw new Error("D1_ERROR: Network connection lost.");
    case "read_only":
      if (writes) throw new Error("D1_ERROR: attempt to write a readonly database: SQLITE_READONLY");
      return act();
    case "slow":
      await scheduler.wait(SLOW_MS);
      return act();
    case "silent":
      await scheduler.wait(Math.max(0, trouble.until - Date.now()));
      throw new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long.");
    case "forgetful":
      await act();
      throw new Error("D1_ERROR: D1 DB reset because its code was updated.");
    case "late":
      if (!writes) return act();
      if (!isTold) late.push(act);
      throw new Error("D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.");
  }
}

function isRead(query: string): boolean {
  return /^\s*SELECT\b/i.test(query);
}
