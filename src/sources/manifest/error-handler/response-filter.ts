import { createFamily } from "#sources/manifest/family";
import type { ResponseFilter } from "./http-response-filter.ts";

export const responseFilter = createFamily<ResponseFilter>("a response filter");
