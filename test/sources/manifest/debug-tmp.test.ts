import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { readCassette } from "#test/support/cassette";
import { replay, canonical } from "#test/support/replay";
const FOLDER = join(import.meta.dirname, "oracle");
const SHARED = join(import.meta.dirname, "../../../../shared/manifests");
test("debug", async () => {
  const out: string[] = [];
  for (const spec of (process.env["CASES"] ?? "").split(",")) {
    const [name = "", index = "0"] = spec.split(":");
    const cassette = readCassette(join(FOLDER, "cassettes", name + ".json"));
    const own = join(FOLDER, cassette.manifest);
    const text = readFileSync(existsSync(own) ? own : join(SHARED, cassette.manifest), "utf8");
    let cursor: any = null;
    for (let i = 0; i <= Number(index); i++) {
      const run = cassette.runs[i]!;
      if (i < Number(index) && run.stream !== cassette.runs[Number(index)]!.stream) continue;
      if (i < Number(index) && cassette.runs[Number(index)]!.state === null) continue;
      try {
        const r = await replay(text, cassette, run, run.state === null ? null : cursor);
        cursor = r.cursor;
        if (i === Number(index)) {
          out.push(`=== ${spec} ${run.stream} err=${JSON.stringify(run.error)}`);
          out.push("unexpected:\n  " + r.unexpected.slice(0, 4).join("\n  "));
          out.push("left:\n  " + r.left.slice(0, 4).join("\n  "));
          out.push("asked:\n  " + r.asked.slice(0, 4).join("\n  "));
          out.push(`cursor: ${JSON.stringify(r.cursor)}`);
          out.push(`failure: ${r.failure?.message ?? null}`);
          const a = r.records.map(canonical),
            b = run.records.map(canonical);
          out.push(
            "records mine-not-theirs: " +
              a
                .filter((x) => !b.includes(x))
                .slice(0, 2)
                .join(" | ")
                .slice(0, 600),
          );
          out.push(
            "records theirs-not-mine: " +
              b
                .filter((x) => !a.includes(x))
                .slice(0, 2)
                .join(" | ")
                .slice(0, 600),
          );
          out.push(
            `n ${a.length} ${b.length}; exp ${run.exchanges.map((e) => e.waited_seconds ?? 0).filter((x) => x > 0)}`,
          );
        }
      } catch (e) {
        out.push(`=== ${spec} THROW ${String(e).slice(0, 600)}`);
      }
    }
  }
  console.log(out.join("\n"));
  (await import("node:fs")).writeFileSync("/tmp/dbg/out.txt", out.join("\n"));
});
