import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseExactly } from "#core/exact-json";
import { compileTemplate, TemplateError } from "#sources/manifest/template/template";

const ENVIRONMENT = { now: () => Date.UTC(2024, 0, 31), uuid: () => "7b4f7c4c-6a7e-4d0a-9b5f-0f0f0f0f0f0f" };
const compile = (text: string) => compileTemplate(text, ENVIRONMENT);

function messageOf(run: () => unknown): string {
  try {
    run();
    return "";
  } catch (error) {
    return error instanceof TemplateError ? error.message : String(error);
  }
}

describe("what a template says of itself", () => {
  it.each([
    ["plain", false, []],
    ["{# only a comment #}", false, []],
    ["{{ 1 }}", true, []],
    ["{{ config['a'] ~ stream_slice.b }}", true, ["config", "stream_slice"]],
    ["{% set x = config.a %}{{ x ~ y }}", true, ["config", "y"]],
    ["{% for r in response %}{{ r ~ loop.index }}{% endfor %}{{ r }}", true, ["response", "r"]],
    ["{% if a %}{% set x = 1 %}{% endif %}{{ x }}", true, ["a", "x"]],
    ["{% if a %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}", true, ["a"]],
    ["{{ now_utc() if max(1, 2) }}", true, []],
    ["{{ x | default(y) is sameas z }}", true, ["x", "y", "z"]],
  ])("%s", (text, isDynamic, variables) => {
    const template = compile(text);
    expect(template.isDynamic).toBe(isDynamic);
    expect([...template.variables]).toEqual(variables);
  });

  it.each([
    ["{{ now_utc() }}", true],
    ["{{ today_utc().strftime('%Y') }}", true],
    ["{{ today_with_timezone('UTC') }}", true],
    ["{% if config.x %}{{ day_delta(1) }}{% endif %}", true],
    ["{{ format_datetime('2024-01-01', '%Y') }}", false],
    ["now_utc()", false],
  ])("%s reads the clock: %s", (text, readsClock) => {
    expect(compile(text).readsClock).toBe(readsClock);
  });
});

describe("a wrong template", () => {
  it.each([
    ["{{ config['a' }}", "line 1, column 15"],
    ["a\nb {{ 1 + }}", "line 2, column 10"],
    ["{{ x | nope }}", "there is no filter 'nope'. There are abs,"],
    ["{{ x is nope }}", "there is no test 'nope': did you mean 'none'? There are boolean,"],
    ["{% nope %}", "{% nope %} is not known here: there are if, for, set, with and filter"],
    ["{% if x %}", "expected {% elif %} or {% else %} or {% endif %}"],
    ["{{ 'x }}", "unexpected character"],
    ["{{ x", "the tag has no end: expected }}"],
    ["{% for i in x recursive %}{% endfor %}", "recursive loops are not supported"],
  ])("%s: the message says where and why", (text, message) => {
    expect(messageOf(() => compile(text))).toContain(message);
  });

  it.each([
    ["{{ now() }}", ["now"]],
    ["{{ record.name() }}{{ config() | upper }}", ["config"]],
    ["{% for f in config.list %}{{ f() }}{{ loop.cycle(1, 2) }}{% endfor %}{{ f() }}", ["f"]],
    ["{{ now_utc().strftime('%Y') }}{{ min(1, 2) }}", []],
  ])("%s calls %j, which are no functions", (text, names) => {
    expect([...compile(text).unknownFunctions.keys()]).toEqual(names);
  });

  it("names what it could have read where it reads something unknown", () => {
    expect(messageOf(() => compile("{{ recrod.id }}").evaluate({ config: {}, record: {} }))).toContain(
      "'recrod' is not known where this template stands. There are config, record.",
    );
  });

  it("tells of stream_state what stands in its place", () => {
    expect(messageOf(() => compile("{{ stream_state.x }}").evaluate({ stream_state: {} }))).toContain(
      "stream_interval",
    );
  });
});

describe("numbers", () => {
  const record = parseExactly(
    '{"id": 9007199254740993, "amount": 0.12345678901234567890, "huge": 123456789012345678901234567890, "n": 5}',
  );

  it.each([
    ["{{ record.id }}", "9007199254740993"],
    ["id-{{ record.id }}", "id-9007199254740993"],
    ["{{ record.id + 1 }}", "9007199254740994"],
    ["{{ record.huge }}", "123456789012345678901234567890"],
    ["{{ record.amount }}", "0.12345678901234567890"],
    ["a {{ [record.amount] }}", "a [0.12345678901234567890]"],
    ["{{ record.id == record.id + 0 }}", "True"],
    ["{{ {record.id: 1}[9007199254740993] }}", "1"],
    ["{{ 10 / 2 }}", "5.0"],
    ["{{ record.n * 1.0 }}", "5.0"],
  ])("that a double can't hold are shown exactly: %s", (text, shown) => {
    expect(compile(text).render({ record })).toBe(shown);
  });

  it("that a double can't hold are raw JSON in values", () => {
    expect(JSON.stringify(compile("{{ record }}").evaluate({ record }))).toBe(JSON.stringify(record));
    expect(JSON.stringify(compile("{{ [record.id, 1.0] }}").evaluate({ record }))).toBe("[9007199254740993,1]");
  });
});

describe("a slice of a stream", () => {
  const slice = Object.defineProperty({ id: 1 }, "extra_fields", { value: { name: "n" }, enumerable: false });

  it("has parts that can be read, but are not among its names", () => {
    const context = { stream_slice: slice };
    expect(compile("{{ stream_slice.extra_fields.name }}").evaluate(context)).toBe("n");
    expect(compile("{{ stream_slice }}").render(context)).toBe("{'id': 1}");
    expect(compile("{{ 'extra_fields' in stream_slice }}").evaluate(context)).toBe(false);
    expect(compile("{{ stream_slice.get('extra_fields') }}").evaluate(context)).toBe(null);
  });

  it("is what stream_interval and stream_partition stand for, unless they are given", () => {
    expect(compile("{{ stream_interval.id ~ stream_partition.id }}").evaluate({ stream_slice: slice })).toBe(11);
    expect(compile("{{ stream_interval.id }}").evaluate({ stream_slice: slice, stream_interval: { id: 2 } })).toBe(2);
  });
});

describe("any JSON value", () => {
  const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => value !== "");

  it("comes out of a single expression as it went in, unless it is a text that reads as a literal", () => {
    fc.assert(
      fc.property(json, (value) => {
        const result = compile("{{ record.x }}").evaluate({ record: { x: value } });
        fc.pre(typeof value !== "string");
        expect(JSON.stringify(result)).toBe(JSON.stringify(value));
      }),
    );
  });

  it("comes out of a text around it as it went in, when read as a literal", () => {
    fc.assert(
      fc.property(json, (value) => {
        const result = compile("[{{ [record.x] }}]").evaluate({ record: { x: value } });
        expect(JSON.stringify(result)).toBe(JSON.stringify([[value]]));
      }),
    );
  });

  it("survives tojson", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = compile("x{{ record.x | tojson }}").render({ record: { x: value } });
        expect(JSON.parse(text.slice(1))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
