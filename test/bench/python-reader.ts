import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { URL, fileURLToPath } from "node:url";
import { z } from "zod";

/** A Python library that reads the benchmark's upstream in a process of its own. */
export interface PythonReader {
  /** Without what Python takes to load. Throws unless it read as many records. */
  read(given: object, records: number): Promise<{ readonly milliseconds: number; readonly megabytes: number }>;
}

const answerSchema = z.object({ records: z.number(), seconds: z.number(), megabytes: z.number() });

/** Null where the interpreter is not there, or does not have the module. */
export async function findReader(python: string, module: string, script: string): Promise<PythonReader | null> {
  if (!(await canImport(python, module))) return null;
  const path = fileURLToPath(new URL(script, import.meta.url));
  return {
    async read(given, records) {
      const child = spawn(python, [path], { stdio: ["pipe", "pipe", "inherit"] });
      child.stdin.end(JSON.stringify(given));
      const answer = answerSchema.parse(JSON.parse(await text(child.stdout)));
      if (answer.records !== records) {
        throw new Error(`${module} read ${answer.records} instead of ${records} records.`);
      }
      return { milliseconds: answer.seconds * 1_000, megabytes: answer.megabytes };
    },
  };
}

/** Looking takes seconds. Who waited for it without hearing of anything else would miss that idle connections end. */
function canImport(python: string, module: string): Promise<boolean> {
  const child = spawn(python, ["-c", `import ${module}`], { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
