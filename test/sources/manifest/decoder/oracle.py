"""Writes tables.json: the documents that the Python CDK's decoders find in bodies.

pip install airbyte-cdk==7.39.1, then: python oracle.py
"""

import base64
import gzip
import io
import json
import logging
import zipfile
from pathlib import Path

import requests
from airbyte_cdk.sources.declarative.models import declarative_component_schema as models
from airbyte_cdk.sources.declarative.parsers.model_to_component_factory import ModelToComponentFactory
from urllib3 import HTTPResponse

logging.disable(logging.CRITICAL)


def zipped(*files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def packed(content):
    return gzip.compress(content, mtime=0)


JSON = [
    '{"a": 1}', '[{"a": 1}, {"b": 2}]', "[]", "{}", '[{"a": 1}, 5, null, "x", [1]]', "5", '"text"', "[[]]", '{"a": {"b": [1, 2]}}',
    '{"a": "\\u00e9\\ud83d\\ude00é"}', '\n [{"a": 1}]\n', '{"a": 1, "a": 2}', '{"__proto__": {"x": 1}, "b": 2}', '{"": 1}',
]
JSONL = ['{"a": 1}\n{"a": 2}', '{"a": 1}\r\n{"a": 2}\r\n', '{"a": 1}\n\n{"a": 2}\n\n', "", "\n", '{"a": 1}', '{"a": "x\u2028y"}\n{"a": 2}', "5\n[1, 2]\nnull\n", '  {"a": 1}  \n']
ITEMS = ['{"data": {"users": [{"a": 1}, {"a": 2}]}}', '{"data": {"users": []}}', '{"data": {}}', '{"data": {"users": {"a": 1}}}', "[]", '{"data": {"users": [1, null, "x", [1]]}}',
         '{"data": [{"users": [{"a": 1}]}, {"users": [{"a": 2}]}]}']
LINES = ["a\nb", "a\r\nb\r\n", "a\n\nb\n", "", "\n", "é\rb", "a\n\n"]
CSV = [
    "id,name\n1,a\n2,b\n", "id,name\r\n1,a\r\n2,b", "id,name\n", "id,name", "", "id\n\n1\n\n2\n", 'id,name\n1,"a, b"\n2,"say ""hi"""\n', 'id,name\n1,a"b"c\n2,"a"b\n',
    'id,name\n1,"two\nlines"\n2,"two\r\nlines"\n', "id,name\n1\n2,b,c,d\n3,\n", "id,id\n1,2\n", "id,name\n 1, a \n", 'id,name\n1, "a"\n', "id,name\n,\n", 'id\n""\n"x"\n',
    "a;b\n1;2\n", "id,name\r1,a\r2,b\r", 'id,name\n"1","a"\n', "id,näme\n1,é\n", "a,b,\n1,2,3\n", 'id,name\n1,""""\n2,"""a"""\n', "id\tname\n1\ta\n", 'a,b\n1,"x" ,\n', "id,name\nNA,null\n", "id,name\n1,a\n\n \n2,b\n",
    'a,b\n"1""2",3\n', "__proto__,b\n1,2\n",
]
XML = [
    "<a/>", "<a></a>", "<a>x</a>", "<a> x </a>", "<a>\n  <b>1</b>\n  <b>2</b>\n</a>", "<a><b>1</b></a>", '<a i="1"/>', '<a i="1">x</a>', "<a>x<b>1</b>y</a>", "<a> x <b>1</b> y </a>",
    "<a><![CDATA[<x> & y]]></a>", "<a>x<![CDATA[y]]>z</a>", "<a><!-- c --><b/></a>", "<a>x<!-- c -->y</a>", '<a xmlns="urn:x" xmlns:p="urn:p"><p:b p:c="1">2</p:b></a>',
    '<?xml version="1.0" encoding="UTF-8"?>\n<a>é</a>', "<a>&lt;&amp;&#233;&#x1F600;</a>", "<a><b/><b>x</b><b i='1'/></a>", "<a>  </a>", "<a><b> </b></a>", "<a>x\r\ny</a>", '<a i=" x  y "> </a>',
    "<a><?pi x?><b>1</b></a>", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>1</a>", "<a><__proto__>1</__proto__></a>", "<a><b><c>1</c></b><b><c>2</c><c>3</c></b></a>", '<a b="1"><b>2</b></a>', "<a>\u00a0x\u00a0</a>",
    '<a i=""/>', "<a><b>1</b>x</a>", "<a>1<b/></a>", "<a-b.c><d_e>1</d_e></a-b.c>", "<!DOCTYPE a SYSTEM 'x.dtd'><a/>", "<a>x y\n\n z</a>", "<a><b>1</b><c/><b>2</b></a>",
]

CASES = [
    *(({"type": "JsonDecoder"}, body.encode(), {}) for body in JSON),
    *(({"type": "JsonlDecoder"}, body.encode(), {}) for body in JSONL),
    *(({"type": "JsonItemsDecoder", "items_path": path}, body.encode(), {}) for path in ["data.users", "data.item.users", "data"] for body in ITEMS),
    ({"type": "JsonItemsDecoder", "items_path": "item"}, b'[[{"a": 1}], [{"a": 2}]]', {}),
    ({"type": "JsonItemsDecoder", "items_path": "d", "encoding": "iso-8859-1"}, '{"d": [{"a": "é\x80"}]}'.encode("latin-1"), {}),
    *(({"type": "IterableDecoder"}, body.encode(), {}) for body in LINES),
    *(({"type": "CsvDecoder"}, body.encode(), {}) for body in CSV),
    *(
        ({"type": "CsvDecoder", **options}, body, {})
        for options, body in [
            ({"delimiter": ";"}, b"a;b\n1;2,3\n"), ({"delimiter": "\\t"}, b"a\tb\n1\t2\n"), ({"delimiter": "\t"}, b"a\tb\n1\t2\n"), ({"delimiter": "|"}, b"a|b\n1|2\n"), ({"delimiter": "\\x1f"}, b"a\x1fb\n1\x1f2\n"),
            ({"delimiter": "\\u0001"}, b"a\x01b\n1\x012\n"), ({"delimiter": " "}, b"a b\n1  2\n"), ({"delimiter": "\\\\"}, b"a\\b\n1\\2\n"),
            ({"set_values_to_none": ["", "NA"]}, b"a,b,c\n,NA,x\n1\n1,2,3,NA\n"), ({"set_values_to_none": []}, b"a,b\n,1\n"),
            ({"encoding": "latin-1"}, "a\né\x80\n".encode("latin-1")), ({"encoding": "ISO-8859-1"}, "a\né\x80\n".encode("latin-1")), ({"encoding": "cp1252"}, "a\n€\n".encode("cp1252")), ({"encoding": "windows-1252"}, "a\n€\n".encode("cp1252")),
            ({"encoding": "utf-8-sig"}, "\ufeffa\né\n".encode()), ({"encoding": "utf-16"}, "a\né\n".encode("utf-16")), ({"encoding": "utf-16"}, b"\xfe\xff" + "a\né\n".encode("utf-16-be")), ({"encoding": "utf_16_le"}, "a\né\n".encode("utf-16-le")),
            ({"encoding": "utf-16-be"}, "a\né\n".encode("utf-16-be")), ({"encoding": "shift_jis"}, "a\n日本\n".encode("shift_jis")), ({"encoding": "euc_jp"}, "a\n日本\n".encode("euc_jp")), ({"encoding": "gbk"}, "a\n中\n".encode("gbk")), ({"encoding": "big5"}, "a\n中\n".encode("big5")),
            ({"encoding": "iso8859_15"}, "a\n€\n".encode("iso8859_15")), ({"encoding": "cp1251"}, "a\nя\n".encode("cp1251")), ({"encoding": "koi8-r"}, "a\nя\n".encode("koi8-r")), ({"encoding": "utf8"}, "a\né\n".encode()), ({"encoding": "UTF-8"}, "a\né\n".encode()),
            ({"encoding": "mac_roman"}, "a\né\n".encode("mac_roman")), ({"encoding": "latin2"}, "a\nł\n".encode("latin2")), ({"encoding": "ascii"}, b"a\nb\n"),
        ]
    ),
    *(({"type": "XmlDecoder"}, body.encode(), {"content-type": "application/xml; charset=utf-8"}) for body in XML),
    ({"type": "XmlDecoder"}, '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"), {"content-type": "text/xml; charset=ISO-8859-1"}),
    ({"type": "XmlDecoder"}, '<?xml version="1.0"?><a>é</a>'.encode("latin-1"), {"content-type": 'text/xml;charset="latin-1"'}),
    *(
        ({"type": "GzipDecoder", "decoder": inner}, body, {})
        for inner, body in [
            ({"type": "JsonDecoder"}, packed(b'[{"a": 1}]')), ({"type": "JsonDecoder"}, b'[{"a": 1}]'), ({"type": "JsonlDecoder"}, packed(b'{"a": 1}\n{"a": 2}')), ({"type": "JsonlDecoder"}, packed(b'{"a": 1}\n') + packed(b'{"a": 2}\n')),
            ({"type": "CsvDecoder"}, packed(b"a,b\n1,2\n")), ({"type": "CsvDecoder", "delimiter": ";", "encoding": "latin-1"}, packed("a;b\né;2\n".encode("latin-1"))), ({"type": "JsonlDecoder"}, packed(b"")), ({"type": "JsonlDecoder"}, b""),
            ({"type": "GzipDecoder", "decoder": {"type": "JsonDecoder"}}, packed(packed(b'{"a": 1}'))), ({"type": "JsonItemsDecoder", "items_path": "d"}, packed(b'{"d": [{"a": 1}]}')),
        ]
    ),
    *(
        ({"type": "ZipfileDecoder", "decoder": inner}, body, {})
        for inner, body in [
            ({"type": "JsonDecoder"}, zipped(("a.json", '[{"a": 1}]'))), ({"type": "JsonDecoder"}, zipped(("b.json", '[{"a": 1}]'), ("a.json", '{"a": 2}'))), ({"type": "CsvDecoder"}, zipped(("a.csv", "a,b\n1,2\n"), ("dir/b.csv", "a,b\n3,4\n"))),
            ({"type": "JsonlDecoder"}, zipped(("a", '{"a": 1}\n{"a": 2}'))), ({"type": "GzipDecoder", "decoder": {"type": "JsonDecoder"}}, zipped(("a.gz", packed(b'{"a": 1}')))), ({"type": "CsvDecoder"}, zipped()), ({"type": "CsvDecoder"}, zipped(("dir/", ""), ("dir/a", "a\n1\n"))),
        ]
    ),
]


def response(body, headers):
    answer = requests.Response()
    answer.status_code = 200
    answer.headers.update(headers)
    answer.encoding = requests.utils.get_encoding_from_headers(answer.headers)
    answer.raw = HTTPResponse(body=io.BytesIO(body), headers=headers, preload_content=False)
    answer.request = requests.Request("GET", "https://api.example.com/").prepare()
    return answer


def run(definition, body, headers):
    decoder = ModelToComponentFactory(disable_cache=True).create_component(getattr(models, definition["type"]), {**definition}, {})
    documents = []
    try:
        for document in decoder.decode(response(body, headers)):
            documents.append(document)
        return {"documents": documents}
    except Exception as error:
        return {"documents": documents, "error": type(error).__name__}


def main():
    cases = [
        {"decoder": definition, "headers": headers, "body": base64.b64encode(body).decode(), **run(definition, body, headers)}
        for definition, body, headers in CASES
    ]
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    Path(__file__).with_name("tables.json").write_text(f"[\n{text}\n]\n")


main()
