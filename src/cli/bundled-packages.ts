import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A package, or a module of the runtime, that is part of what is deployed. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** What is left of it in the bundle. 0 for modules that the runtime brings. */
  readonly bytes: number;
}

/** What the runtime brings has no version of its own: the compatibility date says which one it is. */
const RUNTIME = { version: "runtime", licence: "runtime", bytes: 0 };

/** What a rule in wrangler.toml lays beside the bundle as a text. Anything else beside it is not ours. */
const OWN_TEXT = /^\.\/.+\.(?:yaml|css|browser\.js)$/;

const metafileSchema = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })),
      imports: z.array(z.object({ path: z.string(), external: z.boolean().optional() })),
    }),
  ),
});

/** Old packages say `{ "type": "MIT", "url": … }`. Whatever else is said is shown as it stands there. */
const licenceSchema = z
  .unknown()
  .default("unknown")
  .transform((given) => z.object({ type: z.string() }).safeParse(given).data?.type ?? given)
  .transform((given) => (typeof given === "string" ? given : JSON.stringify(given)));
const manifestSchema = z.object({ name: z.string(), version: z.string(), license: licenceSchema });

/**
 * What esbuild put into the bundle besides our own `src`, by name. Anything that is in no package stands by its path,
 * so that nothing gets in unseen.
 *
 * @param metafile what esbuild wrote about the build, with paths from `directory`
 */
export function bundledPackages(metafile: string, directory: string): BundledPackage[] {
  const { outputs } = metafileSchema.parse(JSON.parse(metafile));
  const found = new Map<string, BundledPackage>();
  const add = (entry: BundledPackage) => {
    const key = `${entry.name}@${entry.version}`;
    found.set(key, { ...entry, bytes: entry.bytes + (found.get(key)?.bytes ?? 0) });
  };
  for (const [file, { inputs, imports }] of Object.entries(outputs)) {
    if (!file.endsWith(".js")) continue;
    for (const { path, external } of imports) {
      if (external === true && !OWN_TEXT.test(path)) add({ name: path, ...RUNTIME });
    }
    for (const [path, { bytesInOutput: bytes }] of Object.entries(inputs)) {
      if (path.startsWith("src/") || bytes === 0) continue;
      add({ ...packageOf(path, directory), bytes });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function packageOf(path: string, directory: string): Omit<BundledPackage, "bytes"> {
  const root = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
  if (root === undefined) return { name: path, version: "unknown", licence: "unknown" };
  const { name, version, license } = manifestSchema.parse(
    JSON.parse(readFileSync(join(directory, root, "package.json"), "utf8")),
  );
  return { name, version, licence: license };
}
