"""The terminal report: 80 columns, no colour unless asked, nothing hostile, every part there."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from reviewer.nouns.review import Deliverables, Verdict
from reviewer.reporters import Look, render
from tests.builders import a_clean_review, a_finding, a_review
from tests.reporters.test_sanitise import HOSTILE

ANSI = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_it_fits_the_width_and_has_no_escape_without_colour(width: int, language: str) -> None:
    text = render(a_review(language=language), "terminal", Look(width=width))
    assert max(cell_len(line) for line in text.split("\n")) <= width
    assert "\x1b" not in text


def test_colour_changes_no_word() -> None:
    plain = render(a_review(), "terminal", Look(width=100))
    coloured = render(a_review(), "terminal", Look(width=100, color=True, links=True))
    assert "\x1b[" in coloured
    assert "\x1b]8;" in coloured
    assert ANSI.sub("", coloured).split() == plain.split()


def test_links_only_where_they_are_wanted() -> None:
    assert "\x1b]8;" not in render(a_review(), "terminal", Look(color=True, links=False))


def test_a_finding_reads_like_a_compiler_message() -> None:
    text = render(a_review(), "terminal")
    assert "high [lost-update] Stock is read without the lock it had before" in text
    assert "orders/checkout.py:20 in place_order" in text
    assert re.search(r"20 │ \+ {9}product = Product\.objects\.get\(sku=sku\)\n +│ {11}\^{38}\n", text)
    assert "orders/api.py:8-9 (removed code)" in text
    for part in ("why ", "fix ", "suggestion ", "checked ", "see ", "also at "):
        assert f"\n{part}" in text


def test_each_line_of_a_range_is_marked_and_its_neighbours_are_not() -> None:
    marked = [
        line for line in render(a_review(findings=(a_finding(),)), "terminal").split("\n") if re.match(r" *\d+ │", line)
    ]
    assert [(line.split(" ")[0], line[7:8]) for line in marked[:6]] == [
        ("27", " "), ("28", ">"), ("29", ">"), ("30", ">"), ("31", ">"), ("32", " "),
    ]  # fmt: skip


def test_the_end_says_what_was_reviewed_what_it_cost_and_what_to_do() -> None:
    text = render(a_review(), "terminal")
    assert "84 of 90 changed lines in scope reviewed (93 %)" in text
    assert "orders/webhooks.py  20 of 26 lines  the token budget ended here" in text
    assert "frontend 1 file (4 lines), lock file 1 file (2 lines)" in text
    assert "48,210 tokens in (31,000 cached)" in text
    assert "python -m reviewer explain authentication-removed" in text
    last = text.rstrip().rsplit("\n\n", 1)[-1]
    assert last.startswith("incomplete: 2 critical, 2 high, 1 medium, 1 low; 6 changed lines not reviewed")


def test_a_clean_review_is_less_than_a_screen_and_says_that_no_model_took_part() -> None:
    text = render(a_clean_review(), "terminal")
    assert len(text.split("\n")) < 12
    assert "No model took part" in text
    assert text.rstrip().endswith("clean: nothing found")


def test_nothing_in_scope_is_not_called_reviewed() -> None:
    review = a_clean_review(coverage=replace(a_clean_review().coverage, in_scope_lines=0, reviewed_lines=0))
    assert render(review, "terminal").rstrip().endswith("nothing in this change is in scope")


def test_an_incomplete_review_without_findings_never_reads_as_fine() -> None:
    review = a_review(findings=(), verdict=Verdict.INCOMPLETE)
    assert render(review, "terminal").rstrip().split("\n\n")[-1].startswith("incomplete: 6 changed lines not reviewed")


def test_ascii_is_ascii() -> None:
    text = render(a_review(language="pt-BR"), "terminal", Look(unicode=False))
    assert text.isascii()
    assert "Revisao de design" in text


def test_more_is_told_when_asked() -> None:
    assert "web/src/Checkout.tsx" not in render(a_review(), "terminal")
    assert "web/src/Checkout.tsx" in render(a_review(), "terminal", Look(verbose=True))


def test_code_is_shown_from_the_quote_where_the_diff_cannot_be_read() -> None:
    text = render(a_review(diff="garbage\n"), "terminal")
    assert "20 │           product = Product.objects.get(sku=sku)" in text


@settings(max_examples=60)
@given(st.sampled_from(HOSTILE) | st.text(), st.sampled_from(HOSTILE) | st.text())
def test_hostile_text_moves_no_cursor(first: str, second: str) -> None:
    finding = replace(
        a_finding(), title=first, scenario=second, path=first or "x", quote=second, suggestion=first, symbol=second
    )
    review = a_review(findings=(finding,), summary=first, notices=(second,), deliverables=Deliverables())
    text = render(review, "terminal")
    assert not set(text) & set("\x1b\x9b\x07\x08\r\u202e\u200b")
    assert not ANSI.sub("", render(review, "terminal", Look(color=True, links=True))).count("\x1b")
