"""Writes evaluations.json: what the Airbyte CDK makes of many templates. Needs airbyte-cdk and freezegun."""

import json
import pathlib

from freezegun import freeze_time

from airbyte_cdk.sources.declarative.interpolation.interpolated_boolean import InterpolatedBoolean
from airbyte_cdk.sources.declarative.interpolation.interpolated_string import InterpolatedString
from airbyte_cdk.sources.declarative.interpolation.jinja import JinjaInterpolation
from jinja2.exceptions import UndefinedError

NOW = "2024-02-29T23:30:15.123000Z"

CONTEXT = {
    "config": {
        "api_key": "secret",
        "start_date": "2024-01-31T10:20:30Z",
        "end_date": "2023-12-31",
        "n": 7,
        "neg": -7,
        "f": 2.5,
        "big": 12345678901234567890,
        "t": True,
        "no": False,
        "none": None,
        "empty": "",
        "zero": 0,
        "list": ["b", "A", "c", "a"],
        "nums": [3, 1, 2, 2.5],
        "csv": "x, y,z",
        "nested": {"a": {"b": [1, {"c": "deep"}]}, "items": "shadow"},
        "number_text": "42",
        "json_text": '{"a": 1}',
        "quote": "it's",
        "both": "it's \"so\"",
        "unicode": "naïve 😀 \u200b",
        "lines": "one\ntwo\r\nthree",
        "html": "<b class=\"x\">R&D</b>",
        "url": "https://x.y/a b?c=d&e=ü",
        "padded": "  trim me\t",
        "camel": "camelCaseHTTPName",
    },
    "record": {
        "id": 1,
        "name": "Ann",
        "tags": ["x", "y"],
        "when": "2024-03-01T00:00:00.123456+02:00",
        "score": 0.1,
        "deep": {"empty": {}, "list": [], "null": None},
    },
    "records": [
        {"id": 2, "name": "b", "group": "X", "on": True},
        {"id": 1, "name": "A", "group": "y", "on": False},
        {"id": 3, "name": "c", "group": "x"},
    ],
    "stream_slice": {"start_time": "2024-01-01", "end_time": "2024-01-31", "id": 5},
    "next_page_token": None,
    "response": {"next": None, "data": [{"id": 9}], "has_more": "false"},
    "headers": {},
    "last_record": {},
    "parameters": {"name": "p"},
}

EXPRESSIONS = r"""
1
1.0
-1
+1
- -1
1_000
0x1F
0o17
0b101
1e3
1.5e-7
1e16
1e-5
1e22
123456789012345678
123456789012345678901234567890
true
True
none
'a'
"a"
'a' 'b'
'it\'s'
'\x41\u00e9\n'
'\q'
''
[]
[1, 'a', None]
()
(1,)
(1, 2)
1, 2
{}
{'a': 1}
{'a': 1, 1: 'b', None: True, 1.5: 2}
{1: 'a', 1.0: 'b', True: 'c'}
{'a': {'b': [1, (2, 3)]}}
1 + 2
1 + 2.0
1 - 2
3 * 4
7 / 2
6 / 2
7 // 2
-7 // 2
7 // -2
7.5 // 2
-7 % 3
7 % -3
7.5 % 2
-7.5 % 2
2 ** 10
2 ** -1
2 ** 0.5
2 ** 3 ** 2
-2 ** 2
2 ** 100
10 ** 20 // 3
(2 ** 64) % 1000
2 ** 64 + 0.5
1 / 3
1 / 0
1 // 0
1 % 0
1.0 / 0
0.1 + 0.2
1e308 * 10
9007199254740991 + 2
9007199254740993 * 3
99999999999 * 99999999999
'a' + 'b'
'a' * 3
3 * 'ab'
'a' * -1
[1] + [2]
[1, 2] * 2
(1,) + (2,)
'a' + 1
1 + 'a'
[] + ()
none + 1
'a' ~ 1 ~ none ~ true ~ 1.0 ~ [1, 'x']
1 ~ 2 + 3
1 + 2 ~ 3
'a' ~ missing_key if false else 'b'
1 == 1.0
1 == True
'1' == 1
[1] == [1.0]
[1] == (1,)
{'a': 1} == {'a': 1.0}
none == none
none == false
1 < 2 < 3
1 < 3 < 2
1 < 2 > 1
'a' < 'b'
'a' < 1
[1, 2] < [1, 3]
(1, 2) < (1, 2, 0)
none < 1
true < 2
1 != 2
'a' in 'abc'
1 in 'abc'
'a' in ['a']
1 in [true]
'a' not in {'a': 1}
1 in none
'x' in config.missing
[1] in {'a': 1}
not 1
not not ''
not none and 1
1 and 2
0 and 2
1 or 2
0 or ''
'' or none or 'x'
1 if true else 2
1 if false else 2
1 if false
'a' if 0 else 'b' if '' else 'c'
1 is defined
config.missing is defined
config.missing is undefined
config.none is none
config.n is number
config.t is number
config.n is integer
config.t is integer
config.f is float
config.t is boolean
config.t is true
config.no is false
1 is true
config.list is sequence
config.nested is mapping
'x' is string
'x' is iterable
1 is iterable
config.nested is sequence
3 is odd
4 is even
4 is divisibleby 2
4 is divisibleby(3)
'a' is in ['a']
'abc' is lower
'ABC' is upper
1 is sameas 1
1 is eq 1
1 is ne 2
1 is lt 2
2 is ge 2
2 is gt 1
'upper' is filter
'defined' is test
1 is not none
none is not none
now_utc is callable
'x' is odd
2.0 is even
config.api_key
config['api_key']
config["api_key"]
config.get('api_key')
config.get('nope')
config.get('nope', 'd')
config.nope
config.nope.deeper
config['nope']['deeper']
config.none
config.none.x
config.n
config.neg
config.f
config.big
config.big + 1
config.big / 10
config.big ~ ''
config.t
config.no
config.empty
config.zero
config.list
config.list[0]
config.list[-1]
config.list[9]
config.list['x']
config.list.0
config.nums
config.nested
config.nested.a.b[1].c
config.nested['items']
config.number_text
config.json_text
config.quote
config.both
config.unicode
config.lines
config.keys() | list | length
config.nested.keys()
config.nested.items() | list
config.nested.values() | list
config.none | first
[none] | first
[none, 1] | last
[none][0]
{1: none}[1]
config.nested.a.items()
config.__class__
config.__class__.__mro__
config['__class__']
config.get.__self__
''.__class__.__mro__[1].__subclasses__()
config._private
config.constructor
config['constructor']
config['__proto__']
config.toString
config.hasOwnProperty
'x'.constructor
'x'.length
[].length
'abc'[0]
'abc'[-1]
'abc'[5]
'abc'[1:]
'abc'[:-1]
'abcdef'[::2]
'abcdef'[::-1]
'abcdef'[4:1:-1]
'abcdef'[-3:-1]
'abcdef'[10:]
'a😀c'[1]
'a😀c'|length
'a😀c'[::-1]
[1, 2, 3][1:]
[1, 2, 3][::-1]
(1, 2, 3)[:2]
[1, 2, 3][::0]
{'a': 1}['a']
{'a': 1}.a
{'a': 1}[1:]
{1: 'x'}[1]
{1: 'x'}[true]
none[0]
1[0]
record
record.tags
record.score
record.when
record.deep
record.deep.empty
record.deep.list
stream_slice.start_time
stream_interval.start_time
stream_interval['end_time']
stream_partition.id
stream_partition
next_page_token
next_page_token.x
response.data[0].id
response.next
response.has_more
response.get('data', [])[-1].id
undeclared
undeclared.x
undeclared is defined
undeclared | default('x')
config.nope | default('x')
config.nope | default
config.none | default('x')
config.none | default('x', true)
config.empty | d('x', boolean=True)
config.nope.deeper | default('x')
'a,b,c'.split(',')
'a b  c'.split()
'a b  c'.split(' ')
'a,b,c'.split(',', 1)
'a,b,c'.rsplit(',', 1)
' a b c '.split(none, 1)
' a b c '.rsplit(none, 1)
'abc'.split('')
','.join(['a', 'b'])
','.join([1, 2])
','.join('abc')
','.join(config.list)
config.csv.split(',') | map('trim') | list
'x-y'.replace('-', '_')
'aaa'.replace('a', 'b', 2)
'abc'.replace('', '-')
config.padded.strip()
'xxaxx'.strip('x')
'xxaxx'.lstrip('x')
'xxaxx'.rstrip('x')
'Ab'.upper() ~ 'Ab'.lower()
'hello world'.title()
"they're bill's".title()
'hELLO'.capitalize()
'aB'.swapcase()
'abc'.startswith('a')
'abc'.startswith(('x', 'a'))
'abc'.endswith('c')
'abc'.startswith('b', 1)
'abcabc'.find('c')
'abcabc'.rfind('c')
'abc'.find('z')
'abc'.index('z')
'abcabc'.count('bc')
'7'.zfill(3)
'-7'.zfill(4)
'ab'.ljust(5, '.')
'ab'.rjust(5, '.')
'ab'.center(5, '.')
'abc'.center(6, '*')
'a=b=c'.partition('=')
'a=b=c'.rpartition('=')
'abc'.partition('=')
config.lines.splitlines()
'12'.isdigit()
'1.2'.isdigit()
'ab'.isalpha()
'ab1'.isalnum()
' '.isspace()
'Ab Cd'.istitle()
'abc'.isidentifier()
'a\tb'.expandtabs(4)
'prefix-x'.removeprefix('prefix-')
'x.json'.removesuffix('.json')
'{} {}'.format(1, 'a')
'{1} {0}'.format(1, 2)
'{a} {b[0]}'.format(a=1, b=[2])
'{:05d}|{:>5}|{:<5}|{:^5}'.format(42, 'a', 'b', 'c')
'{:.2f} {:,} {:e} {:%}'.format(3.14159, 1234567, 12345.678, 0.25)
'{:x} {:#x} {:b} {:o}'.format(255, 255, 5, 8)
'{!r} {!s}'.format('a', 'a')
'{0.__class__}'.format('a')
'{config[api_key]}'.format(config=config)
'{'.format()
'{} {}'.format(1)
'{a}'.format_map({'a': 1})
'%s and %d' % ('a', 3)
'%s' % 'a'
'%05.1f|%-5s|%+d|%x' % (3.14159, 'ab', 5, 255)
'%(a)s' % {'a': 1}
'%d' % 'a'
'%s %s' % 'a'
'%%' % ()
'abc'.nope
'abc'.nope()
none()
1()
config()
'a' | upper
'ABC' | lower
'hello world-foo' | title
'hello' | capitalize
config.padded | trim
'xax' | trim('x')
'a' | replace('a', 'b')
123 | replace('2', 'x')
none | upper
none | string
1 | string
'a' | string
{'a': "it's"} | string
[1, none, true] | string
config.nope | upper
config.list | length
'abc' | count
{'a': 1} | length
1 | length
none | length
config.list | first
config.list | last
[] | first
[] | last
'abc' | first
config.list | sort
config.list | sort(case_sensitive=true)
config.list | sort(reverse=true)
config.nums | sort
records | sort(attribute='id') | map(attribute='name') | list
records | sort(attribute='group,id') | map(attribute='id') | list
config.list | join
config.list | join('-')
records | join(',', attribute='name')
[1, none] | join(',')
config.list | reverse | list
'abc' | reverse
config.list | unique | list
['a', 'A', 'b'] | unique | list
['a', 'A'] | unique(case_sensitive=true) | list
config.nums | sum
records | sum(attribute='id')
[] | sum
['a'] | sum
config.nums | max
config.nums | min
[] | max
records | max(attribute='id')
'3.7' | float
'x' | float
'x' | float(1.5)
'3.7' | int
'x' | int
'x' | int(9)
'ff' | int(base=16)
'0x1f' | int(0, 16)
3.9 | int
-3.9 | int
none | int
true | int
'1e3' | int
' 12 ' | int
'1_000' | int
config.nope | int
config.nope | float
42.55 | round
42.55 | round(1)
42.55 | round(1, 'floor')
42.1 | round(0, 'ceil')
2.5 | round
3.5 | round
42 | round
1234 | round(-2)
-5 | abs
-5.5 | abs
'a' | abs
'a b/c' | urlencode
{'a': 'b c', 'd': '/'} | urlencode
[('a', 1)] | urlencode
config.url | urlencode
1 | urlencode
config.html | escape
config.html | e
config.html | striptags
config.html | safe
config.nested | tojson
{'b': 1, 'a': [true, none, 1.5]} | tojson
"it's <b>" | tojson
[1] | tojson(2)
'é' | tojson
'hello world' | truncate(8)
'hello world foo bar' | truncate(12)
'hello world foo bar' | truncate(12, true)
'abc' | truncate(5)
'a b c' | wordcount
'abc' | center(7)
'a\nb' | indent
'a\n\nb' | indent(2, true)
'%s-%s' | format(1, 2)
1000000 | filesizeformat
1500 | filesizeformat(true)
1 | filesizeformat
[1, 2, 3, 4, 5] | batch(2) | list
[1, 2, 3] | batch(2, 'x') | list
[1, 2, 3, 4, 5] | slice(2) | list
[1, 2, 3] | slice(2, 'x') | list
{'b': 1, 'a': 2} | dictsort
{'b': 1, 'a': 2} | dictsort(by='value')
{'a': 1} | items | list
records | groupby('group') | map('first') | list
records | groupby('group') | length
[1, 2, 3] | map('string') | list
['a', 'b'] | map('upper') | join
records | map(attribute='name') | list
records | map(attribute='on') | list
records | map(attribute='on', default='?') | list
records | selectattr('on') | map(attribute='id') | list
records | selectattr('on', 'defined') | list | length
records | selectattr('id', 'gt', 1) | map(attribute='id') | list
records | selectattr('id', '>', 1) | map(attribute='id') | list
records | rejectattr('on') | map(attribute='id') | list
records | selectattr('name', 'equalto', 'A') | first
records | selectattr('name', 'equalto', 'Z') | first
[1, 2, 3] | select('odd') | list
[1, 2, 3] | reject('odd') | list
[0, 1, ''] | select | list
'abc' | list
{'a': 1} | list
1 | list
'secret' | hash
'secret' | hash('sha256')
'secret' | hash('md5', 'salt')
'secret' | hash('sha1', salt='s')
'secret' | hash('nope')
none | hash
1.0 | hash
'é' | hash
'msg' | hmac('key')
'msg' | hmac('key', 'sha256')
'msg' | hmac('key', 'md5')
'héllo' | base64encode
'aMOpbGxv' | base64decode
'aMOpbGxv!' | base64decode
'a' | base64decode
'hello' | base64binascii_decode
none | base64encode
(config.api_key ~ ':') | base64encode
'abc123' | regex_search('([0-9]+)')
'abc123' | regex_search('[0-9]+')
'abc' | regex_search('([0-9]+)')
'<https://x?page=2>; rel="next"' | regex_search('page=(?P<p>\\d+)')
'aaa' | regex_replace('a', 'b')
'John Smith' | regex_replace('(\\w+) (\\w+)', '\\2 \\1')
'a-b' | regex_replace('(?P<x>a)', '\\g<x>\\g<x>')
'ABC' | regex_search('(?i)(b)')
'x' | regex_search('(')
'a\nb' | regex_search('^(b)')
'a\nb' | regex_search('(?m)^(b)')
'a.b' | regex_replace('\\.', '')
'abc' | regex_replace('', '-')
'abc' | regex_replace('x*', '-')
'foobar' | regex_search('(?<=foo)(bar)')
'foobar' | regex_search('(o{2,})')
'foobar' | regex_search('(o+?)')
'aXbX' | regex_search('(.*?)X')
'ab12' | regex_search('([^\\d]+)')
none | regex_search('(a)')
'a' | upper | lower ~ 'X'
-1 | abs
(-1) | abs
1 + 2 | string
now_utc()
now_utc().year
now_utc().strftime('%Y-%m-%dT%H:%M:%S.%fZ')
now_utc().strftime('%Y-%m-%dT%H:%M:%S%z')
now_utc().isoformat()
now_utc().timestamp()
now_utc().timestamp() | int
now_utc().date()
now_utc().replace(hour=0, minute=0, second=0, microsecond=0)
now_utc().replace(day=1).strftime('%Y-%m-%d')
now_utc().weekday()
now_utc().isoweekday()
now_utc().tzinfo
today_utc()
today_utc().strftime('%d/%m/%Y')
today_utc().isoformat()
today_utc() - duration('P1D')
today_utc() - duration('P1M')
today_utc() + duration('PT36H')
today_utc() - duration('PT1H')
now_utc() - duration('P1M')
now_utc() - duration('P1Y')
now_utc() - duration('P1Y2M3DT4H5M6.5S')
now_utc() + duration('P1W')
now_utc() + duration('PT0.000001S')
(now_utc() - duration('P30D')).strftime('%Y-%m-%d')
now_utc() - now_utc()
now_utc() > str_to_datetime('2024-01-01')
today_utc() > str_to_datetime('2024-01-01')
today_with_timezone('Asia/Tokyo')
today_with_timezone('Pacific/Tarawa')
today_with_timezone('America/New_York')
today_with_timezone('Nope/Nope')
duration('P1D')
duration('P2DT3H')
duration('-P1D')
duration('PT90M')
duration('P1M')
duration('P1Y')
duration('P1Y2M')
duration('PT0S')
duration('P1W')
duration('PT1.5S')
duration('nope')
duration('P1D').days
duration('P1D').total_seconds()
duration('P1D') * 2
duration('P1D') + duration('PT1H')
duration('P1D') / duration('PT1H')
duration('P1D') > duration('PT1H')
timestamp('2024-01-01T00:00:00Z')
timestamp('2024-01-01')
timestamp('2024-01-01T00:00:00.5+01:00')
timestamp(1658505815.223235)
timestamp('1658505815')
timestamp(5)
timestamp('2024-01-01T00:00:00Z') | int
timestamp(none)
str_to_datetime('2024-01-14')
str_to_datetime('2022-01-01T13:45:30+02:00')
str_to_datetime('2022-01-01 13:45:30')
str_to_datetime('20220101T134530Z')
str_to_datetime('2022-W01-1')
str_to_datetime('2022-001')
str_to_datetime('2022')
str_to_datetime('2022-05')
str_to_datetime('2022-01-01T24:00')
str_to_datetime('2022-01-01T13:45:30.123456789Z')
str_to_datetime('2022-13-01')
str_to_datetime('nope')
str_to_datetime(config.start_date).strftime('%s')
str_to_datetime('2024-01-14').strftime('%A %a %B %b %d %j %U %W %w %u %V %G %y %I %p %Z %z %c %x %X %D %F %T %R %e %k %l %n %t %% %C %h %H %M %S %f')
str_to_datetime('2024-12-30').strftime('%G-W%V-%u %-d %_d %03d %^a %#Z %-m %-H')
str_to_datetime('0999-01-14').strftime('%Y')
str_to_datetime('2024-01-14').strftime('%Q')
str_to_datetime('2024-01-31') + duration('P1M')
str_to_datetime('2024-03-31') - duration('P1M')
str_to_datetime('2024-02-29') + duration('P1Y')
str_to_datetime('2024-02-29').timestamp()
(str_to_datetime('2024-02-29') - str_to_datetime('2024-01-01')).days
str_to_datetime('2024-02-29').astimezone()
str_to_datetime('2024-01-01').strptime('2024-05-06', '%Y-%m-%d')
now_utc().strptime('2024-05-06T07:08:09+0530', '%Y-%m-%dT%H:%M:%S%z')
now_utc().strptime('2024-05-06T07:08:09+0530', '%Y-%m-%dT%H:%M:%S%z').strftime('%Z %z')
now_utc().strptime('12/31/99 11:59 PM', '%m/%d/%y %I:%M %p')
now_utc().strptime('nope', '%Y')
now_utc().fromtimestamp(0)
day_delta(1)
day_delta(-1, format='%Y-%m-%d')
day_delta(-30, '%Y-%m-%dT%H:%M:%SZ')
day_delta(0.5, '%H:%M')
day_delta('1')
format_datetime('2024-01-14', '%d.%m.%Y')
format_datetime('2024-01-14T10:20:30+02:00', '%Y-%m-%dT%H:%M:%SZ')
format_datetime(config.start_date, '%s')
format_datetime(config.start_date, '%ms')
format_datetime(config.start_date, '%s_as_float')
format_datetime(config.start_date, '%epoch_microseconds')
format_datetime('2024-01-14T10:20:30.123456Z', '%Y-%m-%dT%H:%M:%S.%_msZ')
format_datetime('14/01/2024', '%Y-%m-%d', '%d/%m/%Y')
format_datetime(1705190400, '%Y-%m-%d')
format_datetime(1705190400000, '%Y-%m-%d', '%ms')
format_datetime('1705190400', '%Y-%m-%d', '%s')
format_datetime(now_utc(), '%Y-%m-%d')
format_datetime(today_utc(), '%Y-%m-%d')
format_datetime(1.5, '%Y')
format_datetime('nope', '%Y')
format_datetime(none, '%Y')
format_datetime(config.nope, '%Y')
format_datetime(stream_interval.start_time, '%Y-%m-%dT00:00:00Z')
max(1, 2)
max([1, 3, 2])
max('2024-01-01', '2023-01-01')
max(config.start_date, day_delta(-730, format='%Y-%m-%dT%H:%M:%SZ'))
max()
max([])
max(1, 'a')
max(1)
min(1, 2.0)
min([])
min('b', 'a')
max(true, 0)
max(1, 1.0)
sanitize_url('https://example.com/path?query=value&x=ü y')
sanitize_url(1)
camel_case_to_snake_case('CamelCase')
camel_case_to_snake_case(config.camel)
generate_uuid() | length
dict(a=1)
dict([('a', 1)])
dict({'a': 1}, b=2)
range(3)
upper('x')
config | length
[config.nope]
{'a': config.nope}
[now_utc().year]
config.nope ~ 'x'
config.nope + 'x'
config.nope == none
config.nope == config.nope2
config.nope < 1
config.nope and 1
config.nope or 'fallback'
not config.nope
config.nope if config.nope is defined else 'n/a'
config.nope[0]
config.nope()
config.nope in ['a']
config.nope | list
config.nope | join(',')
config.nope | first
config.nope | length
config.nope | tojson
config.nope | urlencode
config.nope | base64encode
config.nope | hash
config.nope | trim
config.nope | replace('a', 'b')
config.nope | sort
'007'
'1,2'
'1,'
'[1, 2'
"'False'"
"'false'"
"'0'"
"'0.0'"
"'[]'"
"'no'"
'(1)'
'{"a": true}'
"{'a': True}"
'null'
'None'
'nan'
'inf'
'1e400'
'2024-01-01'
'1-1'
'1 1'
'0x10'
'1__0'
'"quoted"'
"'quoted'"
'"a" "b"'
"r'a\\nb'"
"u'a'"
"f'a'"
'# x'
"'a' # comment"
' 1'
'1 '
'\t1'
'\n1'
'-  1'
'--1'
'+1'
'+ 1.5'
'not True'
'[[[[1]]]]'
'{1, 1}'
'{}'
'set()'
'()'
'( )'
'[ ]'
'{1: {2: [3, (4,)]}}'
'[1, "a", None, True, -2.5]'
'{"a": [1, 2'
'lambda: 1'
'1 if 1 else 2'
'a.b'
'[x]'
'1 < 2'
'.5'
'5.'
'1.e5'
'1.5.2'
'1.5a'
'1a'
'00'
'0'
'00.5'
'01'
'-0'
'-0.0'
'123456789012345678901'
'\\'
'1\\\n'
'[1,\n2]'
'1\n2'
'True'
'true'
'False '
"'a\nb'"
"'''a\nb'''"
"'\\x41'"
"'\\x4'"
"b'a' + b'b'"
""".strip().split("\n")

TEMPLATES = [
    "",
    "plain",
    " ",
    "1",
    "[1, 2]",
    "a {{ config.n }} b",
    "{{ config.n }}{{ config.n }}",
    "{{ config.n }}, {{ config.f }}",
    "[{{ config.n }}, '{{ config.api_key }}']",
    "x {{ [config.both, config.quote, config.unicode, config.lines, config.html] }}",
    "{ 'a': {{ config.n }}, 'b': {{ config.none }} }",
    "{\"a\": \"{{ config.api_key }}\"}",
    "{{ config.nope }}",
    "{{ config.nope }}x",
    "{{ config.nope.deeper }}x",
    "{{ config.nope }}{{ config.empty }}",
    "{{ 1 + 'a' }} tail",
    "{{ '{{' }} x {{ '}}' }}",
    "{{ \"}}\" }}",
    "{{ {'a': {'b': 1}}['a'] }}",
    "{# comment #}x{# another #}",
    "{#- c -#} x",
    "a {{- ' b' }}",
    "a {{ 'b ' -}} c",
    "a\n{%- if true %} x {% endif -%}\n b",
    "{% raw %}{{ x }}{% endraw %}",
    "{%- raw -%}  {{ x }}  {%- endraw -%}  y",
    "{% if config.n > 5 %}big{% elif config.n > 2 %}mid{% else %}small{% endif %}",
    "{% if config.nope %}a{% endif %}",
    "{% if config.nope %}a{% else %}{{ config.n }}{% endif %}",
    "{% if 1 %}{% if 0 %}a{% else %}b{% endif %}{% endif %}",
    "{% set x = config.n * 2 %}{{ x }}",
    "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set x = 1 %}{% for i in [1,2] %}{% set x = i %}{% endfor %}{{ x }}",
    "{% set ns = namespace(x=0) %}{% for i in [1,2,3] %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set a, b = [1] %}{{ a }}",
    "{% set text %}hello {{ config.n }}{% endset %}{{ text | upper }}",
    "{% set text | upper %}hello{% endset %}{{ text }}",
    "{% for i in config.list %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}",
    "{% for i in config.list if i != 'A' %}{{ loop.index }}{{ i }}{% endfor %}",
    "{% for i in [] %}x{% else %}none{% endfor %}",
    "{% for k, v in config.nested.a.items() %}{{ k }}={{ v }}{% endfor %}",
    "{% for k in config.nested %}{{ k }} {% endfor %}",
    "{% for i in config.nope %}x{% endfor %}",
    "{% for i in config.none %}x{% endfor %}",
    "{% for i in 'abc' %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.length }}{{ loop.cycle('a', 'b') }} {% endfor %}",
    "{% for i in [1, 1, 2] %}{% if loop.changed(i) %}{{ i }}{% endif %}{% endfor %}",
    "{% for i in [1, 2] %}{{ loop.previtem }}{{ loop.nextitem }}{% endfor %}",
    "{% for i in [1,2] %}{% for j in [3,4] %}{{ loop.depth }}{{ i }}{{ j }} {% endfor %}{% endfor %}",
    "{% for r in records | sort(attribute='id') %}{{ r.name }}{% endfor %}",
    "{% for g in records | groupby('group') %}{{ g.grouper }}:{{ g.list | length }} {% endfor %}",
    "{% for g, l in records | groupby('group') %}{{ g }}:{{ l | length }} {% endfor %}",
    "[{% for i in config.nums %}{{ i }},{% endfor %}]",
    "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}",
    "{% with a = 1 %}{% endwith %}{{ a }}",
    "{% filter upper %}abc {{ config.api_key }}{% endfilter %}",
    "{% filter replace('a', 'b') | upper %}abc{% endfilter %}",
    "{% if config.list is defined and config.list | length > 2 %}{{ config.list[:2] | join('|') }}{% endif %}",
    "{% for i in range(3) %}{{ i }}{% endfor %}",
    "x\n",
    "x\n\n",
    "{{ config.n }}\n",
    "{{ config.lines }}",
    "{{ undeclared if false else 1 }}",
    "{% if false %}{{ undeclared }}{% endif %}1",
    "{% set y = 1 %}{{ y }}{{ undeclared }}",
    "stream_state",
    "{{ config.stream_state }}",
    "https://{{ config.domain }}.example.com/{{ stream_partition.id }}",
    "{{ config['start_date'] if config['start_date'] else day_delta(-730, format='%Y-%m-%dT%H:%M:%SZ') }}",
    "{{ 'Basic ' ~ (config['api_key'] ~ ':') | base64encode }}",
    "{{ response.data[-1]['id'] if response.data else none }}",
    "{{ not response.has_more }}",
    "{{ response.has_more == 'true' }}",
    "{{ last_record['id'] }}",
    "{{ last_record['id']['x'] }}",
    "{{ record['tags'] | tojson }}",
    "{{ {'ids': record.tags} | tojson }}",
    "{{ [1, 2] | string }}",
    "{{ record | string }}",
    "{{ (1, 2) }}",
    "{{ 1 }} {{ 2 }}",
    "{{ }}",
    "{{ 1",
    "{% if %}{% endif %}",
    "{% if 1 %}",
    "{% nope %}",
    "{{ 1 | nope }}",
    "{{ 1 is nope }}",
    "{{ (1 }}",
    "{{ [1) }}",
    "{{ 1 ] }}",
    "{{ 'a }}",
    "{{ 1 2 }}",
    "{{ a b }}",
    "{{ config. }}",
    "{{ config..a }}",
    "{{ f(a=1, 2) }}",
    "{{ 5 $ 3 }}",
    "{# open",
    "{% raw %} open",
    "{% endif %}",
    "{% for i in %}{% endfor %}",
    "{% set 1 = 2 %}",
]


def plain(value):
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, set):
        return sorted(plain(item) for item in value)
    if isinstance(value, dict):
        return {next(iter(json.loads(json.dumps({key: 0})))): plain(item) for key, item in value.items()}
    return value


def outcome(run):
    try:
        value = run()
    except UndefinedError:
        return {"error": "undefined"}
    except Exception as error:
        return {"error": type(error).__name__}
    try:
        json.dumps(plain(value), allow_nan=False)
    except (TypeError, ValueError):
        # JSON has no infinity, no bytes and no ellipsis.
        return {"other": str(value)}
    return {"value": plain(value), "text": str(value)}


GIVEN = {name: value for name, value in CONTEXT.items() if name != "parameters"}


def evaluate(template):
    direct = JinjaInterpolation()
    parameters = CONTEXT["parameters"]
    return {
        "template": template,
        "own": outcome(lambda: InterpolatedString(template, parameters=parameters).eval(**GIVEN)),
        "none": outcome(lambda: direct.eval(template, **CONTEXT)),
        "texts": outcome(lambda: direct.eval(template, valid_types=(str,), **CONTEXT)),
        "condition": outcome(
            lambda: InterpolatedBoolean(template, parameters=parameters).eval(**GIVEN)
        ),
    }


with freeze_time(NOW):
    templates = TEMPLATES + ["{{ " + expression + " }}" for expression in EXPRESSIONS]
    evaluations = [evaluate(template) for template in templates]

target = pathlib.Path(__file__).with_name("evaluations.json")
target.write_text(
    json.dumps({"now": NOW, "context": CONTEXT, "evaluations": evaluations}, indent=1, ensure_ascii=False) + "\n"
)
