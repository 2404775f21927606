import { parseXml, XmlCdata, XmlElement, XmlError, XmlText } from "@rgrove/parse-xml";
import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import type { Decoder } from "./decoder.ts";
import { decodeAs } from "./encoding.ts";
import { malformed } from "./malformed.ts";

/**
 * One document with the root element in it. An element with nothing but text is that text, null where it is empty;
 * any other is an object: children by their names, repeated ones as a list, attributes as `@name`, text as `#text`.
 */
export const xmlDecoder = defineComponent({
  type: "XmlDecoder",
  fields: z.object({}),
  build: (_fields, scope): Decoder => ({
    async decode({ bytes, url }) {
      const body = decodeAs("utf-8", bytes);
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

/** Deeper than any document that means well; the call stack holds more. */
const MAX_DEPTH = 500;

type XmlValue = null | string | XmlValue[] | { [name: string]: XmlValue };

function valueOf(element: XmlElement, depth: number): XmlValue {
  if (depth > MAX_DEPTH) throw new XmlError("nested too deeply", 0, "");
  const fields = new Map<string, XmlValue>(
    Object.entries(element.attributes).map(([name, value]) => [`@${name}`, value]),
  );
  const texts: string[] = [];
  for (const child of element.children) {
    if (child instanceof XmlText || child instanceof XmlCdata) texts.push(child.text);
    if (!(child instanceof XmlElement)) continue;
    const value = valueOf(child, depth + 1);
    const before = fields.get(child.name);
    if (!fields.has(child.name)) fields.set(child.name, value);
    else fields.set(child.name, Array.isArray(before) ? [...before, value] : [before ?? null, value]);
  }
  const text = texts.join("").trim();
  if (fields.size === 0) return text === "" ? null : text;
  if (text !== "") fields.set("#text", text);
  return Object.fromEntries(fields);
}
