import { SourceFailure } from "#sources/source";

/** The failure of a listing that can't be read without losing records. `what` completes "The listing of … ". */
export function badListing(address: string, what: string): SourceFailure {
  const { origin, pathname } = new URL(address);
  return new SourceFailure({
    kind: "bad_response",
    message: `The listing of GET ${origin}${pathname} ${what}, so it can't be read without losing records. Check that api_url is the address of GitHub's REST API.`,
    final: true,
  });
}
