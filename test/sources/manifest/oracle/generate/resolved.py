"""Digests of what the CDK's reference resolver and its parameter propagation make of each manifest."""

import copy
import hashlib
import json
import pathlib
import sys

import yaml
from airbyte_cdk.sources.declarative.parsers.manifest_component_transformer import ManifestComponentTransformer
from airbyte_cdk.sources.declarative.parsers.manifest_reference_resolver import ManifestReferenceResolver

HERE = pathlib.Path(__file__).parent.parent


def digest(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def steps(path):
    manifest = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if "type" not in manifest:
        manifest["type"] = "DeclarativeSource"
    resolved = ManifestReferenceResolver().preprocess_manifest(manifest)
    propagated = ManifestComponentTransformer().propagate_types_and_parameters("", copy.deepcopy(resolved), {})
    return resolved, propagated


def main(manifests):
    table = {}
    for path in sorted(pathlib.Path(manifests).glob("*.yaml")):
        resolved, propagated = steps(path)
        table[path.name] = {"references": digest(resolved), "parameters": digest(propagated)}
    own = {}
    for path in sorted((HERE / "own").glob("*.yaml")):
        try:
            resolved, propagated = steps(path)
        except Exception as exception:
            own[f"own/{path.name}"] = {"error": f"{type(exception).__name__}: {exception}"}
            continue
        own[f"own/{path.name}"] = {"references": resolved, "parameters": propagated}
    (HERE / "resolved.json").write_text(json.dumps(table, indent=1) + "\n")
    lines = [f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False, default=str)}" for k, v in own.items()]
    (HERE / "resolved-own.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1])
