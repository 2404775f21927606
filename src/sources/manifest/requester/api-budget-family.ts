import { createFamily } from "#sources/manifest/family";
import type { ApiBudget } from "./api-budget.ts";

export const apiBudget = createFamily<ApiBudget>("an API budget");
