"""A model explains rows of the tables by id; the rows stay what code has read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.nouns.answered import Note
from reviewer.nouns.review import Deliverable, Deliverables, Row
from reviewer.stages.facts import explained, numbered

TABLES = Deliverables(
    api_contract=Deliverable(
        "API", ("change", "operation"), (Row(("added", "POST /refunds", "yes"), "app/refund.py"),)
    ),
    schema=Deliverable(
        "Schema", ("object",), (Row(("refunds.amount",), "a.sql"), Row(("", "refunds", "drop"), "b.sql"))
    ),
)


def test_ids_count_through_all_tables() -> None:
    assert [(fact.id, fact.table, fact.row.path) for fact in numbered(TABLES)] == [
        ("F1", "api_contract", "app/refund.py"),
        ("F2", "schema", "a.sql"),
        ("F3", "schema", "b.sql"),
    ]


def test_a_note_stands_under_its_table_and_names_its_row() -> None:
    tables = explained(TABLES, [Note("F3", "Old pods still read it."), Note("F1", "Mobile clients send no key.")])
    assert tables.schema.notes == ("refunds drop: Old pods still read it.",)
    assert tables.api_contract.notes == ("added POST /refunds: Mobile clients send no key.",)


def test_a_row_has_one_note_and_a_table_a_few() -> None:
    many = replace(TABLES, schema=Deliverable("Schema", (), tuple(Row((f"t{n}",)) for n in range(20))))
    notes = [Note(f"F{n}", "so") for n in range(2, 22)]
    assert explained(TABLES, [Note("F1", "first"), Note("F1", "second")]).api_contract.notes == (
        "added POST /refunds: first",
    )
    assert len(explained(many, notes).schema.notes) == 6


@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=20))))
def test_no_note_can_touch_a_row(said: list[tuple[str, str]]) -> None:
    tables = explained(TABLES, [Note(*pair) for pair in said])
    assert [table.rows for table in (tables.api_contract, tables.schema)] == [
        table.rows for table in (TABLES.api_contract, TABLES.schema)
    ]
    known = {f"F{n}" for n in range(1, 4)}
    assert bool(tables.api_contract.notes or tables.schema.notes) == any(fact in known for fact, _ in said)


@pytest.mark.parametrize("fact", ["F0", "F4", "1", "", "f1"])
def test_a_note_to_no_row_is_dropped(fact: str) -> None:
    assert explained(TABLES, [Note(fact, "so")]) == TABLES
