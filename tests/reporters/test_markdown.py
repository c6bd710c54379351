"""The Markdown report: every part of the review in it, and nothing in it acts when it is rendered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.finding import Severity
from reviewer.nouns.review import Deliverables, Skip
from reviewer.reporters import render
from reviewer.reporters.markdown import SIZE_LIMIT
from tests.builders import a_clean_review, a_finding, a_review
from tests.reporters.test_sanitise import GITHUB_ACTS_ON, HOSTILE, gfm, tokens

texts = st.sampled_from(HOSTILE) | st.text(max_size=30)


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_every_part_is_there(language: str) -> None:
    review = a_review(language=language)
    text = render(review, "markdown")
    for finding in review.findings:
        assert finding.hazard in text
    for part in (
        "orders/webhooks.py",
        "poetry.lock",
        "charge_id",
        "payment_reference",
        "octavia",
        "0,2134" if language == "pt-BR" else "0.2134",
    ):
        assert part in text
    html = gfm().render(text)
    assert html.count("<table>") == html.count("</table>") > 5
    assert html.count("<details>") == html.count("</details>") == 2


def test_a_clean_review_is_a_few_lines() -> None:
    assert len(render(a_clean_review(), "markdown").split("\n")) < 14


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=6, max_size=6))
def test_hostile_text_is_inert_in_every_field(text: list[str]) -> None:
    finding = replace(
        a_finding(), title=text[0], scenario=text[1], recommendation=text[2], path=text[3] or "x", suggestion=text[4],
        symbol=text[5], hazard=text[0] or "x", references=(text[1],), quote=text[2],
    )  # fmt: skip
    base = a_review()
    schema = replace(base.deliverables.schema, columns=tuple(text), notes=(text[0],), inspected=text[1])
    rows = (replace(schema.rows[0], cells=tuple(text), path=text[3]),)
    review = a_review(
        findings=(finding,), summary=text[0], notices=(text[1],), skips=(Skip(text[2], text[3], text[4], in_scope=True, lines=1),),
        deliverables=Deliverables(schema=replace(schema, rows=rows)),
        acknowledged=(replace(base.acknowledged[0], title=text[0], by=text[1], reason=text[2], path=text[3]),),
        excluded=(replace(base.excluded[0], title=text[0], reason=text[1], path=text[2], stage=text[3]),),
        questions=(replace(base.questions[0], text=text[0], path=text[1]),),
    )  # fmt: skip
    markdown = render(review, "markdown")
    html = gfm().render(markdown)
    assert "<img" not in html
    for token in tokens(markdown):
        if token.type in {"html_block", "html_inline"}:
            rest = token.content.replace("\n", "")
            assert rest.startswith(("<details><summary>", "</details>", "<sub>", "</sub>")), token.content
        if token.type == "text":
            assert not GITHUB_ACTS_ON.search(token.content), token.content
    assert html.count("<h3>") <= 4
    assert html.count("<h2>") == 1


def test_a_job_summary_stays_within_its_size_and_says_what_is_missing() -> None:
    long = tuple(
        a_finding(fingerprint=f"{at:016x}", scenario="word " * 700, severity=Severity.LOW) for at in range(400)
    )
    text = render(a_review(findings=long), "markdown")
    assert len(text) < SIZE_LIMIT + 10_000
    assert "and 1" in text.split("###")[1] or "more" in text
