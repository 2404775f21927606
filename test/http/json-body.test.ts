import { describe, expect, test } from "vitest";

import { Refused } from "#core/errors";
import { MAX_BODY_BYTES, readJsonBody } from "#http/json-body";

const JSON_TYPE = { "content-type": "application/json" };

function request(body: BodyInit | null, headers: Record<string, string> = JSON_TYPE): Request {
  return new Request("https://sluice.test/v1/collections", { method: "POST", headers, body });
}

/** A body that comes in pieces and says nothing of its length; counts the pieces that were asked for. */
function streamed(piece: Uint8Array, pieces: number): { readonly request: Request; readonly pulled: () => number } {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled === pieces) return controller.close();
      pulled += 1;
      controller.enqueue(piece);
    },
  });
  const init = { method: "POST", headers: JSON_TYPE, body, duplex: "half" };
  return { request: new Request("https://sluice.test/", init), pulled: () => pulled };
}

async function refusalOf(reading: Promise<string>) {
  const thrown: unknown = await reading.then(
    () => null,
    (error: unknown) => error,
  );
  return thrown instanceof Refused ? thrown.refusal : thrown;
}

describe("readJsonBody", () => {
  test("gives back the text of a sound body", async () => {
    expect(await readJsonBody(request('{"name":"Zoë"}'))).toBe('{"name":"Zoë"}');
  });

  test("takes the media type with parameters and in any case", async () => {
    expect(await readJsonBody(request("{}", { "content-type": "Application/JSON; charset=utf-8" }))).toBe("{}");
  });

  test.each([["text/plain"], ["application/x-www-form-urlencoded"], ["application/jsonp"], [""]])(
    "refuses the media type %j, so that no form on another site can post here",
    async (type) => {
      const sent = request(new TextEncoder().encode("{}"), type === "" ? {} : { "content-type": type });
      expect(await refusalOf(readJsonBody(sent))).toMatchObject({ code: "unsupported_media_type" });
    },
  );

  test("takes in a body that is too large, so that its sender reads why, but not an endless one", async () => {
    const large = streamed(new Uint8Array(100_000).fill(0x20), 20);
    expect(await refusalOf(readJsonBody(large.request))).toMatchObject({ code: "body_too_large" });
    expect(large.pulled()).toBe(20);

    const endless = streamed(new Uint8Array(100_000).fill(0x20), 1_000);
    expect(await refusalOf(readJsonBody(endless.request))).toMatchObject({ code: "body_too_large" });
    expect(endless.pulled()).toBeLessThan(170);
  });

  test("believes an announced length that is too large, and reads nothing", async () => {
    const liar = request("{}", { ...JSON_TYPE, "content-length": String(MAX_BODY_BYTES + 1) });
    expect(await refusalOf(readJsonBody(liar))).toMatchObject({ code: "body_too_large" });
  });

  test("does not believe an announced length that is small or nonsense", async () => {
    for (const length of ["1", "-5", "1e3", "999999999999999999999999"]) {
      const large = request("x".repeat(MAX_BODY_BYTES + 1), { ...JSON_TYPE, "content-length": length });
      expect(await refusalOf(readJsonBody(large))).toMatchObject({ code: "body_too_large" });
    }
  });

  test("refuses bytes that are not UTF-8 instead of replacing them", async () => {
    const bytes = new Uint8Array([0x22, 0xff, 0xfe, 0x22]);
    expect(await refusalOf(readJsonBody(request(bytes)))).toMatchObject({
      code: "invalid",
      issues: [{ loc: ["body"], msg: "The body is not valid UTF-8.", type: "json_invalid" }],
    });
  });

  test("says that an empty body is missing, and where a broken one breaks", async () => {
    expect(await refusalOf(readJsonBody(request("")))).toMatchObject({ issues: [{ loc: ["body"], type: "missing" }] });
    expect(await refusalOf(readJsonBody(request('{"a":1,"a":2}')))).toMatchObject({
      issues: [
        {
          loc: ["body"],
          msg: "The body is not acceptable JSON: a key occurs twice in the same object (at character 7).",
          type: "json_invalid",
        },
      ],
    });
  });
});
