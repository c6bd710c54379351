"""The summary of an audit."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reviewer.nouns.review import Usage
from reviewer.reporters.audit_table import Line, table
from tests.builders import a_clean_review, a_review


def test_a_line_a_target_and_the_totals() -> None:
    review = replace(a_review(), usage=Usage(calls=2, cost_usd=0.5))
    clean = replace(a_clean_review(), usage=Usage(calls=1, cost_usd=0.25))
    text = table(
        [Line("o/r#1", "One", review, report="o_r_1"), Line("o/r#2", "Two", clean), Line("x", "", None, "gone")]
    )
    lines = text.splitlines()
    assert len(lines) == 7
    assert "o_r_1.md" in lines[2]
    assert "clean" in lines[3]
    assert "not read: gone" in lines[4]
    assert lines[-1].startswith("2 of 3 reviewed")
    assert lines[-1].endswith("3 calls · $0.7500")


def test_an_unknown_price_is_no_zero() -> None:
    review = replace(a_review(), usage=Usage(calls=2, cost_usd=None))
    assert table([Line("a", "", review)]).rstrip().endswith("cost unknown")


@given(st.text(max_size=200), st.text(max_size=200))
def test_titles_and_errors_stay_in_their_cells(title: str, error: str) -> None:
    text = table([Line("a", title, a_clean_review()), Line("b", title, None, error)])
    lines = text.splitlines()
    assert len(lines) == 6
    assert "\x1b" not in text
    for line in lines[:4]:
        assert line.replace("\\|", "").count("|") == lines[1].count("|")
