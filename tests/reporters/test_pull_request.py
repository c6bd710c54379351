"""What is posted reads like a colleague's words, fits GitHub's limits and carries nothing anybody planted."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.nouns.changeset import Side
from reviewer.nouns.effects import CheckRun, PostReview, ResolveThread, UpsertSticky
from reviewer.nouns.finding import Severity, Standing
from reviewer.nouns.memory import Memory, Remembered
from reviewer.nouns.review import Target, TargetKind, Verdict
from reviewer.reporters import pull_comment
from reviewer.reporters.pull_request import effects, place
from reviewer.reporters.words import words
from reviewer.state import read_mark
from tests.builders import a_clean_review, a_finding, a_review

HOSTILE = "@team <img src=x onerror=alert(1)> ![p](https://evil.example/p.png) <!-- --> ``` \n/approve\n::error::x"
EN = words("en")


def test_new_findings_become_one_review_with_comments_on_their_lines() -> None:
    review = a_review()
    post, sticky = effects(review, Memory())[:2]
    assert isinstance(post, PostReview)
    assert isinstance(sticky, UpsertSticky)
    new = [f for f in review.findings if f.standing is Standing.NEW]
    assert {c.fingerprint for c in post.comments} == {f.fingerprint for f in new}
    assert all(read_mark(c.body).fingerprint == c.fingerprint for c in post.comments)  # type: ignore[union-attr]
    assert all(c.start_line <= c.line for c in post.comments)


def test_a_comment_says_first_what_is_at_stake() -> None:
    text = pull_comment.body(a_finding(), "0" * 12, EN)
    assert text.startswith("**Reliability · high** — The card is charged inside the database transaction")
    assert "What to do:" in text
    assert text.count("<details>") == text.count("</details>") == 1


def test_a_suggestion_is_exact_and_only_for_the_new_side() -> None:
    finding = a_finding(suggestion="    x = '````'\n    y = 2")
    assert "`````suggestion\n    x = '````'\n    y = 2\n`````" in pull_comment.body(finding, "", EN)
    assert "suggestion\n" not in pull_comment.body(replace(finding, side=Side.LEFT), "", EN)


def test_nothing_new_posts_no_review() -> None:
    quiet = a_review(findings=tuple(replace(f, standing=Standing.PERSISTING) for f in a_review().findings))
    assert not any(isinstance(effect, PostReview) for effect in effects(quiet, Memory()))


def test_known_findings_are_not_posted_again() -> None:
    review = a_review()
    known = {f.fingerprint for f in review.findings}
    assert not any(isinstance(effect, PostReview) for effect in effects(review, Memory(), known=known))


def test_threads_of_fixed_findings_close_unless_people_talk() -> None:
    def remembered(print_: str, **changes: object) -> Remembered:
        return replace(Remembered(a_finding(fingerprint=print_), thread_id=f"T{print_}"), **changes)  # type: ignore[arg-type]

    memory = Memory("a" * 40, findings=(remembered("a" * 16), remembered("b" * 16, human_replied=True)))
    done = effects(a_review(fixed=("a" * 16, "b" * 16, "c" * 16)), memory)
    assert [e.fingerprint for e in done if isinstance(e, ResolveThread)] == ["a" * 16]


@pytest.mark.parametrize(
    ("verdict", "severity", "conclusion"),
    [
        (Verdict.CLEAN, None, "success"),
        (Verdict.FINDINGS, Severity.LOW, "success"),
        (Verdict.FINDINGS, Severity.CRITICAL, "failure"),
        (Verdict.INCOMPLETE, Severity.LOW, "neutral"),
        (Verdict.INCOMPLETE, Severity.HIGH, "failure"),
    ],
)
def test_a_check_concludes_in_three_ways(verdict: Verdict, severity: Severity | None, conclusion: str) -> None:
    findings = (a_finding(severity=severity),) if severity else ()
    done = effects(a_review(verdict=verdict, findings=findings), Memory(), check_run=True)
    assert [e.conclusion for e in done if isinstance(e, CheckRun)] == [conclusion]


def test_a_place_outside_the_diff_in_the_report_gets_no_comment() -> None:
    forged = a_finding(fingerprint="f" * 16, start_line=9_000, end_line=9_001)
    placed = place(a_review(findings=(forged, replace(forged, path="../../etc/passwd"))), 0)
    assert placed.comments == ()
    assert len(placed.without) == 2


def test_hostile_text_stays_inert_in_every_field() -> None:
    hostile = a_finding(
        title=HOSTILE, scenario=HOSTILE, recommendation=HOSTILE, hazard=HOSTILE, fingerprint="e" * 16, symbol=HOSTILE
    )
    review = a_review(findings=(hostile,), summary=HOSTILE, notices=(HOSTILE,))
    post, sticky = effects(review, Memory())[:2]
    assert isinstance(post, PostReview)
    assert isinstance(sticky, UpsertSticky)
    for raw in (post.body, post.comments[0].body, sticky.body):
        text = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", raw)  # code spans are inert
        assert "<img" not in text
        assert "@team" not in text
        assert "![p](" not in text
        assert not re.search(r"^/approve", text, re.MULTILINE)


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_the_summary_names_every_skipped_file_and_why(language: str) -> None:
    review = a_review(language=language)
    (sticky,) = [e for e in effects(review, Memory()) if isinstance(e, UpsertSticky)]
    for skip in review.skips:
        assert skip.path in sticky.body
    assert "backend-architect" in sticky.body
    assert "```" not in sticky.body or sticky.body.count("```") % 2 == 0


def test_links_are_made_only_from_an_address_that_is_the_pull_request() -> None:
    good = a_review()
    (sticky,) = [e for e in effects(good, Memory()) if isinstance(e, UpsertSticky)]
    assert "(https://github.com/acme/shop/blob/" in sticky.body
    target = Target(TargetKind.PULL_REQUEST, "acme/shop", 42, "https://evil.example/x/y/pull/42", "a" * 40, "b" * 40)
    (sticky,) = [e for e in effects(replace(good, target=target), Memory()) if isinstance(e, UpsertSticky)]
    assert "evil.example" not in sticky.body


@given(st.integers(0, 400), st.text(max_size=60), st.sampled_from(["en", "pt-BR"]))
def test_the_summary_always_fits(count: int, title: str, language: str) -> None:
    findings = tuple(a_finding(fingerprint=f"{n:016x}", title=f"{title}{n}", scenario="s " * 300) for n in range(count))
    (sticky,) = [
        e for e in effects(a_review(findings=findings, language=language), Memory()) if isinstance(e, UpsertSticky)
    ]
    assert len(sticky.body) <= 65_536


def test_nothing_to_say_takes_a_screen_at_most() -> None:
    (sticky,) = effects(a_clean_review(), Memory())
    assert isinstance(sticky, UpsertSticky)
    assert len(sticky.body.split("<!-- design-reviewer:state")[0].splitlines()) <= 20
