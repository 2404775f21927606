import { registerHooks } from "node:module";
import { z } from "zod";

/** What is broken on purpose: in a module whose address ends like this, one text is another. */
const breakSchema = z.object({ module: z.string(), text: z.string(), instead: z.string() });
export type Break = z.infer<typeof breakSchema>;

// A test gives it to the process that it starts.
const { module, text, instead } = breakSchema.parse(JSON.parse(process.env["BREAK"] ?? "null"));

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (!url.endsWith(module)) return loaded;
    const source = Buffer.from(loaded.source ?? "").toString();
    if (!source.includes(text)) throw new Error(`${module} does not say: ${text}`);
    return { ...loaded, source: source.replace(text, instead) };
  },
});
