"""A table as a program or a schema file declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewer.evidence.sql.operation import Column


@dataclass(frozen=True)
class Table:
    """A declared table: columns by name, each with the line that declares it."""

    name: str
    line: int
    columns: Mapping[str, tuple[Column, int]] = field(default_factory=dict)
