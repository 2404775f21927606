/** What a source holds: by stream, its records by their ids. */
export type Truth = ReadonlyMap<string, ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
