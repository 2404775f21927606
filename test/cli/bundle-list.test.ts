import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { bundleFindings, readBundleList, renderBundleList } from "#cli/bundle-list";
import { bundledPackages, type BundledPackage } from "#cli/bundled-packages";
import { PROJECT_DIRECTORY } from "#cli/wrangler";

const ZOD: BundledPackage = {
  name: "zod",
  version: "4.6.7",
  licence: "MIT",
  digest: "c4Yda1KJhFHNkKQU",
  bytes: 784_706,
};
const RUNTIME: BundledPackage = {
  name: "node:crypto",
  version: "runtime",
  licence: "runtime",
  digest: "runtime",
  bytes: 0,
};

test("the list is read again as it was written", () => {
  const packages = [RUNTIME, ZOD, { ...ZOD, name: "@scope/odd", licence: "(MIT OR Apache-2.0)", bytes: 12 }];
  expect(readBundleList(renderBundleList(packages))).toEqual(packages);
});

test.each<[string, BundledPackage[], RegExp]>([
  ["a package that is new", [ZOD, { ...ZOD, name: "left-pad" }], /left-pad 4\.6\.7 .* is new/],
  ["another licence", [{ ...ZOD, licence: "AGPL-3.0" }], /licence AGPL-3\.0, not MIT/],
  ["other content of the same version", [{ ...ZOD, digest: "AAAAAAAAAAAAAAAA" }], /zod 4\.6\.7 has other content/],
  ["another version", [{ ...ZOD, version: "4.6.8" }], /version 4\.6\.8, not 4\.6\.7/],
  ["a second version beside it", [ZOD, { ...ZOD, version: "3.0.0" }], /version 3\.0\.0/],
  ["much more of it", [{ ...ZOD, bytes: 900_000 }], /grew from 784706 to 900000/],
  ["less than the list says", [], /zod is not in the bundle any more/],
])("%s is found", (_which, bundled, finding) => {
  expect(bundleFindings([ZOD], bundled)).toEqual([expect.stringMatching(finding)]);
});

test("what the list says, give or take what imports change, is no finding", () => {
  expect(bundleFindings([ZOD, RUNTIME], [{ ...ZOD, bytes: 800_000 }, RUNTIME])).toEqual([]);
});

test("a build's own account names packages, the runtime's modules, and files that are in no package", () => {
  const inputs = {
    "src/index.ts": { bytesInOutput: 10 },
    "node_modules/zod/v4/index.js": { bytesInOutput: 700 },
    "node_modules/zod/v4/core.js": { bytesInOutput: 7 },
    "node_modules/zod/unused.js": { bytesInOutput: 0 },
    "node_modules/esbuild/lib/main.js": { bytesInOutput: 5 },
    "vendor/borrowed.js": { bytesInOutput: 3 },
  };
  const imports = [
    { path: "node:crypto", external: true },
    { path: `./${digestOf("src/sources/catalogue/jira.yaml")}-jira.yaml`, external: true },
    { path: `./${"0".repeat(40)}-jira.yaml`, external: true },
    { path: "./abc-borrowed.wasm", external: true },
  ];
  const metafile = JSON.stringify({
    outputs: { "index.js": { inputs, imports }, "index.js.map": { inputs, imports } },
  });
  expect(bundledPackages(metafile, PROJECT_DIRECTORY)).toEqual([
    { ...RUNTIME, name: `./${"0".repeat(40)}-jira.yaml` },
    { ...RUNTIME, name: "./abc-borrowed.wasm" },
    expect.objectContaining({ name: "esbuild", bytes: 5 }),
    RUNTIME,
    { name: "vendor/borrowed.js", version: "unknown", licence: "unknown", digest: "unknown", bytes: 3 },
    expect.objectContaining({
      name: "zod",
      licence: "MIT",
      digest: expect.stringMatching(/^[A-Za-z0-9+/]{16}$/),
      bytes: 707,
    }),
  ]);
});

function digestOf(path: string): string {
  return createHash("sha1")
    .update(readFileSync(join(PROJECT_DIRECTORY, path)))
    .digest("hex");
}

test.each([
  ["as one word", { license: "MIT" }, "MIT"],
  ["as old packages do", { license: { type: "BSD-2-Clause", url: "https://example.com" } }, "BSD-2-Clause"],
  ["in a way of its own", { license: ["MIT", "X11"] }, '["MIT","X11"]'],
  ["not at all", {}, "unknown"],
])("a package that says its licence %s is listed with it", (_how, said, licence) => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-licence-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const folder = join(directory, "node_modules/odd");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "odd", version: "1.0.0", ...said }));
  const packages = { "node_modules/odd": { version: "1.0.0", integrity: "sha512-q83vEjRWeJCrze8SNFZ4kKvN" } };
  writeFileSync(join(directory, "package-lock.json"), JSON.stringify({ packages }));
  const inputs = { "node_modules/odd/index.js": { bytesInOutput: 1 } };
  const metafile = JSON.stringify({ outputs: { "index.js": { inputs, imports: [] } } });
  expect(bundledPackages(metafile, directory)).toEqual([
    { name: "odd", version: "1.0.0", licence, digest: "q83vEjRWeJCrze8S", bytes: 1 },
  ]);
});
