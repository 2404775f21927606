import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compileTemplate, TemplateError } from "#sources/manifest/template/template";

const ENVIRONMENT = { now: () => 0, uuid: () => "" };
const CONTEXT = { config: { a: 1, text: "abc", list: [1, [2]], none: null }, record: { x: "y" } };

/** A list that holds itself twice, 150 times over: small, but without end for who walks through it. */
const DOUBLED = "{% set ns = namespace(a=[]) %}{% for i in 'x' * 150 %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}";
/** The same with another list, equal to the first. */
const DOUBLED_AGAIN = DOUBLED.replaceAll("ns", "other");

function failureOf(template: string): string {
  try {
    compileTemplate(template, ENVIRONMENT).render(CONTEXT);
    return "no failure";
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

const HUNGRY: readonly (readonly [template: string, limit: string])[] = [
  ["{{ 'a' * 10 ** 9 }}", "limit of 1000000"],
  ["{{ [1] * 10 ** 9 }}", "limit of 100000"],
  ["{{ 2 ** 99999 }}", "limit of 14285"],
  ["{{ 2 ** 28000 * 2 ** 28000 }}", "limit of 14285"],
  [
    "{% set ns = namespace(a='xx') %}{% for i in 'x' * 99 %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
    "limit of 1000000",
  ],
  ["{{ ('x' * 900000).join('x' * 90000) }}", "limit of 1000000"],
  ["{{ 'a'.replace('', 'x' * 900000) }}", "limit of 1000000"],
  ["{{ '%999999999d' % 1 }}", "limit of 1000000"],
  ["{{ '{:999999999}'.format(1) }}", "limit of 1000000"],
  ["{{ 'x' | indent(10 ** 8) }}", "limit of 1000000"],
  ["{{ ['\\x00' * 450000] }}", "limit of 1000000"],
  ["{{ [1, 2] | slice(10 ** 9) | list }}", "limit of 100000"],
  ["{{ [1, 2] | batch(10 ** 9, 1) | list }}", "limit of 100000"],
  ["{% for i in 'x' * 90000 %}{% for j in 'x' * 90000 %}{% endfor %}{% endfor %}", "steps"],
  ["{% set b = 'x' * 900000 %}{% for i in 'x' * 90000 %}{% set c = b.upper() %}{% endfor %}", "steps"],
  ["{% set b = '😀' * 400000 %}{% for i in 'x' * 90000 %}{% set c = b[3] %}{% endfor %}", "steps"],
  ["{% for i in 'x' * 90000 %}{% set c = now_utc().strftime('%c' * 400) %}{% endfor %}", "steps"],
  ["{{ now_utc().strftime('%c' * 3000) }}", "limit of 1000"],
  ["{{ ('a' * 30) | regex_search('(a+)+$b') }}", "limit of 1000000 steps on a text of 30 characters"],
  ["{% for i in 'x' * 9000 %}{{ ('a' * 300) | regex_search('(a+)+b') }}{% endfor %}", "limit of 1000000 steps"],
  ["{{ ('ab' * 90000) | regex_search('(?:ab|b)*c') }}", "repeats a group too often"],
  [`${DOUBLED}{{ ns.a }}`, "limit of 200000"],
  [`${DOUBLED}{{ ns.a | tojson }}`, "limit of 200000"],
  [`${DOUBLED}${DOUBLED_AGAIN}{{ ns.a == other.a }}`, "limit of 200000"],
  [`${DOUBLED}${DOUBLED_AGAIN}{{ ns.a < other.a }}`, "limit of 200000"],
  [`${DOUBLED.replace("a=[]", "a=(1,)").replace("[ns.a, ns.a]", "(ns.a, ns.a)")}{{ {ns.a: 1} }}`, "limit of 200000"],
  [`${DOUBLED.replace("150", "300")}{{ ns.a }}`, "limit of 200 levels"],
  [`{{ ${"(".repeat(500)}1${")".repeat(500)} }}`, "deeper than 100 levels"],
  [`${"{% if 1 %}".repeat(500)}${"{% endif %}".repeat(500)}`, "deeper than 100 levels"],
  [`{{ 1${" + 1".repeat(20_000)} }}`, "nested too deep"],
  ["x".repeat(100_001), "limit of 100000"],
];

describe("a template that would take all memory or time is stopped, and told which limit it passed", () => {
  it.each(HUNGRY.map(([template, limit]) => ({ shown: template.slice(0, 80), template, limit })))(
    "$shown: $limit",
    ({ template, limit }) => {
      expect(failureOf(template)).toContain(limit);
    },
  );
});

describe("a template sees data and nothing behind it", () => {
  it.each(["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"])(
    "%s of a dict is undefined",
    (name) => {
      expect(compileTemplate(`{{ config.${name} is undefined }}`, ENVIRONMENT).evaluate(CONTEXT)).toBe(true);
      expect(compileTemplate(`{{ config['${name}'] is undefined }}`, ENVIRONMENT).evaluate(CONTEXT)).toBe(true);
    },
  );

  it.each(["constructor", "length", "__proto__", "at", "map", "charAt"])(
    "%s of texts and lists is undefined",
    (name) => {
      expect(compileTemplate(`{{ 'x'.${name} is undefined }}`, ENVIRONMENT).evaluate(CONTEXT)).toBe(true);
      expect(compileTemplate(`{{ [1].${name} is undefined }}`, ENVIRONMENT).evaluate(CONTEXT)).toBe(true);
    },
  );

  it.each(["{{ ''.__class__.__mro__ }}", "{{ config.__class__() }}", "{{ config.get.__globals__.x }}"])(
    "%s is an error, as in Jinja's sandbox",
    (template) => {
      expect(failureOf(template)).toContain("unsafe");
    },
  );

  it.each(["{{ config.update({}) }}", "{{ config.list.append(1) }}", "{{ config.pop('a') }}"])(
    "%s is refused, since others read the same data",
    (template) => {
      expect(failureOf(template)).toContain("may not change its data");
    },
  );

  it("takes a key that JavaScript treats specially as any other", () => {
    const context = { config: JSON.parse('{"__proto__": 1, "constructor": 2}') };
    const evaluate = (template: string) => compileTemplate(template, ENVIRONMENT).evaluate(context);
    expect(evaluate("{{ config['__proto__'] + config['constructor'] }}")).toBe(3);
    expect(evaluate("{{ {'__proto__': 1} | tojson }}")).toEqual(JSON.parse('{"__proto__": 1}'));
    expect(evaluate("{{ '__proto__' in {} }}")).toBe(false);
  });
});

/** Pieces of templates: together they are sometimes one, and often almost. */
const piece = fc.constantFrom(
  ..."{{ }} {% %} {# #} - ( ) [ ] { } ' \" . , : | ~ + * ** / // % == != < >= = ! $ \\ @ 😀 é".split(" "),
  ..."if |else |endif|for | in |endfor|set |endset| is |not |and |or |raw|endraw| |\n".split("|"),
  ..."config record .a ['text'] [0] [::-1] 1 2.5 -1 'a' none true x loop upper default int join sort map tojson".split(
    " ",
  ),
  ..."regex_search defined odd () (1) ('%Y') now_utc duration('P1M') max format_datetime namespace range".split(" "),
  ...".strftime .format .split".split(" "),
);
const template = fc.oneof(
  { weight: 3, arbitrary: fc.array(piece, { maxLength: 14 }).map((pieces) => `{{ ${pieces.join("")} }}`) },
  fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 40 }),
);

describe("any text", () => {
  it("compiles and evaluates, or is refused with a TemplateError", () => {
    fc.assert(
      fc.property(template, (text) => {
        expect(failureOf(text)).not.toBe("");
      }),
      { numRuns: 3000 },
    );
  });

  it("without braces is its own value or the literal that it reads as, whatever the context", () => {
    const plain = fc.string({ unit: "grapheme" }).filter((text) => !/[{}\r\n]/.test(text) && /^[g-z]/.test(text));
    fc.assert(
      fc.property(plain, (text) => {
        expect(compileTemplate(text, ENVIRONMENT).evaluate({})).toBe(text);
      }),
    );
  });
});
