import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import type { ManifestStream } from "#sources/manifest/stream/stream";

export const checkDynamicStream = defineComponent({
  type: "CheckDynamicStream",
  fields: z.object({ stream_count: z.int().positive(), use_check_availability: z.boolean().default(true) }),
  build: ({ stream_count: count, use_check_availability: asks }) => ({
    streamsToTry: (streams: readonly ManifestStream[]): readonly ManifestStream[] =>
      asks ? streams.slice(0, count) : [],
  }),
});
