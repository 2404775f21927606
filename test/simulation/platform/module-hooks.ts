import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

import { SMALL_NUMBERS, withSmallNumbers } from "./small-numbers.ts";

/** Lets Node load the objects' own modules: what only the platform has, what only the bundler understands, and small. */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "cloudflare:workers"
      ? { url: new URL("durable-object.ts", import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) => {
    if (url.endsWith(".yaml")) {
      const text = readFileSync(fileURLToPath(url), "utf8");
      return { format: "module", source: `export default ${JSON.stringify(text)};`, shortCircuit: true };
    }
    const loaded = next(url, context);
    if (!SMALL_NUMBERS.some(({ module }) => url.endsWith(`/${module}`))) return loaded;
    return { ...loaded, source: withSmallNumbers(url, Buffer.from(loaded.source ?? "").toString()) };
  },
});
