"""Writes globs.json: which names fit which patterns, by Python's fnmatch."""

import json
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path

NAMES = ["", "a", "ab", "abc", "b", "A", "a.b", "a*b", "[a]", "]", "a-", "-", "!", "^", "aab", "abab", "ba", "é", "😀", "a\nb", "\\", "12", "a]b", "{a}", "(a)", "a|b", "$", "ac", "[]", "[a"]
PATTERNS = [
    "", "*", "**", "?", "??", "a*", "*b", "a*b", "*a*b*", "[ab]", "[a-c]", "[!a]", "[!a-b]?", "[]]", "[!]]", "[]a]", "[", "[a", "a[", "[]", "[!]", "[a-]", "[-a]", "[c-a]", "[^a]", "[\\\\]", "a.b", "a?b", "{a}", "(a)", "a|b",
    "$", "*[0-9]", "[0-9][0-9]", "*a", "?*", "*?*", "[a][b]", "[[]a]", "[[]*", "a*b*", "*ab", "*ab*ab", "[é]", "[😀]", "[!😀]", "[a-c-e]", "[--a]",
]

cases = [{"pattern": pattern, "fits": [name for name in NAMES if fnmatchcase(name, pattern)]} for pattern in PATTERNS]
Path(__file__).with_name("globs.json").write_text(json.dumps({"names": NAMES, "cases": cases}, ensure_ascii=False, indent=1) + "\n")
