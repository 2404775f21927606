import { componentsResolver } from "./resolver/components-resolver.ts";
import { configComponentsResolver } from "./resolver/config-components-resolver.ts";
import { dynamicDeclarativeStream } from "./resolver/dynamic-declarative-stream.ts";
import { httpComponentsResolver } from "./resolver/http-components-resolver.ts";
import { parametrizedComponentsResolver } from "./resolver/parametrized-components-resolver.ts";
import { stateDelegatingStream } from "./stream/state-delegating-stream.ts";
import { dynamicStream } from "./resolver/dynamic-stream.ts";
import { apiKeyAuthenticator } from "./authenticator/api-key-authenticator.ts";
import { authenticator } from "./authenticator/authenticator.ts";
import { basicHttpAuthenticator } from "./authenticator/basic-http-authenticator.ts";
import { bearerAuthenticator } from "./authenticator/bearer-authenticator.ts";
import { jwtAuthenticator } from "./authenticator/jwt-authenticator.ts";
import { legacySessionTokenAuthenticator } from "./authenticator/legacy-session-token-authenticator.ts";
import { noAuth } from "./authenticator/no-auth.ts";
import { oauthAuthenticator } from "./authenticator/oauth-authenticator.ts";
import { rateLimitedMultipleTokenAuthenticator } from "./authenticator/rate-limited-multiple-token-authenticator.ts";
import { selectiveAuthenticator } from "./authenticator/selective-authenticator.ts";
import { sessionTokenAuthenticator } from "./authenticator/session-token-authenticator.ts";
import { checkDynamicStream } from "./check/check-dynamic-stream.ts";
import { checkStream } from "./check/check-stream.ts";
import { check } from "./check/check.ts";
import { csvDecoderComponent } from "./decoder/csv-decoder.ts";
import { decoder } from "./decoder/decoder.ts";
import { gzipDecoder } from "./decoder/gzip-decoder.ts";
import { iterableDecoder } from "./decoder/iterable-decoder.ts";
import { jsonDecoderComponent } from "./decoder/json-decoder.ts";
import { jsonItemsDecoder } from "./decoder/json-items-decoder.ts";
import { jsonlDecoder } from "./decoder/jsonl-decoder.ts";
import { xmlDecoder } from "./decoder/xml-decoder.ts";
import { zipfileDecoder } from "./decoder/zipfile-decoder.ts";
import { backoffStrategy } from "./error-handler/backoff-strategy.ts";
import { compositeErrorHandler } from "./error-handler/composite-error-handler.ts";
import { constantBackoff } from "./error-handler/constant-backoff.ts";
import { defaultErrorHandler } from "./error-handler/default-error-handler.ts";
import { errorHandler } from "./error-handler/error-handler.ts";
import { exponentialBackoff } from "./error-handler/exponential-backoff.ts";
import { httpResponseFilter } from "./error-handler/http-response-filter.ts";
import { responseFilter } from "./error-handler/response-filter.ts";
import { waitTimeFromHeader } from "./error-handler/wait-time-from-header.ts";
import { waitTimeFromResponse } from "./error-handler/wait-time-from-response.ts";
import { waitUntilTimeFromHeader } from "./error-handler/wait-until-time-from-header.ts";
import { datetimeBasedCursor } from "./incremental/datetime-based-cursor.ts";
import { incrementalSync } from "./incremental/incremental-sync.ts";
import { incrementingCountCursor } from "./incremental/incrementing-count-cursor.ts";
import { cursorPagination } from "./paginator/cursor-pagination.ts";
import { defaultPaginator } from "./paginator/default-paginator.ts";
import { noPagination } from "./paginator/no-pagination.ts";
import { offsetIncrement } from "./paginator/offset-increment.ts";
import { pageIncrement } from "./paginator/page-increment.ts";
import { paginationStrategy } from "./paginator/pagination-strategy.ts";
import { paginator } from "./paginator/paginator.ts";
import { listPartitionRouter } from "./partition/list-partition-router.ts";
import { groupingPartitionRouter } from "./partition/grouping-partition-router.ts";
import { substreamPartitionRouter } from "./partition/substream-partition-router.ts";
import { unionPartitionRouter } from "./partition/union-partition-router.ts";
import { partitionRouter } from "./partition/partition-router.ts";
import { apiBudget } from "./requester/api-budget-family.ts";
import { httpApiBudget } from "./requester/api-budget.ts";
import { callRatePolicy } from "./requester/call-rate-policy.ts";
import { fixedWindowCallRatePolicy } from "./requester/fixed-window-call-rate-policy.ts";
import { httpRequester } from "./requester/http-requester.ts";
import { movingWindowCallRatePolicy } from "./requester/moving-window-call-rate-policy.ts";
import { requester } from "./requester/requester.ts";
import { unlimitedCallRatePolicy } from "./requester/unlimited-call-rate-policy.ts";
import { asyncRetriever } from "./retriever/async-retriever.ts";
import { retriever } from "./retriever/retriever.ts";
import { simpleRetriever } from "./retriever/simple-retriever.ts";
import { combinedExtractor } from "./selector/combined-extractor.ts";
import { conditionRecordFilter } from "./selector/condition-record-filter.ts";
import { dpathExtractor } from "./selector/dpath-extractor.ts";
import { extractor } from "./selector/extractor.ts";
import { listRecordExpander } from "./selector/list-record-expander.ts";
import { recordExpander } from "./selector/record-expander.ts";
import { recordFilter } from "./selector/record-filter.ts";
import { recordSelector } from "./selector/record-selector.ts";
import { responseToFileExtractor } from "./selector/response-to-file-extractor.ts";
import { selector } from "./selector/selector.ts";
import { configAddFields } from "./spec/config-add-fields.ts";
import { configRemapField } from "./spec/config-remap-field.ts";
import { configRemoveFields } from "./spec/config-remove-fields.ts";
import { configTransformation, configValidation, validationStrategy } from "./spec/config-rule.ts";
import { dpathValidator } from "./spec/dpath-validator.ts";
import { predicateValidator } from "./spec/predicate-validator.ts";
import { validateAdheresToSchema } from "./spec/validate-adheres-to-schema.ts";
import { declarativeStream } from "./stream/declarative-stream.ts";
import { stream } from "./stream/stream.ts";
import { addFields } from "./transformation/add-fields.ts";
import { dpathFlattenFields } from "./transformation/dpath-flatten-fields.ts";
import { flattenFields } from "./transformation/flatten-fields.ts";
import { keysReplace } from "./transformation/keys-replace.ts";
import { keysToLower } from "./transformation/keys-to-lower.ts";
import { keysToSnakeCase } from "./transformation/keys-to-snake-case.ts";
import { removeFields } from "./transformation/remove-fields.ts";
import { transformation } from "./transformation/transformation.ts";

/**
 * Puts every component there is into the places of a manifest that it can stand in. A new one is one line here. Called
 * before a manifest is compiled; once is enough, and twice changes nothing.
 */
export function joinComponents(): void {
  authenticator.join([
    noAuth,
    apiKeyAuthenticator,
    basicHttpAuthenticator,
    bearerAuthenticator,
    jwtAuthenticator,
    legacySessionTokenAuthenticator,
    oauthAuthenticator,
    rateLimitedMultipleTokenAuthenticator,
    selectiveAuthenticator,
    sessionTokenAuthenticator,
  ]);
  check.join([checkStream, checkDynamicStream]);
  decoder.join([
    jsonDecoderComponent,
    jsonlDecoder,
    jsonItemsDecoder,
    iterableDecoder,
    csvDecoderComponent,
    xmlDecoder,
    gzipDecoder,
    zipfileDecoder,
  ]);
  retriever.join([simpleRetriever, asyncRetriever]);
  configTransformation.join([configRemapField, configAddFields, configRemoveFields]);
  configValidation.join([dpathValidator, predicateValidator]);
  validationStrategy.join([validateAdheresToSchema]);
  selector.join([recordSelector]);
  extractor.join([dpathExtractor, combinedExtractor, responseToFileExtractor]);
  recordExpander.join([listRecordExpander]);
  recordFilter.join([conditionRecordFilter]);
  stream.join([declarativeStream, stateDelegatingStream]);
  dynamicStream.join([dynamicDeclarativeStream]);
  componentsResolver.join([httpComponentsResolver, configComponentsResolver, parametrizedComponentsResolver]);
  transformation.join([
    addFields,
    removeFields,
    keysToLower,
    keysToSnakeCase,
    keysReplace,
    flattenFields,
    dpathFlattenFields,
  ]);
  requester.join([httpRequester]);
  apiBudget.join([httpApiBudget]);
  callRatePolicy.join([fixedWindowCallRatePolicy, movingWindowCallRatePolicy, unlimitedCallRatePolicy]);
  errorHandler.join([defaultErrorHandler, compositeErrorHandler]);
  responseFilter.join([httpResponseFilter]);
  backoffStrategy.join([
    constantBackoff,
    exponentialBackoff,
    waitTimeFromHeader,
    waitUntilTimeFromHeader,
    waitTimeFromResponse,
  ]);
  incrementalSync.join([datetimeBasedCursor, incrementingCountCursor]);
  paginator.join([noPagination, defaultPaginator]);
  paginationStrategy.join([pageIncrement, offsetIncrement, cursorPagination]);
  partitionRouter.join([listPartitionRouter, substreamPartitionRouter, groupingPartitionRouter, unionPartitionRouter]);
}
