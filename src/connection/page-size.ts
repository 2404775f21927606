/**
 * Characters of JSON in one answer of the object, one entity more or less. Half of them in flight twice still fit the
 * 32 MiB that an RPC value may have (Cloudflare's limits page), with an entity of 2 MB on top.
 */
export const PAGE_BYTES = 4_000_000;
