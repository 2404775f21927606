/** How far a watcher has come: what a client sends as `Last-Event-ID` when it connects again. */
export interface WatchPosition {
  /** The newest progress that it has. */
  readonly revision: string;
  /** Entries of the log that it has seen. */
  readonly logged: number;
}

const FORMAT = /^(?<revision>[0-9.]{1,80})-(?<logged>[0-9]{1,9})$/;

export function formatPosition({ revision, logged }: WatchPosition): string {
  return `${revision}-${logged}`;
}

/** Null for what is none of ours: the client then begins anew, which is always right. */
export function parsePosition(text: string): WatchPosition | null {
  const groups = FORMAT.exec(text)?.groups;
  const { revision, logged } = groups ?? {};
  return revision === undefined || logged === undefined ? null : { revision, logged: Number(logged) };
}
