import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { ManifestError } from "./manifest-error.ts";

const REF = "$ref";

/** Fields that hold connector config: a value in there that begins with `#/` is no reference. */
const CONFIG_FIELDS: ReadonlySet<string> = new Set(["config_overrides"]);

/** Values that are looked at while references are resolved: a few lines of references to wide objects copy many. */
const MAX_VALUES = 1_000_000;

/** Deepest nesting, the references on the way included: far from what a call stack holds. */
const MAX_DEPTH = 400;

/**
 * Replaces every reference by what it refers to. A string `"#/definitions/x"` stands for the value there; an object
 * with `$ref` takes over the fields of the object referred to, its own fields first.
 *
 * What is referred to several times is shared in the result, which therefore takes no more memory than the manifest.
 *
 * @throws ManifestError for a reference that leads nowhere or to itself, with the place that has it
 */
export function resolveReferences(manifest: JsonObject): JsonObject {
  const resolved = new Map<string, Json>();
  const underWay = new Set<string>();
  let values = 0;
  let depth = 0;
  const allow = (more: number) => {
    values += more;
    if (values > MAX_VALUES) {
      throw new ManifestError([
        { path: [], message: `With its references resolved the manifest has more than ${MAX_VALUES} values.` },
      ]);
    }
  };

  const evaluate = (node: Json, path: readonly string[]): Json => {
    allow(1);
    depth += 1;
    if (depth > MAX_DEPTH) {
      const message = `References lead from one to the next, or values are nested, more than ${MAX_DEPTH} levels deep.`;
      throw new ManifestError([{ path: path.slice(0, 5), message }]);
    }
    const value = evaluated(node, path);
    depth -= 1;
    return value;
  };

  const evaluated = (node: Json, path: readonly string[]): Json => {
    if (typeof node === "string") return node.startsWith("#/") ? follow(node, path) : node;
    if (Array.isArray(node)) return node.map((item, index) => evaluate(item, [...path, String(index)]));
    if (!isJsonObject(node)) return node;
    const own = Object.entries(node)
      .filter(([key]) => key !== REF)
      .map(([key, value]): [string, Json] => [key, CONFIG_FIELDS.has(key) ? value : evaluate(value, [...path, key])]);
    const reference = Object.hasOwn(node, REF) ? node[REF] : undefined;
    if (reference === undefined) return Object.fromEntries(own);
    const target = evaluate(reference, [...path, REF]);
    // A reference to a list or a text stands for it, whatever fields are beside it.
    if (!isJsonObject(target)) return target;
    const taken = Object.entries(target);
    allow(taken.length);
    return Object.fromEntries([...taken, ...own]);
  };

  const follow = (reference: string, path: readonly string[]): Json => {
    const known = resolved.get(reference);
    if (known !== undefined) return known;
    if (underWay.has(reference)) {
      throw new ManifestError([{ path, message: `The reference ${reference} leads back to itself.` }]);
    }
    underWay.add(reference);
    const target = lookUp(reference, manifest);
    if (target === undefined) {
      throw new ManifestError([
        { path, message: `The reference ${reference} leads nowhere: there is no such place in the manifest.` },
      ]);
    }
    const value = evaluate(target, path);
    underWay.delete(reference);
    resolved.set(reference, value);
    return value;
  };

  const result = evaluate(manifest, []);
  return isJsonObject(result) ? result : {};
}

/** Keys may contain slashes: at each level the whole rest of the path is tried as a key first. */
function lookUp(reference: string, manifest: JsonObject): Json | undefined {
  let node: Json | undefined = manifest;
  let rest = reference.slice("#/".length);
  while (rest !== "") {
    const whole: Json | undefined = isJsonObject(node) ? child(node, rest) : undefined;
    if (whole !== undefined) return whole;
    const slash = rest.indexOf("/");
    const head = slash === -1 ? rest : rest.slice(0, slash);
    rest = slash === -1 ? "" : rest.slice(slash + 1);
    node = node === undefined ? undefined : child(node, head);
    if (node === undefined) return undefined;
  }
  return node;
}

function child(node: Json, key: string): Json | undefined {
  if (Array.isArray(node)) return /^-?\d+$/.test(key) ? node.at(Number(key)) : undefined;
  return isJsonObject(node) && Object.hasOwn(node, key) ? node[key] : undefined;
}
