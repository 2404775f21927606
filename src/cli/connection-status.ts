/** How a connection is, in words: `active`, or `active, paused`. */
export function statusText({ status, is_paused }: { readonly status: string; readonly is_paused: boolean }): string {
  return is_paused ? `${status}, paused` : status;
}
