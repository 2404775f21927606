"""References and parameters, in their odd corners."""

from own_support import BASE, case, items

HEAD = """version: "6.60.0"
type: DeclarativeSource
check: {type: CheckStream, stream_names: [x]}
spec: {type: Spec, connection_specification: {type: object, properties: {}, additionalProperties: true}}
"""
STREAM = """
  - type: DeclarativeStream
    name: %s
    primary_key: id
    schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {}}}
    retriever:
      type: SimpleRetriever
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [items]}}
      requester: %s
"""
ANY = {"*": [items({"id": 1})]}
case("ref-siblings", HEAD + """
definitions:
  requester:
    type: HttpRequester
    url_base: https://api.example.com
    path: /from-definition
    http_method: GET
    request_parameters: {a: "1", b: "2"}
    request_headers: {X-One: "1"}
  values: {a: "1", nested: {deep: "d", list: [zero, {k: one}]}}
  "slashed/key": from-slashed
  slashed: {key: from-nested}
  chain: "#/definitions/values/nested"
  pick: {$ref: "#/definitions/chain"}
streams:""" + STREAM % ("x", """
        $ref: "#/definitions/requester"
        path: "/over"
        request_parameters: {b: "over", c: "#/definitions/values/nested/deep"}""") + STREAM % ("nested", """
        $ref: "#/definitions/requester"
        request_parameters:
          $ref: "#/definitions/requester/request_parameters"
          b: "3"
          deep: "#/definitions/values/nested/list/1/k"
          index: "#/definitions/values/nested/list/0"
          slashed: "#/definitions/slashed/key"
          text: 'not #/definitions/values/a'""") + STREAM % ("order", """
        request_headers: {X-Two: "2"}
        path: /before
        $ref: '#/definitions/requester'"""), {}, ["x", "nested", "order"], ANY)
case("ref-through-ref", HEAD + """
definitions:
  chain: "#/definitions/values"
  pick: {$ref: "#/definitions/chain"}
  values: {deep: d}
streams:""" + STREAM % ("x", """{type: HttpRequester, url_base: https://api.example.com, path: /x, request_parameters: {a: "#/definitions/pick/deep"}}"""), {}, [{"stream": "x", "fails": True}], ANY)
case("ref-lists", HEAD + """
definitions:
  added: {type: AddedFieldDefinition, path: [a], value: "1"}
  all: [{$ref: "#/definitions/added"}, {$ref: "#/definitions/added", path: [b]}]
  transformation: {type: AddFields, fields: "#/definitions/all"}
  path: [items]
streams:
  - type: DeclarativeStream
    name: x
    primary_key: "#/definitions/path"
    schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {}}}
    transformations:
      - "#/definitions/transformation"
      - {type: AddFields, fields: [{$ref: "#/definitions/all/1", value: "two"}, {$ref: "#/definitions/added", path: [c, d]}]}
    retriever:
      type: SimpleRetriever
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: "#/definitions/path"}}
      requester: {type: HttpRequester, url_base: https://api.example.com, path: /x}
""", {}, ["x"], ANY)
case("ref-undefined", HEAD + "streams:" + STREAM % ("x", '\n        $ref: "#/definitions/nowhere"'), {}, [{"stream": "x", "fails": True}], ANY)
case("ref-circular", HEAD + 'definitions: {a: {$ref: "#/definitions/b"}, b: {$ref: "#/definitions/a"}}\nstreams:' + STREAM % ("x", '\n        $ref: "#/definitions/a"'), {}, [{"stream": "x", "fails": True}], ANY)
case("parameters", HEAD + """
definitions:
  requester: {type: HttpRequester, url_base: https://api.example.com, path: "/{{ parameters['path'] }}", http_method: GET, request_parameters: {p: "{{ parameters.p }}", q: "{{ parameters['q'] }}"}}
  retriever:
    type: SimpleRetriever
    record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: ["{{ parameters['data'] or 'items' }}"]}}
    requester: {$ref: "#/definitions/requester"}
  stream: {type: DeclarativeStream, retriever: {$ref: "#/definitions/retriever"}, schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {}}}}
streams:
  - {$ref: "#/definitions/stream", $parameters: {name: x, path: from-parameters, p: one, q: two, primary_key: id}}
  - {$ref: "#/definitions/stream", name: named, $parameters: {name: from-parameters, path: s, p: outer}}
  - $ref: "#/definitions/stream"
    $parameters: {name: inner, path: outer, p: outer, q: outer, data: items}
    retriever:
      $ref: "#/definitions/retriever"
      $parameters: {p: middle}
      requester: {$ref: "#/definitions/requester", $parameters: {path: inner, q: "{{ config['q'] }}"}}
  - $ref: "#/definitions/stream"
    $parameters: {name: fields, path: from-parameters, http_method: POST, use_cache: true, url_base: "https://other.example.com"}
  - $ref: "#/definitions/stream"
    $parameters: {name: falsy, path: from-parameters, p: 0, q: false, url_base: "https://parameters.example.com"}
    retriever: {$ref: "#/definitions/retriever", requester: {$ref: "#/definitions/requester", path: "", url_base: https://api.example.com/v1}}
  - $ref: "#/definitions/stream"
    name: no_type
    $parameters: {path: no-type, p: "1", page_size: 2}
    retriever:
      $ref: "#/definitions/retriever"
      paginator:
        type: DefaultPaginator
        $parameters: {start_from_page: 5}
        page_token_option: {inject_into: request_parameter, field_name: page, type: RequestOption}
        page_size_option: {inject_into: request_parameter, field_name: size, type: RequestOption}
        pagination_strategy: {type: PageIncrement}
  - $ref: "#/definitions/stream"
    name: typeless
    $parameters: {path: typeless, p: "1", field_name: from-parameters, inject_into: header}
    retriever:
      $ref: "#/definitions/retriever"
      requester:
        $ref: "#/definitions/requester"
        authenticator: {type: ApiKeyAuthenticator, api_token: "{{ parameters['p'] }}", inject_into: {type: RequestOption, inject_into: request_parameter, field_name: key}}
  - $ref: "#/definitions/stream"
    name: nested_objects
    $parameters: {path: nested, p: {k: v}, q: [1, 2], request_headers: {X-Param: yes-param}}
""", {"q": "from config"}, ["x", "named", "inner", "fields", "falsy", "no_type", "typeless", "nested_objects"], {"*": [items({"id": 1}, {"id": 2}), items({"id": 3})]})
case("parameters-types", """version: "6.60.0"
check: {stream_names: [x]}
spec: {connection_specification: {type: object, properties: {}}}
definitions: {}
streams:
  - name: x
    type: DeclarativeStream
    $parameters: {url_base: "https://api.example.com", path: "/implied"}
    retriever:
      record_selector: {extractor: {field_path: [items]}}
      requester: {http_method: GET, request_parameters: {a: "{{ parameters['path'] }}"}, authenticator: {type: BearerAuthenticator, api_token: "{{ parameters.url_base }}"}}
      paginator: {type: DefaultPaginator, page_token_option: {type: RequestPath}, pagination_strategy: {type: CursorPagination, cursor_value: "{{ response.next }}"}}
    schema_loader: {type: InlineSchemaLoader, schema: {type: object, $parameters: {a: 1}, properties: {type: {type: string}}}}
""", {}, ["x"], ANY)
