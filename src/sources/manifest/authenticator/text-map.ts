import { z } from "zod";

import type { Definition } from "#sources/manifest/component";
import { text, type Text } from "#sources/manifest/text";

/** Names and values with the expressions in both evaluated, in the manifest's order. */
export type TextMap = () => readonly (readonly [name: string, value: unknown])[];

/** An object whose names and texts may be expressions. What is nested in it is taken as it stands, as the CDK does. */
export const textMap: z.ZodType<Definition<TextMap>> = z
  .record(z.string(), z.unknown())
  .transform((record, context): Definition<TextMap> => {
    const entries: [Definition<Text>, Definition<Text> | { readonly constant: unknown }][] = [];
    for (const [name, value] of Object.entries(record)) {
      const [parsedName, parsedValue] = [text.safeParse(name), text.safeParse(value)];
      const isText = typeof value === "string";
      for (const { error } of isText ? [parsedName, parsedValue] : [parsedName]) {
        for (const issue of error?.issues ?? []) {
          context.issues.push({ code: "custom", message: issue.message, path: [name], input: value });
        }
      }
      if (parsedName.success && (parsedValue.success || !isText)) {
        entries.push([parsedName.data, isText && parsedValue.success ? parsedValue.data : { constant: value }]);
      }
    }
    return (scope) => {
      const built = entries.map(([name, value]) => {
        const nameText = name(scope);
        if (typeof value !== "function") return () => [nameText.text(), value.constant] as const;
        const valueText = value(scope);
        return () => [nameText.text(), valueText.value()] as const;
      });
      return () => built.map((entry) => entry());
    };
  });
