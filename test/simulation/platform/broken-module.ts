import { registerHooks } from "node:module";
import { z } from "zod";

import { broken } from "#test/breaks/break";

/** What is broken on purpose, as a test gives it to the process that it starts. */
const editSchema = z.object({ file: z.string(), from: z.string(), to: z.string() });
const edit = editSchema.parse(JSON.parse(process.env["BREAK"] ?? "null"));

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (!url.endsWith(`/${edit.file}`)) return loaded;
    return { ...loaded, source: broken(Buffer.from(loaded.source ?? "").toString(), edit) };
  },
});
