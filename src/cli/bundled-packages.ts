import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A package, or a module of the runtime, that is part of what is deployed. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Tells its content from any other of the same version: what package-lock.json holds it to. */
  readonly digest: string;
  /** What is left of it in the bundle. 0 for modules that the runtime brings. */
  readonly bytes: number;
}

/** What the runtime brings has no version of its own: the compatibility date says which one it is. */
const RUNTIME = { version: "runtime", licence: "runtime", digest: "runtime", bytes: 0 };

/** What is in no package: nobody says what it is. */
const UNKNOWN = { version: "unknown", licence: "unknown", digest: "unknown" };

/** What a rule in wrangler.toml lays beside the bundle: wrangler names it by the SHA-1 of its content. */
const BESIDE = /^\.\/(?<sha1>[0-9a-f]{40})-(?<name>[^/]+)$/;

/** Of the digest, which is long: 96 bits of it. */
const DIGEST_CHARACTERS = 16;

const lockSchema = z.object({ packages: z.record(z.string(), z.object({ integrity: z.string().optional() })) });

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
  const ownTexts = new OwnTexts(join(directory, "src"));
  const { packages: locked } = lockSchema.parse(JSON.parse(readFileSync(join(directory, "package-lock.json"), "utf8")));
  const found = new Map<string, BundledPackage>();
  const add = (entry: BundledPackage) => {
    const key = `${entry.name}@${entry.version}`;
    found.set(key, { ...entry, bytes: entry.bytes + (found.get(key)?.bytes ?? 0) });
  };
  for (const [file, { inputs, imports }] of Object.entries(outputs)) {
    if (!file.endsWith(".js")) continue;
    for (const { path, external } of imports) {
      if (external === true && !ownTexts.has(path)) add({ name: path, ...RUNTIME });
    }
    for (const [path, { bytesInOutput: bytes }] of Object.entries(inputs)) {
      if (path.startsWith("src/") || bytes === 0) continue;
      add({ ...packageOf(path), bytes });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));

  function packageOf(path: string): Omit<BundledPackage, "bytes"> {
    const root = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    if (root === undefined) return { name: path, ...UNKNOWN };
    const { name, version, license } = manifestSchema.parse(
      JSON.parse(readFileSync(join(directory, root, "package.json"), "utf8")),
    );
    const [, digest = ""] = locked[root]?.integrity?.split("-") ?? [];
    return { name, version, licence: license, digest: digest.slice(0, DIGEST_CHARACTERS) || UNKNOWN.digest };
  }
}

/** Texts that lie beside the bundle and are files of our own `src`, to the byte. Their endings say nothing of that. */
class OwnTexts {
  readonly #directory: string;
  /** SHA-1 of every file of that name. */
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  has(path: string): boolean {
    const { sha1, name } = BESIDE.exec(path)?.groups ?? {};
    return sha1 !== undefined && name !== undefined && this.#digestsOf(name).has(sha1);
  }

  #digestsOf(name: string): ReadonlySet<string> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const files = readdirSync(this.#directory, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && entry.name === name,
    );
    const digests = files.map((entry) =>
      createHash("sha1")
        .update(readFileSync(join(entry.parentPath, entry.name)))
        .digest("hex"),
    );
    this.#known.set(name, new Set(digests));
    return new Set(digests);
  }
}
