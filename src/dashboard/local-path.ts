/** Only there to resolve against: any address of ours would do. */
const HERE = "http://here.invalid";

/** A path to return to, if it leads to one of our pages; `/` for whatever leads elsewhere. */
export function localPath(text: string | undefined): string {
  if (text === undefined || !text.startsWith("/")) return "/";
  // Browsers read a backslash as a slash and leave out line breaks and tabs, so `/\example.com` is another host.
  const url = URL.parse(text, HERE);
  if (url === null || url.origin !== HERE || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search;
}
