import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { decoder } from "#sources/manifest/decoder/decoder";
import { jsonDecoder } from "#sources/manifest/decoder/json-decoder";
import { NO_PAGINATION } from "#sources/manifest/paginator/no-pagination";
import { paginator } from "#sources/manifest/paginator/paginator";
import { cartesianProduct } from "#sources/manifest/partition/cartesian-product";
import { partitionRouter } from "#sources/manifest/partition/partition-router";
import { requester } from "#sources/manifest/requester/requester";
import { selector } from "#sources/manifest/selector/selector";
import { fetchPage } from "./page-fetch.ts";
import { paginationReset } from "./pagination-reset.ts";
import { readPartitions } from "./read-partitions.ts";
import type { Retriever, StreamTerms } from "./retriever.ts";

export const simpleRetriever = defineComponent({
  type: "SimpleRetriever",
  fields: z.object({
    requester: requester.schema,
    record_selector: selector.schema,
    decoder: decoder.schema.nullish(),
    paginator: paginator.schema.nullish(),
    partition_router: z.union([z.array(partitionRouter.schema), partitionRouter.schema]).nullish(),
    ignore_stream_slicer_parameters_on_paginated_requests: z.boolean().nullish(),
    pagination_reset: paginationReset.nullish(),
  }),
  build(fields, scope) {
    return (terms: StreamTerms): Retriever => {
      const incremental = terms.incremental?.(scope) ?? null;
      const routers = [fields.partition_router ?? []].flat().map((router) => router(scope));
      const pages = fields.paginator?.(scope) ?? NO_PAGINATION;
      const parts = {
        requester: fields.requester(scope),
        decoder: fields.decoder?.(scope) ?? jsonDecoder(scope),
        selector: fields.record_selector(scope)({
          transformations: terms.transformations.map((transformation) => transformation(scope)),
          schema: terms.schema,
          transformsFirst: incremental?.isClientSide === true,
        }),
        paginator: pages,
        router: cartesianProduct(routers),
        incremental,
        schema: terms.schema,
        pagesStandAlone: fields.ignore_stream_slicer_parameters_on_paginated_requests === true,
      };
      return {
        read: (read) =>
          readPartitions(
            {
              stream: terms.name,
              router: parts.router,
              incremental,
              reset: fields.pagination_reset ?? null,
              initialToken: pages.initialToken,
              now: scope.now,
              fetch: (slice, token, isWanted) => fetchPage(parts, slice, token, isWanted),
            },
            read,
          ),
      };
    };
  },
});
