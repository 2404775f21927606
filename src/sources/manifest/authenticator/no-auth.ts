import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { NO_OPTIONS } from "#sources/manifest/request-options";
import type { Authenticator } from "./authenticator.ts";
import { constant } from "./constant.ts";

/** Requests say nothing about who is calling. */
export const noAuth = defineComponent({
  type: "NoAuth",
  fields: z.object({}),
  build: (): Authenticator => constant(() => NO_OPTIONS),
});
