import { CONTROL_ESCAPES } from "./control-escapes.ts";
/** A text literal of Python that begins at an offset, and where it ends; undefined if there is none or it is broken. */
export function stringLiteral(
  text: string,
  start: number,
): { readonly value: string; readonly end: number } | undefined {
  const opening = /^([rRuU]?)('''|"""|'|")/.exec(text.slice(start, start + 4));
  const quote = opening?.[2];
  if (opening === null || quote === undefined) return undefined;
  const bodyStart = start + opening[0].length;
  const end = closing(text, bodyStart, quote);
  if (end === undefined) return undefined;
  const body = text.slice(bodyStart, end).replaceAll(/\r\n?/g, "\n");
  const value = opening[1]?.toLowerCase() === "r" ? body : unescape(body);
  return value === undefined ? undefined : { value, end: end + quote.length };
}

function closing(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\") at += 1;
    else if (text.startsWith(quote, at)) return at;
    else if (quote.length === 1 && (character === "\n" || character === "\r")) return undefined;
  }
  return undefined;
}

const ESCAPE = /\\(?:(\n)|([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([xuUN])|([\\'"abfnrtv])|)/g;

/**
 * What a text with Python's escapes says; an unknown escape stays as it is. Undefined where an escape is incomplete, or
 * names a character by its Unicode name, which would need the whole list of them.
 */
export function unescape(body: string): string | undefined {
  if (!body.includes("\\")) return body;
  let isBroken = false;
  const result = body.replaceAll(
    ESCAPE,
    (
      whole,
      line?: string,
      octal?: string,
      hex?: string,
      four?: string,
      eight?: string,
      bad?: string,
      named?: string,
    ) => {
      if (line !== undefined) return "";
      if (bad !== undefined) isBroken = true;
      if (named !== undefined) return CONTROL_ESCAPES[named] ?? named;
      const code = octal === undefined ? Number.parseInt(hex ?? four ?? eight ?? "", 16) : Number.parseInt(octal, 8);
      if (Number.isNaN(code)) return whole;
      if (code > 0x10_ff_ff) isBroken = true;
      return isBroken ? whole : String.fromCodePoint(code);
    },
  );
  return isBroken ? undefined : result;
}
