import { setStage } from "./stage.ts";
import { measureManifestRead } from "./manifest-read.ts";
import { renderFindings } from "./finding.ts";
const stage = await setStage();
const s = performance.now();
console.log(
  renderFindings(
    await measureManifestRead(stage, {
      pages: Number(process.argv[2]),
      rounds: Number(process.argv[3]),
      python: process.argv[4] ?? "python3",
    }),
  ),
  performance.now() - s,
);
await stage.close();
