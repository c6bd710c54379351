from __future__ import annotations

from dataclasses import replace

import pytest

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Finding, Question, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.review import (
    Coverage,
    CoverageStatus,
    Deliverable,
    Deliverables,
    FileCoverage,
    Review,
    Row,
    Skip,
    Target,
    TargetKind,
    Verdict,
)
from reviewer.stages import summary


def finding(severity: Severity = Severity.HIGH, hazard: str = "h", path: str = "a.py", line: int = 3) -> Finding:
    return Finding(
        fingerprint="f",
        hazard=hazard,
        category=Category.RELIABILITY,
        severity=severity,
        confidence=Confidence.HIGH,
        path=path,
        side=Side.RIGHT,
        start_line=line,
        end_line=line,
        quote="x",
        title="t",
        scenario="s",
        recommendation="Wrap both writes of pay().",
    )


OUT = Skip("a.css", "frontend", "frontend", in_scope=False, lines=5)
LOST = Skip("a.py", "the provider is down", "provider", in_scope=True, lines=0)


def covered(done: int, lines: int) -> Coverage:
    return Coverage((FileCoverage("a.py", CoverageStatus.REVIEWED, "", lines, done),), lines, done)


def review(done: int = 10, lines: int = 10, *, findings=(), questions=(), skips=(), language: str = "en") -> Review:
    coverage = covered(done, lines)
    return Review(
        verdict=summary.verdict(findings, coverage, skips),
        target=Target(TargetKind.RANGE),
        findings=tuple(findings),
        questions=tuple(questions),
        coverage=coverage,
        skips=tuple(skips),
        language=language,
    )


@pytest.mark.parametrize(
    ("findings", "coverage", "skips", "expected"),
    [
        ((), covered(10, 10), (), Verdict.CLEAN),
        ((), covered(10, 10), (OUT,), Verdict.CLEAN),
        ((finding(),), covered(10, 10), (OUT,), Verdict.FINDINGS),
        ((), covered(9, 10), (), Verdict.INCOMPLETE),
        ((finding(),), covered(9, 10), (), Verdict.INCOMPLETE),
        ((), covered(10, 10), (LOST,), Verdict.INCOMPLETE),
        ((), covered(0, 10), (), Verdict.INCOMPLETE),
        ((), Coverage(), (OUT,), Verdict.CLEAN),
        ((), Coverage(), (), Verdict.CLEAN),
    ],
)
def test_nothing_unread_is_ever_clean(findings, coverage, skips, expected):
    assert summary.verdict(findings, coverage, skips) is expected


QUESTION = Question("Why?", "a.py")


@pytest.mark.parametrize(
    ("given", "en", "pt"),
    [
        (
            review(),
            "Nothing found; all 10 changed lines in scope were reviewed.",
            "Nada encontrado; todas as 10 linhas alteradas no escopo foram revisadas.",
        ),
        (
            review(1, 1, skips=(OUT,)),
            "Nothing found; the one changed line in scope was reviewed (1 file left out).",
            "Nada encontrado; a única linha alterada no escopo foi revisada (1 arquivo fora da revisão).",
        ),
        (
            review(
                findings=(finding(Severity.LOW), finding(), finding(Severity.CRITICAL), finding()),
                questions=(QUESTION,),
            ),
            "4 findings (1 critical, 2 high, 1 low) and 1 question to the author; all 10 changed lines in scope were reviewed.",
            "4 achados (1 crítico, 2 altos, 1 baixo) e 1 pergunta ao autor; todas as 10 linhas alteradas no escopo foram revisadas.",
        ),
        (
            review(questions=(QUESTION, QUESTION)),
            "2 questions to the author; all 10 changed lines in scope were reviewed.",
            "2 perguntas ao autor; todas as 10 linhas alteradas no escopo foram revisadas.",
        ),
        (
            review(4, 10),
            "Incomplete: 4 of 10 changed lines in scope were reviewed; nothing was found in them.",
            "Incompleta: 4 de 10 linhas alteradas no escopo foram revisadas; nada foi encontrado nelas.",
        ),
        (
            review(4, 10, findings=(finding(),)),
            "1 finding (1 high); incomplete: 4 of 10 changed lines in scope were reviewed.",
            "1 achado (1 alto); incompleta: 4 de 10 linhas alteradas no escopo foram revisadas.",
        ),
        (
            review(0, 0, skips=(OUT,)),
            "Nothing to review: no changed line is in scope (1 file left out).",
            "Nada a revisar: nenhuma linha alterada está no escopo (1 arquivo fora da revisão).",
        ),
    ],
)
def test_one_plain_sentence_in_both_languages(given: Review, en: str, pt: str):
    assert summary.sentence(given, ()) == en
    assert summary.sentence(replace(given, language="pt-BR"), ()) == pt


def test_the_models_own_words_follow_ours_once():
    assert summary.sentence(review(), (" Adds refunds. ", "", "Adds refunds.")).endswith("reviewed. Adds refunds.")


HAZARD = Hazard(
    "h", "T", Category.RELIABILITY, Severity.HIGH, "s", (), (), "Use one transaction.", ask="Who repairs it?"
)


def test_findings_become_a_guide_with_the_worst_first():
    findings = (finding(Severity.MEDIUM, "other", "b.py"), finding(), finding(path="c.py", line=9))
    guide = summary.deliverables(Deliverables(), findings, (HAZARD,)).guide
    assert [(row.cells[0], row.cells[1], row.cells[-1]) for row in guide.rows] == [
        ("must before merge", "Use one transaction. Wrap both writes of pay().", "a.py:3, c.py:9"),
        ("after deploy", "Wrap both writes of pay().", "b.py:3"),
    ]


def test_a_guide_that_is_there_and_a_review_without_findings_stay_as_they_are():
    made = Deliverables(guide=Deliverable("Implementation guide", ("x",), (Row(("y",)),)))
    assert summary.deliverables(made, (finding(),), (HAZARD,)) is made
    assert summary.deliverables(Deliverables(), (), (HAZARD,)) == Deliverables()
