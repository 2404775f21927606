import { z } from "zod";

import type { Definition } from "#sources/manifest/component";
import { NO_OPTIONS, type InjectInto, type RequestOptions } from "#sources/manifest/request-options";

/** Says that a value is the path of the next request, or its whole address. */
export const requestPath: z.ZodType<
  Definition<{ readonly injectInto: InjectInto; inject(value: unknown): RequestOptions }>
> = z
  .object({ type: z.literal("RequestPath") })
  .transform(() => () => ({ injectInto: "path", inject: () => NO_OPTIONS }));
