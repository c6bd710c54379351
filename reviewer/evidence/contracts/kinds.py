"""Which differ reads a file: OpenAPI, GraphQL, protobuf or Avro, by name first and by content where names do not tell."""

from __future__ import annotations

import re
from importlib import import_module

from reviewer.evidence.contracts.change import ContractChange

_DIFFERS = {
    "openapi": "reviewer.evidence.contracts.openapi",
    "proto": "reviewer.evidence.contracts.proto",
    "graphql": "reviewer.evidence.contracts.graphql",
    "avro": "reviewer.evidence.contracts.avro",
}
_OPENAPI = re.compile(r"""^\s*(?:\{\s*)?["']?(?:openapi|swagger)["']?\s*:\s*["']?[23]""", re.MULTILINE)
HAZARDS = {
    "openapi": "openapi-breaking-change",
    "proto": "proto-breaking-change",
    "graphql": "graphql-breaking-change",
    "avro": "event-schema-incompatible",
}


def kind_of(path: str, *texts: str) -> str:
    """`openapi`, `proto`, `graphql`, `avro`, or "" for a file that is no contract."""
    lower = path.lower()
    if lower.endswith(".proto"):
        return "proto"
    if lower.endswith((".graphql", ".graphqls", ".gql")):
        return "graphql"
    if lower.endswith(".avsc"):
        return "avro"
    if lower.endswith((".yaml", ".yml", ".json")) and any(
        _OPENAPI.search(text[:5_000]) and "paths" in text for text in texts
    ):
        return "openapi"
    return ""


def differences(kind: str, base: str, head: str) -> tuple[ContractChange, ...]:
    """What the differ of `kind` says about two versions; "" stands for a side where the file does not exist."""
    found: tuple[ContractChange, ...] = import_module(_DIFFERS[kind]).diff(base, head)
    return found
