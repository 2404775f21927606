import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import type { ManifestStream } from "#sources/manifest/stream/stream";
import { SourceFailure } from "#sources/source";

const dynamicCheck = z.object({ dynamic_stream_name: z.string(), stream_count: z.int().default(0) });

export const checkStream = defineComponent({
  type: "CheckStream",
  fields: z.object({
    stream_names: z.array(z.string()).default([]),
    dynamic_streams_check_configs: z.array(dynamicCheck).default([]),
  }),
  build: (fields) => ({
    streamsToTry(streams: readonly ManifestStream[], unsupported: ReadonlySet<string>): readonly ManifestStream[] {
      const named = fields.stream_names.flatMap((name) => {
        const stream = streams.find((one) => one.name === name);
        if (stream !== undefined) return stream;
        if (unsupported.has(name)) return [];
        throw new SourceFailure({
          kind: "bad_request",
          message: `The manifest's check names the stream "${name}", which it does not have: correct check.stream_names.`,
          final: true,
        });
      });
      const dynamic = fields.dynamic_streams_check_configs.flatMap(
        ({ dynamic_stream_name: name, stream_count: count }) =>
          streams.filter((stream) => stream.origin === name).slice(0, count === 0 ? undefined : count),
      );
      return [...named, ...dynamic];
    },
  }),
});
