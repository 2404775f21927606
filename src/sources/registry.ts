import { CATALOGUE } from "./catalogue/catalogue.ts";
import { couchdb } from "./couchdb/source.ts";
import { github } from "./github/source.ts";
import { exceptionStub } from "./internal/exception-stub.ts";
import { incrementalStub } from "./internal/incremental-stub.ts";
import { stub } from "./internal/stub.ts";
import { timed } from "./internal/timed.ts";
import type { Source } from "./source.ts";

/** Every source there is; the catalogue shows them in this order. */
const SOURCES: readonly Source[] = [couchdb, github, ...CATALOGUE, stub, incrementalStub, timed, exceptionStub];

export interface SourceFilter {
  /** Include the sources that exist to test Sluice itself? */
  readonly internal: boolean;
}

export function listSources({ internal }: SourceFilter): readonly Source[] {
  return SOURCES.filter((source) => internal || !source.internal);
}

/** Null where no source has this short name, or where it is an internal one and those are not wanted. */
export function findSource(shortName: string, filter: SourceFilter): Source | null {
  return listSources(filter).find((source) => source.shortName === shortName) ?? null;
}
