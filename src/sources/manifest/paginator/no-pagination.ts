import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { NO_OPTIONS } from "#sources/manifest/request-options";
import type { Paginator } from "./paginator.ts";

/** Everything is on one page. */
export const NO_PAGINATION: Paginator = {
  initialToken: null,
  next: () => null,
  options: () => NO_OPTIONS,
  path: () => null,
};

export const noPagination = defineComponent({
  type: "NoPagination",
  fields: z.object({}),
  build: (): Paginator => NO_PAGINATION,
});
