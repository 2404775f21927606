import { nearestName } from "#sources/manifest/nearest-name";
import { syntaxError, type TemplateError } from "./template-error.ts";

/** What is said of a name that leads nowhere: where it stands, which one was probably meant, and which there are. */
export function unknownName(
  text: string,
  at: number,
  what: "function" | "filter" | "test",
  name: string,
  known: Iterable<string>,
): TemplateError {
  const all = [...known].toSorted();
  const meant = nearestName(name, all);
  const hint = meant === null ? "." : `: did you mean '${meant}'?`;
  return syntaxError(text, at, `there is no ${what} '${name}'${hint} There are ${all.join(", ")}.`);
}
