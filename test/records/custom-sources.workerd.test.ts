import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { gunzipText, gzipText } from "#core/gzip";
import {
  connectionsOnSource,
  customSourceManifest,
  customSourceRevision,
  deleteCustomSource,
  findCustomSource,
  insertCustomSource,
  listCustomSources,
  replaceCustomSource,
} from "#records/custom-source-repository";
import { project } from "#records/projection";
import { aCustomSource } from "#test/support/custom-source";

const db = env.DB;

async function connect(organizationId: string, overrides: object = {}): Promise<string> {
  const id = crypto.randomUUID();
  await project(db, [
    {
      kind: "connection",
      id,
      version: 1,
      organizationId,
      collectionId: "default",
      name: "Customers",
      shortName: "our-crm",
      status: "active",
      entityCount: 0,
      createdAt: 1_000,
      modifiedAt: 1_000,
      deletedAt: null,
      nextRunAt: null,
      wakeAt: null,
      isPaused: false,
      ...overrides,
    },
  ]);
  return id;
}

test("a source comes back as it was stored, its texts too", async () => {
  const source = await aCustomSource({ labels: ["CRM", "Sales"], continuous: true }, "version: 6.0.0 # ünï");
  const { organizationId } = source;
  expect(await insertCustomSource(db, source)).toBe(true);

  const { manifest: _, document, ...rest } = source;
  const found = await findCustomSource(db, organizationId, "our-crm");
  expect(found).toEqual({ ...rest, document });
  expect(await gunzipText(found?.document ?? new Uint8Array())).toBe("document of version: 6.0.0 # ünï");
  expect(await customSourceManifest(db, organizationId, "our-crm")).toBe("version: 6.0.0 # ünï");
  expect(await listCustomSources(db, organizationId)).toEqual([rest]);
});

test("a short name is taken once in an organization, and free in others", async () => {
  const source = await aCustomSource();
  expect(await insertCustomSource(db, source)).toBe(true);
  expect(await insertCustomSource(db, { ...source, name: "Another" })).toBe(false);
  expect(await insertCustomSource(db, await aCustomSource())).toBe(true);
  expect((await findCustomSource(db, source.organizationId, "our-crm"))?.name).toBe("Our CRM");
});

test("nobody finds another organization's source", async () => {
  const { organizationId, ...source } = await aCustomSource();
  await insertCustomSource(db, { ...source, organizationId });
  const other = crypto.randomUUID();
  expect(await findCustomSource(db, other, "our-crm")).toBeNull();
  expect(await customSourceManifest(db, other, "our-crm")).toBeNull();
  expect(await customSourceRevision(db, other, "our-crm")).toBeNull();
  expect(await listCustomSources(db, other)).toEqual([]);
  expect(await replaceCustomSource(db, { ...source, organizationId: other })).toBeNull();
  expect(await deleteCustomSource(db, other, "our-crm")).toBe(false);
  expect(await findCustomSource(db, organizationId, "our-crm")).not.toBeNull();
});

test("a replacement is one version on, another revision, and keeps when the source was created", async () => {
  const source = await aCustomSource();
  await insertCustomSource(db, source);
  const next = { ...source, name: "New", revision: "next", createdAt: 0, modifiedAt: source.modifiedAt + 1 };
  const replaced = await replaceCustomSource(db, { ...next, manifest: await gzipText("new") });
  expect(replaced).toMatchObject({ name: "New", version: 2, createdAt: source.createdAt, modifiedAt: next.modifiedAt });
  expect(await customSourceRevision(db, source.organizationId, "our-crm")).toBe("next");
  expect(await customSourceManifest(db, source.organizationId, "our-crm")).toBe("new");
});

describe("deleting", () => {
  test("is refused while a connection uses the source, and names such connections", async () => {
    const source = await aCustomSource();
    const { organizationId } = source;
    await insertCustomSource(db, source);
    const ids = [await connect(organizationId), await connect(organizationId)].toSorted();
    expect(await deleteCustomSource(db, organizationId, "our-crm")).toBe(false);
    expect(await connectionsOnSource(db, organizationId, "our-crm", 1)).toEqual(ids.slice(0, 1));
    expect(await connectionsOnSource(db, organizationId, "our-crm", 5)).toEqual(ids);
  });

  test.each([
    { whose: "that was deleted", overrides: { deletedAt: 2_000 } },
    { whose: "on another source", overrides: { shortName: "our-crm-2" } },
    { whose: "of another organization", overrides: { organizationId: "other" } },
  ])("a connection $whose does not keep it", async ({ overrides }) => {
    const source = await aCustomSource();
    await insertCustomSource(db, source);
    await connect(source.organizationId, overrides);
    expect(await deleteCustomSource(db, source.organizationId, "our-crm")).toBe(true);
    expect(await findCustomSource(db, source.organizationId, "our-crm")).toBeNull();
  });
});

test("a source of the same name in another organization is neither replaced nor deleted with it", async () => {
  const [own, others] = [await aCustomSource(), await aCustomSource({ name: "Theirs" })];
  expect([await insertCustomSource(db, own), await insertCustomSource(db, others)]).toEqual([true, true]);
  await replaceCustomSource(db, { ...own, name: "Mine now", revision: crypto.randomUUID() });
  await deleteCustomSource(db, own.organizationId, "our-crm");
  expect(await findCustomSource(db, others.organizationId, "our-crm")).toMatchObject({
    name: "Theirs",
    version: 1,
    revision: others.revision,
  });
});
