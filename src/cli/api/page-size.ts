/** The most that the API gives at once. */
export const PAGE_SIZE = 1_000;
