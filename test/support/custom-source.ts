import { env } from "cloudflare:workers";

import { gzipText } from "#core/gzip";
import type { JsonObject } from "#core/json";
import { checkedManifest } from "#http/custom-source";
import {
  findCustomSource,
  insertCustomSource,
  replaceCustomSource,
  type CustomSource,
  type CustomSourceTexts,
} from "#records/custom-source-repository";
import { storedManifestSchema, type StoredManifest } from "#sources/manifest/stored-manifest";

const AT = Date.UTC(2026, 2, 15, 9, 30);

/** A custom source as the repository keeps it. */
export async function aCustomSource(
  overrides: Partial<CustomSource> = {},
  manifest = "manifest",
): Promise<CustomSource & CustomSourceTexts> {
  return {
    organizationId: crypto.randomUUID(),
    shortName: "our-crm",
    name: "Our CRM",
    description: "",
    labels: [],
    continuous: false,
    version: 1,
    revision: crypto.randomUUID(),
    createdAt: AT,
    modifiedAt: AT,
    manifest: await gzipText(manifest),
    document: await gzipText(`document of ${manifest}`),
    ...overrides,
  };
}

/** Registers the manifest, or puts it in the place of the organization's source of this name. */
export async function registerManifest(
  organizationId: string,
  shortName: string,
  manifest: JsonObject,
): Promise<StoredManifest> {
  const checked = await checkedManifest(shortName, {}, JSON.stringify(manifest));
  const source = { ...checked, organizationId, shortName, version: 1, revision: crypto.randomUUID() };
  const times = { createdAt: AT, modifiedAt: AT };
  if (!(await insertCustomSource(env.DB, { ...source, ...times }))) {
    await replaceCustomSource(env.DB, { ...source, ...times });
  }
  const found = await findCustomSource(env.DB, organizationId, shortName);
  return storedManifestSchema.parse({ ...found, document: found?.document.toBase64() });
}
