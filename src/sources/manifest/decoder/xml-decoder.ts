import { parseXml, XmlCdata, XmlElement, XmlError, XmlText } from "@rgrove/parse-xml";
import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import type { Decoder } from "./decoder.ts";
import { charsetOf, decodeAs } from "./encoding.ts";
import { malformed } from "./malformed.ts";

/**
 * One document with the root element in it. An element with nothing but text is that text, null where it is empty;
 * any other is an object: children by their names, repeated ones as a list, attributes as `@name`, text as `#text`.
 */
export const xmlDecoder = defineComponent({
  type: "XmlDecoder",
  fields: z.object({}),
  build: (_fields, scope): Decoder => ({
    async decode({ bytes, headers, url }) {
      const body = decodeAs(charsetOf(headers["content-type"]) ?? declaredIn(bytes) ?? "utf-8", bytes);
      try {
        const { root } = parseXml(body);
        return root === null ? [{}] : [Object.fromEntries([[root.name, valueOf(root, 0)]])];
      } catch (error) {
        if (error instanceof XmlError) throw malformed(scope, url, "XML", body);
        throw error;
      }
    },
  }),
});

/** How far into a document its declaration can reach. */
const DECLARATION_BYTES = 200;

/** The encoding in the XML declaration, which is ASCII in every encoding that has ASCII in it. */
function declaredIn(bytes: Uint8Array): string | null {
  const beginning = decodeAs("latin-1", bytes.subarray(0, DECLARATION_BYTES));
  return /^(?:\xEF\xBB\xBF)?<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(beginning)?.[1] ?? null;
}

/** Deeper than any document that means well; the call stack holds more. */
const MAX_DEPTH = 500;

type XmlValue = null | string | XmlValue[] | { [name: string]: XmlValue };

function valueOf(element: XmlElement, depth: number): XmlValue {
  if (depth > MAX_DEPTH) throw new XmlError("nested too deeply", 0, "");
  const repeated = new Map<string, XmlValue[]>();
  const fields = new Map<string, XmlValue>(
    Object.entries(element.attributes).map(([name, value]) => [`@${name}`, value]),
  );
  const texts: string[] = [];
  for (const child of element.children) {
    if (child instanceof XmlText || child instanceof XmlCdata) texts.push(child.text);
    if (!(child instanceof XmlElement)) continue;
    const value = valueOf(child, depth + 1);
    const list = repeated.get(child.name) ?? (fields.has(child.name) ? [fields.get(child.name) ?? null] : null);
    list?.push(value);
    if (list !== null) repeated.set(child.name, list);
    fields.set(child.name, list ?? value);
  }
  const text = texts.join("").trim();
  if (fields.size === 0) return text === "" ? null : text;
  if (text !== "") fields.set("#text", text);
  return Object.fromEntries(fields);
}
