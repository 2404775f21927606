import { isDeepStrictEqual } from "node:util";

import { describe } from "#test/chaos/settle";
import type { Stage } from "#test/chaos/stage";
import { configOf, type Subject } from "#test/chaos/subject";

/** What an owner was told is stored is there, unless something was stored later, or at the same time. */
export async function newestAmendmentsHold(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { name, config } = await describe(stage, subject);
  const names = subject.names.possible();
  const configs = subject.readings.possible().map((reading) => configOf(stage, subject.source, reading));
  return [
    ...(names.includes(name) ? [] : [`the connection was called ${names.join(" or ")} last, and is called ${name}.`]),
    ...(configs.some((each) => isDeepStrictEqual(each, config))
      ? []
      : [`the config is ${JSON.stringify(config)}, and ${JSON.stringify(configs)} was stored last.`]),
  ];
}
