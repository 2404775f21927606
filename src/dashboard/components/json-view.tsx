import { countText } from "#dashboard/number-text";

/** Longer texts would make a page that no browser likes. */
const MAX_LENGTH = 12_000;
const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

interface Piece {
  readonly kind: "key" | "text" | "word" | null;
  readonly text: string;
}

/** JSON as people read it. `whole` is where all of it is, for those that are too long to be shown. */
export function JsonView({ value, whole = null }: { readonly value: unknown; readonly whole?: string | null }) {
  const text = JSON.stringify(value, null, 2) ?? "null";
  return (
    <>
      <pre class="code json">
        {jsonPieces(text.slice(0, MAX_LENGTH)).map(({ kind, text: piece }) =>
          kind === null ? piece : <span class={kind}>{piece}</span>,
        )}
      </pre>
      {text.length > MAX_LENGTH && (
        <p class="small soft">
          This is the beginning of {countText(text.length)} characters.{" "}
          {whole !== null && <a href={whole}>All of it</a>}
        </p>
      )}
    </>
  );
}

/** The text in pieces, in order: keys, strings, the other values, and what is between them. */
export function jsonPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > end) pieces.push({ kind: null, text: text.slice(end, match.index) });
    const [token, quoted, colon] = match;
    if (quoted === undefined) pieces.push({ kind: "word", text: token });
    else if (colon === undefined) pieces.push({ kind: "text", text: quoted });
    else pieces.push({ kind: "key", text: quoted }, { kind: null, text: colon });
    end = match.index + token.length;
  }
  if (end < text.length) pieces.push({ kind: null, text: text.slice(end) });
  return pieces;
}
