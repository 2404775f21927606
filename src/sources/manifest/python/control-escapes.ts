/** Control characters by the letter that stands for them after a backslash, in Python's texts and regexes. */
export const CONTROL_ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
