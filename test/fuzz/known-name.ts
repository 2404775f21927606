/** A thing that exists while a request is sent: what it is called is known only then. */
export interface KnownName {
  readonly kind: string;
  readonly index: number;
}

const IN_BODY = /«(?<kind>[\w-]+):(?<index>-?\d+)»/g;

/** The name of something that exists, in a text that is put together before it is known. */
export function nameInBody({ kind, index }: KnownName): string {
  return `«${kind}:${index}»`;
}

export function withNames(text: string, nameOf: (known: KnownName) => string): string {
  return text.replaceAll(IN_BODY, (_all, kind: string, index: string) => nameOf({ kind, index: Number(index) }));
}
