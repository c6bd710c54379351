"""One difference between two versions of a contract, whatever its language: OpenAPI, GraphQL, protobuf, Avro."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What a difference does to clients that exist."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"  # some clients break: a new enum value, a changed default
    SAFE = "safe"


class Part(StrEnum):
    """Which column of the contract table a difference belongs to."""

    OPERATION = "operation"
    REQUEST = "request"
    RESPONSE = "response"
    AUTH = "auth"


@dataclass(frozen=True, slots=True)
class ContractChange:
    """`subject` is what a client knows it by: `GET /orders/{id}`, `schema Order`, `message Order`.

    `line` counts in the head file, or in the base file if `in_base` (what was removed is only there).
    """

    kind: str  # e.g. `response-property-removed`
    level: Level
    subject: str
    detail: str
    part: Part = Part.OPERATION
    verb: str = "changed"  # added | removed | changed
    line: int = 1
    in_base: bool = False
    unstable: bool = False  # an alpha, internal or already deprecated part of the contract
    users: tuple[str, ...] = ()  # operations that use a shared schema
    source: str = "parsed"
