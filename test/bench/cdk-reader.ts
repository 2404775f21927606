import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { URL, fileURLToPath } from "node:url";
import { z } from "zod";

import type { JsonObject } from "#core/json";

/** The Python CDK, reading a stream of a manifest in a process of its own. */
export interface CdkReader {
  /** Milliseconds of a read, without those that Python takes to load. Throws unless it read as many records. */
  timeRead(read: { readonly manifest: JsonObject; readonly stream: string }, records: number): Promise<number>;
}

const SCRIPT = fileURLToPath(new URL("./read_with_cdk.py", import.meta.url));

const answerSchema = z.object({ records: z.number(), seconds: z.number() });

/** Null where the interpreter is not there, or does not have airbyte-cdk. */
export function findCdk(python: string): CdkReader | null {
  if (spawnSync(python, ["-c", "import airbyte_cdk"], { stdio: "ignore" }).status !== 0) return null;
  return {
    async timeRead(read, records) {
      const child = spawn(python, [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
      child.stdin.end(JSON.stringify(read));
      const answer = answerSchema.parse(JSON.parse(await text(child.stdout)));
      if (answer.records === records) return answer.seconds * 1_000;
      throw new Error(`airbyte-cdk read ${answer.records} instead of ${records} records.`);
    },
  };
}
