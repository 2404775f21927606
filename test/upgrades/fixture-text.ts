/** Storages that hold something: D1, and the objects of connections and of their organization's deliveries. */
export const STORAGES = ["d1", "connection", "custom", "pass", "events"] as const;
export type StorageName = (typeof STORAGES)[number];

/** A connection besides the first, of the source that its organization brought. */
interface FurtherConnection {
  readonly id: string;
  /** Where a consumer of its change feed stood after its first job. */
  readonly cursor: string;
}

/** What a release of Sluice has written: storages as it left them in the middle of a sync. */
export interface Fixture {
  readonly release: string;
  /** Of D1, that had been applied. */
  readonly migrations: number;
  /** The connection's id. */
  readonly connectionId: string;
  /** The job that was at work. */
  readonly jobId: string;
  /** Where a consumer of the change feed stood after the first job. */
  readonly cursor: string;
  /** What the earliest fixtures do not hold; null there. */
  readonly further: {
    /** Has synced, and has deliveries and events waiting. */
    readonly custom: FurtherConnection;
    /** Is half-way through a pass over its streams, in this job. */
    readonly pass: FurtherConnection & { readonly jobId: string };
  } | null;
  /** The statements that make each storage what it was; none where the release had no such storage. */
  readonly statements: Readonly<Record<StorageName, readonly string[]>>;
}

export function parseFixture({ release, text }: { readonly release: string; readonly text: string }): Fixture {
  const [head = "", ...storages] = text.split("\n-- storage: ");
  const said = new Map(head.split("\n").map((line) => pairOf(line)));
  const texts = new Map(storages.map((storage) => [storage.slice(0, storage.indexOf("\n")), storage]));
  const fact = (name: string): string => {
    const value = said.get(name);
    if (value === undefined) throw new Error(`The fixture ${release} does not say its ${name}.`);
    return value;
  };
  const statementsOf = (name: StorageName) => statementsIn(texts.get(name) ?? "");
  return {
    release,
    migrations: Number(fact("migrations")),
    connectionId: fact("connection"),
    jobId: fact("job"),
    cursor: fact("cursor"),
    further: said.has("custom")
      ? {
          custom: { id: fact("custom"), cursor: fact("custom cursor") },
          pass: { id: fact("pass"), cursor: fact("pass cursor"), jobId: fact("pass job") },
        }
      : null,
    statements: {
      d1: statementsOf("d1"),
      connection: statementsOf("connection"),
      custom: statementsOf("custom"),
      pass: statementsOf("pass"),
      events: statementsOf("events"),
    },
  };
}

function pairOf(line: string): [string, string] {
  const [name = "", value = ""] = line.replace("-- ", "").split(": ");
  return [name, value];
}

function statementsIn(text: string): string[] {
  return text
    .slice(text.indexOf("\n"))
    .split(/;\n(?=CREATE|INSERT|\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}
