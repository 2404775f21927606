import { compileResolved, resolveManifest } from "#sources/manifest/compile";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { isTooLong, storable } from "#sources/manifest/stored-manifest";
const stream = `streams:
  - type: DeclarativeStream
    name: a
    retriever: {type: SimpleRetriever, requester: {type: HttpRequester, url_base: "http://x.y"}, record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}}
`;
const bombs: Record<string, () => string> = {
  aliasbig: () => `big: &b\n${Array.from({ length: 20000 }, (_, i) => `  k${i}: v`).join("\n")}\nuses:\n${Array.from({ length: 900 }, () => "  - *b").join("\n")}\n${stream}`,
  mergebig: () => `big: &b\n${Array.from({ length: 20000 }, (_, i) => `  k${i}: v`).join("\n")}\nuses:\n${Array.from({ length: 3000 }, () => "  - {<<: *b, x: 1}").join("\n")}\n${stream}`,
  laughs: () => `a0: &a0 [x,x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join("\n")}\n${stream}`,
  reflaughs: () => `definitions:\n  a0: {v: 1}\n${Array.from({ length: 40 }, (_, i) => `  a${i + 1}: {x: "#/definitions/a${i}", y: "#/definitions/a${i}"}`).join("\n")}\nspec: {type: Spec, connection_specification: {type: object, default: "#/definitions/a40"}}\n${stream}`,
  reflaughs_stream: () => `definitions:\n  a0: {v: 1}\n${Array.from({ length: 40 }, (_, i) => `  a${i + 1}: {x: "#/definitions/a${i}", y: "#/definitions/a${i}"}`).join("\n")}\n${stream}    schema_loader: {type: InlineSchemaLoader, schema: {type: object, x: "#/definitions/a40"}}\n`,
  reflaughs_list: () => `definitions:\n  a0: [1,2]\n${Array.from({ length: 40 }, (_, i) => `  a${i + 1}: ["#/definitions/a${i}", "#/definitions/a${i}"]`).join("\n")}\n${stream}    x: "#/definitions/a40"\n`,
  reflaughs_params: () => `definitions:\n  a0: {v: 1}\n${Array.from({ length: 40 }, (_, i) => `  a${i + 1}: {x: "#/definitions/a${i}", y: "#/definitions/a${i}"}`).join("\n")}\n${stream}    $parameters: {q: "#/definitions/a40"}\n`,
  refwide: () => `definitions:\n  w:\n${Array.from({ length: 30000 }, (_, i) => `    k${i}: 1`).join("\n")}\n  uses:\n${Array.from({ length: 20000 }, () => `    - {$ref: "#/definitions/w", z: 1}`).join("\n")}\n${stream}`,
  refchain: () => `definitions:\n${Array.from({ length: 30000 }, (_, i) => `  a${i}: "#/definitions/a${i + 1}"`).join("\n")}\n  a30000: x\n${stream}`,
  refpath: () => `definitions:\n  x: {a: 1}\n  uses:\n${Array.from({ length: 20 }, (_, i) => `    - "#/${"a/".repeat(50000)}${i}"`).join("\n")}\n${stream}`,
  params: () => `definitions:\n  st:\n    type: DeclarativeStream\n    name: a\n    retriever: {type: SimpleRetriever, requester: {type: HttpRequester, url_base: "http://x.y"}, record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}}\nstreams:\n${Array.from({ length: 20000 }, (_, i) => `  - {$ref: "#/definitions/st", name: s${i}}`).join("\n")}\n$parameters:\n${Array.from({ length: 30000 }, (_, i) => `  p${i}: 1`).join("\n")}\n`,
  paramobj: () => `definitions:\n  st:\n    type: DeclarativeStream\n    name: a\n    retriever: {type: SimpleRetriever, requester: {type: HttpRequester, url_base: "http://x.y"}, record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}}\nstreams:\n  - {$ref: "#/definitions/st", name: s}\n$parameters:\n${Array.from({ length: 12 }, (_, i) => `  p${i}: {type: Foo${i}}`).join("\n")}\n`,
  flowdeep: () => `x: ${"[".repeat(100000)}${"]".repeat(100000)}\n${stream}`,
  flowdeep2: () => `x: ${"{a: ".repeat(3000)}1${"}".repeat(3000)}\n${stream}`,
  blockdeep: () => Array.from({ length: 1500 }, (_, i) => `${" ".repeat(i)}a:`).join("\n") + " 1\n" + stream,
  seqdeep: () => `x:\n  ${"- ".repeat(20000)}1\n${stream}`,
  jsondeep: () => `{"x": ${"[".repeat(500000)}${"]".repeat(500000)}}`,
  dupkeys: () => `x:\n${Array.from({ length: 100000 }, (_, i) => `  k${i}: 1`).join("\n")}\n${stream}`,
  manystreams: () => `streams:\n${Array.from({ length: 30000 }, (_, i) => `  - {type: DeclarativeStream, name: s${i}}`).join("\n")}\n`,
  proto: () => `{"__proto__": {"streams": []}, "constructor": 1, ${JSON.stringify({ streams: [] }).slice(1)}`,
  protoref: () => `definitions:\n  __proto__: {a: 1}\n  x: "#/definitions/__proto__"\n  y: "#/definitions/constructor"\n${stream}`,
  tagged: () => `x: !!js/function 'a'\ny: !!binary aGk=\nz: !!set {a, b}\nw: !!omap [a: 1]\n${stream}`,
  cyclic: () => `x: &a [*a]\n${stream}`,
  refgrow: () => `definitions:\n  a0: {k0: 1}\n${Array.from({ length: 3000 }, (_, i) => `  a${i + 1}: {$ref: "#/definitions/a${i}", k${i + 1}: 1}`).join("\n")}\n${stream}`,
  emptykeys: () => `? {a: 1}\n: 2\n? [1,2]\n: 3\n${stream}`,
  number: () => `x: 0x${"f".repeat(300000)}\ny: ${"9".repeat(300000)}\n z: 1:${"59:".repeat(100000)}59\n${stream}`,
};
const [name] = process.argv.slice(2);
const text = bombs[name ?? ""]?.() ?? "";
const t = Date.now();
const step = (s: string) => console.log(name, text.length, s, Date.now() - t, "ms", Math.round(process.memoryUsage().rss / 1e6), "MB");
try {
  const p = parseDocument(text);
  step("parsed");
  const r = storable(p);
  step("resolved");
  console.log("tooLong", isTooLong(r));
  if (isTooLong(r) ) {step("tooLong"); process.exit();}
  compileResolved(r);
  step("compiled");
} catch (e) {
  step("threw " + (e instanceof Error ? e.name + ": " + e.message.slice(0, 200) : String(e)));
}
