import { expect, test } from "vitest";

import { findSource, listSources } from "#sources/registry";

const namesOf = (filter: { internal: boolean }) => listSources(filter).map((source) => source.shortName);

test("every source has a name of its own, since connections are stored with it", () => {
  const names = namesOf({ internal: true });

  expect(new Set(names).size).toBe(names.length);
});

test("internal sources can be neither seen nor found unless they are asked for", () => {
  const hidden = namesOf({ internal: true }).filter((name) => !namesOf({ internal: false }).includes(name));

  expect(namesOf({ internal: false })).toEqual(expect.arrayContaining(["couchdb", "github"]));
  expect(hidden).toEqual(expect.arrayContaining(["stub", "timed"]));
  for (const name of hidden) {
    expect(findSource(name, { internal: false })).toBeNull();
    expect(findSource(name, { internal: true })).toMatchObject({ shortName: name, internal: true });
  }
});

test("a name that no source has finds nothing, also where every object has such a property", () => {
  expect(findSource("constructor", { internal: true })).toBeNull();
  expect(findSource("", { internal: true })).toBeNull();
});
