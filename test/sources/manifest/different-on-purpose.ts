/**
 * Recordings that the engine does not repeat, with the reason why. `src/sources/manifest/README.md` has the reasons at
 * more length. Runs are named `cassette:number`.
 */
export const DIFFERENT_ON_PURPOSE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "a partition that appears later is read from the configured start, so that none of its records is missed": [
      "airbyte:1",
      "bitly:1",
      "harvest:1",
      ...[1, 3, 7, 9, 11, 13, 17].map((run) => `own-cursor-partitions:${run}`),
    ],
    "the state that the run begins with is one that only the CDK has": [
      "own-state-delegating:4",
      "own-state-delegating:5",
      ...[28, 29, 30, 31, 33].map((run) => `own-cursor-kinds:${run}`),
      ...[21, 22, 25].map((run) => `own-cursor-partitions:${run}`),
    ],
    "the cursor moves to the newest record also where the CDK leaves it at the start": ["own-cursor-kinds:19"],
    "the period that the state lies in is read again": ["own-cursor-kinds:17", "own-cursor-kinds:21"],
    "a Worker can't send a body with a GET": ["blogger:0"],
    "a read that has not begun is begun anew after a wait, and ends at the time it is then": ["linkedin-pages:3"],
    "a refresh token that was replaced is not used again": ["linkedin-pages:5", "own-oauth:20", "own-oauth:21"],
    "an access token will do without a refresh token": ["own-oauth-access-only:0"],
    "an object in a form is sent as JSON, not as the name of its first field": ["own-oauth:3"],
    "a session is asked about once": ["own-token-auth:22"],
    "a header is found whatever its case": ["own-paginators:23"],
    "a token is sent as the API gave it": ["own-paginators:26"],
    "all properties are asked for: there is no selection of columns": ["own-properties:6"],
    "a merge key may be a number": ["own-properties:9"],
    "blanks at the end of a header's value are not sent": ["own-requests:4"],
    "a record that is no object is counted as failed, and the others are kept": [
      "own-decoders:5",
      "own-decoders:7",
      "own-record-expander:5",
    ],
    "a body that is not what the decoder expects is a failure": ["own-decoders:3"],
    "a number that JSON writes as 1.0 is 1, also as a text": ["own-normalization:0", "own-normalization:2"],
    "long numbers keep their digits": ["own-decoders:9"],
  }).flatMap(([reason, runs]) => runs.map((run): [string, string] => [run, reason])),
);
