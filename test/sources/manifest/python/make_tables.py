"""Writes tables.json: dates, durations, literals and regular expressions as Python and the Airbyte CDK have them.

Needs airbyte-cdk.
"""

import ast
import json
import pathlib
import random
import re
from datetime import datetime, timedelta, timezone

from isodate import Duration, parse_duration

from airbyte_cdk.sources.declarative.datetime.datetime_parser import DatetimeParser
from airbyte_cdk.utils.datetime_helpers import ab_datetime_parse

chance = random.Random(7)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
parser = DatetimeParser()


def instant(moment):
    offset = moment.utcoffset() / timedelta(minutes=1)
    return {"micros": str((moment - EPOCH) // timedelta(microseconds=1)), "offset": offset}


def outcome(run):
    try:
        return run()
    except Exception:
        return "error"


FORMATS = [
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%dT%H:%M:%S.%_msZ",
    "%Y-%m-%d %H:%M:%S.%f",
    "%d/%m/%Y %I:%M %p",
    "%a, %d %b %Y %H:%M:%S %Z",
    "%A %B %d %y",
    "%Y%m%d",
    "%Y%j",
    "%G-W%V-%u",
    "%Y %U %w",
    "%Y %W %a",
    "%m/%d/%y",
    "%H:%M",
    "%b %Y",
    "%c",
    "%x %X",
    "%s",
    "%ms",
    "%s_as_float",
    "%epoch_microseconds",
]

TEXTS = [
    "2024-02-29",
    "2023-02-29",
    "2024-2-9",
    "2024-02-29 ",
    " 2024-02-29",
    "24-02-29",
    "2024-13-01",
    "2024-00-01",
    "2024-02-29T10:20:30",
    "2024-02-29t10:20:30",
    "2024-02-29T10:20:30Z",
    "2024-02-29T10:20:30z",
    "2024-02-29T10:20:30+0000",
    "2024-02-29T10:20:30+05:30",
    "2024-02-29T10:20:30-0800",
    "2024-02-29T10:20:30+05:30:15",
    "2024-02-29T10:20:30+053015",
    "2024-02-29T10:20:30+25:00",
    "2024-02-29T10:20:30.1Z",
    "2024-02-29T10:20:30.123456Z",
    "2024-02-29T10:20:30.1234567Z",
    "2024-02-29T10:20:30.123+02:00",
    "2024-02-29T24:00:00Z",
    "2024-02-29T10:20:60Z",
    "2024-02-29T10:20:61Z",
    "2024-02-29 10:20:30.5",
    "2024-02-29  10:20:30.5",
    "29/02/2024 10:20 PM",
    "29/02/2024 12:00 am",
    "29/02/2024 12:00 PM",
    "29/02/2024 13:00 PM",
    "Thu, 29 Feb 2024 10:20:30 GMT",
    "thu, 29 feb 2024 10:20:30 utc",
    "Thu, 29 Feb 2024 10:20:30 CET",
    "Thursday February 29 24",
    "Thursday February 29 69",
    "20240229",
    "2024022",
    "2024060",
    "2024366",
    "2023366",
    "2024-W09-4",
    "2024-W54-1",
    "2024 08 4",
    "2024 00 0",
    "2024 09 Thu",
    "2/9/24",
    "2/9/68",
    "2/9/69",
    "10:20",
    "Feb 2024",
    "Thu Feb 29 10:20:30 2024",
    "02/29/24 10:20:30",
    "1709202030",
    "1709202030.123457",
    "-1",
    "1709202030123",
    "1709202030123456",
    "1_000",
    " 12 ",
    "0",
    "",
    "nope",
    "0001-01-01",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31",
    "99999999999999999",
]

# Without a day, dateutil takes today's.
WITHOUT_DAY = {"2024 08 4", "2024 09 Thu", "Feb 2024", " 12 "}

ANY_TEXTS = [text for text in TEXTS if text not in WITHOUT_DAY] + [
    "2023-03-14T15:09:26Z",
    "2023-03-14T15:09:26-04:00",
    "2023-03-14T15:09:26.123456+00:00",
    "2023-03-14T15:09:26.123456789Z",
    "2023-03-14 15:09:26Z",
    "2023-03-14 15:09:26 +0200",
    "2023-03-14T15:09",
    "2023-03-14T15",
    "2023-3-14",
    "2023-12-32",
    "20230314T150926Z",
    "2023/03/14 15:09:26",
    "03/14/2023 3:09 PM",
    "14/03/2023",
    "3/4/2023",
    "Mar 14, 2023 15:09",
    "Mar 14, 2023",
    "14 March 2023",
    "March 14, 2023",
    "14-Mar-2023",
    "14-Mar-2023 10:11:12",
    "Tue, 14 Mar 2023 15:09:26 GMT",
    "Tue, 14 Mar 2023 15:09:26 +0100",
    "Tue Mar 14 15:09:26 2023",
    "1678806566",
    "16788065660",
    "-5",
    "15:09:26",
    "2023-03-14T25:00:00Z",
    "2023-03-14T15:09:26 UTC",
    "2023-03-14T15:09:26,5Z",
    "2023.03.14",
    "2023",
]

MOMENTS = [
    "2024-02-29T23:30:15.123456+00:00",
    "2024-01-31T00:00:00+00:00",
    "2023-12-31T23:59:59.999999+02:00",
    "1970-01-01T00:00:00+00:00",
    "1969-12-31T23:59:59.5+00:00",
    "0999-05-06T07:08:09+00:00",
    "2024-12-30T12:00:00-08:00",
    "2021-01-03T09:05:03.000001+05:30",
    "9999-12-31T23:59:59.999999+00:00",
]

DURATIONS = [
    "P1D", "P1W", "P1M", "P1Y", "P13M", "P1Y2M3DT4H5M6.789S", "PT0.000001S", "PT1S", "PT90M", "P0D", "PT", "P",
    "-P1D", "+P1M", "-P1M", "P1,5D", "P0.5Y", "P0.5M", "PT0.1S", "PT1.0000005S", "PT1.0000015S", "P1D2H", "1D", "",
    "P0001-02-03T04:05:06", "P00010203T040506", "P1H", "PT1H30", "P1M1D", "P400Y", "P99999Y", "P2W3D", "p1d", "P1DT",
]


def span(text):
    value = parse_duration(text)
    if isinstance(value, Duration):
        years, months, delta = float(value.years), float(value.months), value.tdelta
    else:
        years, months, delta = 0.0, 0.0, value
    return {"years": years, "months": months, "micros": str(delta // timedelta(microseconds=1))}


def literal(text):
    value = ast.literal_eval(text)
    if isinstance(value, (bytes, complex)) or value is ...:
        return "error"
    return {"repr": repr(value)}


ALPHABET = ["'", '"', "\\", "[", "]", "(", ")", "{", "}", ",", ":", "1", "0", "-", "+", ".", "e", "_", "a", "x", " ", "\n", "True", "None", "set()", "#", "r", "j", "é", "😀", "'a'", "1.5", "[1]"]
LITERALS = ["".join(chance.choice(ALPHABET) for _ in range(chance.randint(1, 9))) for _ in range(1500)]
SHOWN = [1.0, 0.1, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308, 1e21, 1e22, 0.1 + 0.2, -0.0, 2.5e-7]
LITERALS += [repr(chance.uniform(-1, 1) * 10 ** chance.randint(-30, 30)) for _ in range(100)] + [repr(number) for number in SHOWN]

PIECES = ["a", "b", "ab", ".", "\\d", "\\w", "\\s", "\\b", "^", "$", "[ab]", "[^a]", "(a)", "(b|ab)", "(?:ab)", "(?P<n>a)", "a*", "b+", "a?", "a{2}", "a{1,2}", "a*?", "(a|b)*", "(?=b)", "(?!b)", "(?<=a)", "(?<!a)", "\\1", "(?i:A)", "|", "\\.", "[a-c]", "[\\d_]", "(?>a*)", "a*+", "x{", "\\Z", "\\A", "é", "(a*)*", "()", "{1}"]
SUBJECTS = ["", "a", "b", "ab", "aab", "abab", "ba ab", "a.b", "é1_", "AaBb", "aaa\nbbb", "a\n", "xab{", "ab12 ab"]


def search(pattern, text):
    match = re.search(pattern, text)
    return None if match is None else [match.start(), match.end(), *match.groups()]


PATTERNS = ["".join(chance.choice(PIECES) for _ in range(chance.randint(1, 4))) for _ in range(400)]
REPLACEMENTS = ["-", "\\g<0>", "<\\g<0>>", "\\n", "\\\\", "\\1", "\\g<n>", "\\q", "$&"]

tables = {
    "parsed": [
        {"text": text, "format": form, "instant": outcome(lambda: instant(parser.parse(text, form)))}
        for text in TEXTS
        for form in FORMATS
    ],
    "any": [{"text": text, "instant": outcome(lambda: instant(ab_datetime_parse(text)))} for text in ANY_TEXTS],
    "formatted": [
        {
            **instant(datetime.fromisoformat(moment)),
            "format": form,
            "text": parser.format(datetime.fromisoformat(moment), form),
        }
        for moment in MOMENTS
        for form in FORMATS + ["%" + letter for letter in "aAbBcCdDeFgGhHIjklmMnpPrRStTuUVwWxXyYzZ%fQ"] + ["%-d", "%_m", "%^B", "%05d", "%"]
    ],
    "durations": [{"text": text, "duration": outcome(lambda: span(text))} for text in DURATIONS],
    "moved": [
        {
            **instant(datetime.fromisoformat(moment)),
            "duration": text,
            "after": outcome(lambda: instant(datetime.fromisoformat(moment) + parse_duration(text))),
            "before": outcome(lambda: instant(datetime.fromisoformat(moment) - parse_duration(text))),
        }
        for moment in MOMENTS
        for text in DURATIONS
        if outcome(lambda: parse_duration(text)) != "error"
    ],
    "literals": [{"text": text, "literal": outcome(lambda: literal(text))} for text in LITERALS],
    "searches": [
        {"pattern": pattern, "text": text, "match": outcome(lambda: search(pattern, text))}
        for pattern in PATTERNS
        for text in chance.sample(SUBJECTS, 4)
    ],
    "replacements": [
        {
            "pattern": pattern,
            "replacement": replacement,
            "text": "ab aab é\n",
            "result": outcome(lambda: re.sub(pattern, replacement, "ab aab é\n")),
        }
        for pattern in PATTERNS[:80]
        for replacement in chance.sample(REPLACEMENTS, 3)
    ],
}

target = pathlib.Path(__file__).with_name("tables.json")
rows = ",\n".join(
    json.dumps(name) + ": [\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in table) + "\n]"
    for name, table in tables.items()
)
target.write_text("{\n" + rows + "\n}\n")
