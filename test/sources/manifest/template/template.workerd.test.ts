import { describe, expect, it } from "vitest";

import { parseExactly } from "#core/exact-json";
import { compileTemplate } from "#sources/manifest/template/template";

const ENVIRONMENT = { now: () => Date.UTC(2024, 1, 29, 23, 30), uuid: () => "" };

describe("a template in the Workers runtime", () => {
  it.each([
    ["{{ 'secret' | hash }}", "5ebe2294ecd0e0f08eab7690d2a6ee69"],
    ["{{ 'msg' | hmac('key') }}", "2d93cbc1be167bcb1637a4a23cbff01a7878f0c50ee833954ea5221bb1b8c628"],
    ["{{ today_with_timezone('Asia/Tokyo') }}", "2024-03-01"],
    ["{{ 'héllo' | base64encode | base64decode }}", "héllo"],
    ["{{ (now_utc() - duration('P1M')).strftime('%Y-%m-%dT%H:%M:%SZ') }}", "2024-01-29T23:30:00Z"],
    ["{{ 'a1b2' | regex_replace('(?P<d>\\\\d)', '<\\\\g<d>>') }}", "a<1>b<2>"],
    ["{{ config.id + 1 }}", "9007199254740994"],
    ["{{ '{:08.3f}'.format(1234.5) }}x", "1234.500x"],
  ])("%s is %s, without evaluating code", (text, shown) => {
    const config = parseExactly('{"id": 9007199254740993}');
    expect(compileTemplate(text, ENVIRONMENT).render({ config })).toBe(shown);
  });
});
