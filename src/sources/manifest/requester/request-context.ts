import { viewOf } from "#sources/manifest/stream-slice";
import type { TemplateContext } from "#sources/manifest/template/template";
import type { Asked } from "./requester.ts";

/** What a requester's templates see beside config and parameters. */
export function requestContext({ slice, token, occasion }: Asked): TemplateContext {
  const view = viewOf(slice);
  return {
    stream_slice: view,
    stream_partition: view,
    stream_interval: view,
    next_page_token: token === null ? null : { next_page_token: token },
    ...slice.extraFields,
    ...occasion,
  };
}
