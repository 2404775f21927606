import { z } from "zod";

import type { JsonObject } from "#core/json";
import { SourceFailure } from "#sources/source";
import { defineComponent } from "#sources/manifest/component";
import { propagateParameters } from "#sources/manifest/document/parameters";
import { issuesIn, rawIssues } from "#sources/manifest/finding";
import type { Scope } from "#sources/manifest/scope";
import { stream, type ManifestStream } from "#sources/manifest/stream/stream";
import { componentsResolver } from "./components-resolver.ts";
import type { DynamicStream } from "./dynamic-stream.ts";

/** A template can only be checked once it is filled in; but that it needs custom code can be told before. */
const template = z.record(z.string(), z.json()).superRefine((value, context) => {
  const { error } = stream.schema.safeParse({ type: "DeclarativeStream", ...value });
  if (error === undefined) return;
  const custom = rawIssues(error, value).filter(({ params }) => params.customClass !== null);
  context.issues.push(...custom);
});

export const dynamicDeclarativeStream = defineComponent({
  type: "DynamicDeclarativeStream",
  fields: z.object({
    name: z.string().default(""),
    stream_template: template,
    components_resolver: componentsResolver.schema,
    use_parent_parameters: z.boolean().nullish(),
  }),
  build(fields, outside): DynamicStream {
    const scope: Scope = { ...outside, stream: fields.name };
    const resolver = fields.components_resolver(scope);
    const parentsWin = fields.use_parent_parameters ?? true;
    return {
      async streams() {
        const resolved = await resolver.resolve(fields.stream_template);
        return resolved.map((filled) => ({ ...built(filled, parentsWin, scope), origin: fields.name }));
      },
    };
  },
});

function built(filled: JsonObject, parentsWin: boolean, scope: Scope): ManifestStream {
  const parsed = stream.schema.safeParse({ type: "DeclarativeStream", ...propagateParameters(filled, { parentsWin }) });
  if (parsed.success) return parsed.data(scope);
  const [first] = issuesIn(parsed.error);
  throw new SourceFailure({
    kind: "bad_request",
    message: `A stream of the dynamic stream "${scope.stream}" is not valid once it is filled in: ${first?.path.join(".") ?? ""}: ${first?.message ?? ""}`,
    final: true,
  });
}
