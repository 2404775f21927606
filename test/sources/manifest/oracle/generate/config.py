"""A config that satisfies a manifest's connection specification."""

import re

DATES = [
    "2026-02-20T00:00:00Z",
    "2026-02-20T00:00:00.000Z",
    "2026-02-20T00:00:00.000000Z",
    "2026-02-20",
    "2026-02-20 00:00:00",
    "2026-02-20T00:00:00",
    "20-02-2026",
    "02-20-2026",
    "20260220",
    "1771545600",
]


def fits(schema, value):
    pattern = schema.get("pattern")
    return not pattern or re.search(pattern, str(value)) is not None


def value_of(name, schema):
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type", "object" if "properties" in schema or "oneOf" in schema else "string")
    kind = [k for k in kind if k != "null"][0] if isinstance(kind, list) else kind
    low = name.lower()
    if kind == "object":
        if schema.get("oneOf") or schema.get("anyOf"):
            option = (schema.get("oneOf") or schema.get("anyOf"))[0]
            return object_of({**option, "every": True, "properties": {**(schema.get("properties") or {}), **(option.get("properties") or {})}})
        return object_of(schema)
    if kind == "array":
        items = schema.get("items") or {}
        values = schema.get("default") or [value_of(name, items)]
        return values[:2]
    if kind in ("integer", "number"):
        return schema.get("default", schema.get("minimum", 3))
    if kind == "boolean":
        return schema.get("default", True)
    dated = schema.get("format") in ("date", "date-time") or "date" in low or "since" in low
    if dated and "interval" not in low:
        ordered = [d for d in DATES if len(d) == 10] if schema.get("format") == "date" else DATES
        if "end" in low or "_to" in low:
            ordered = [d.replace("-20", "-26").replace("20-02", "26-02").replace("0220", "0226") for d in ordered]
        for date in ordered + DATES:
            if fits(schema, date):
                return date
    examples = [e for e in schema.get("examples") or [] if isinstance(e, str) and fits(schema, e)]
    if not schema.get("airbyte_secret") and examples:
        return examples[0]
    if isinstance(schema.get("default"), str):
        return schema["default"]
    for guess in ["k3y/+=& ü"[:7] + low[:3] if schema.get("airbyte_secret") else "acme", "acme.example.com", "https://acme.example.com", "123", "a" * 32, *examples]:
        if fits(schema, guess):
            return guess
    raise ValueError(f"{name}: no value fits {schema.get('pattern')}")


def object_of(schema):
    made = {}
    for name, property_schema in (schema.get("properties") or {}).items():
        dated = "date" in name.lower() and "start" in name.lower()
        one_of = "oneOf" in property_schema
        if name in schema.get("required", []) or dated or one_of or "const" in property_schema or schema.get("every"):
            made[name] = value_of(name, property_schema)
    return made


def config_of(manifest):
    return object_of((manifest.get("spec") or {}).get("connection_specification") or {})
