"""Rows of the tables of facts, by id: what a model is shown of them, and what it may add to them.

Code reads the tables; a model explains a row where a reader needs a sentence. It cannot add, change or take a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from reviewer.nouns.answered import Note
from reviewer.nouns.review import Deliverable, Deliverables, Row

_TABLES = ("api_contract", "schema", "authorization", "performance")  # the guide is made later, of the findings
_MOST_NOTES = 6  # a table


class Fact(NamedTuple):
    """One row under the id the model answers with, `F1`, `F2`, …, counted through all tables."""

    id: str
    table: str  # the field of Deliverables
    row: Row


def numbered(tables: Deliverables) -> Iterator[Fact]:
    """All rows of the four tables, in order: the same tables give the same ids."""
    rows = ((name, row) for name in _TABLES for row in table(tables, name).rows)
    return (Fact(f"F{number}", name, row) for number, (name, row) in enumerate(rows, 1))


def table(tables: Deliverables, name: str) -> Deliverable:
    """The table of that field."""
    found: Deliverable = getattr(tables, name)
    return found


def explained(tables: Deliverables, notes: Iterable[Note]) -> Deliverables:
    """The tables with the model's notes under the rows they are about; notes to no row are dropped."""
    said: dict[str, str] = {}
    for note in notes:
        said.setdefault(note.fact, note.text)
    added: dict[str, list[str]] = {}
    for fact in numbered(tables):
        if fact.id in said:
            added.setdefault(fact.table, []).append(f"{_name(fact.row)}: {said[fact.id]}")
    return replace(tables, **_noted(tables, added))


def _noted(tables: Deliverables, added: Mapping[str, list[str]]) -> dict[str, Deliverable]:
    return {
        name: replace(table(tables, name), notes=(*table(tables, name).notes, *texts[:_MOST_NOTES]))
        for name, texts in added.items()
    }


def _name(row: Row) -> str:
    """How a note calls its row: the first two cells that say something."""
    return " ".join([cell for cell in row.cells if cell][:2])
