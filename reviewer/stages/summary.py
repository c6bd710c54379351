"""The verdict, the one sentence a reader sees first, and the ordered guide made of what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reviewer.nouns.finding import Finding, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.review import Coverage, Deliverables, Review, Skip, Verdict
from reviewer.stages import guide

Words = Mapping[str, tuple[str, str]]  # each in the singular and the plural

_WORDS: Mapping[str, Words] = {
    "en": {
        "critical": ("critical", "critical"),
        "high": ("high", "high"),
        "medium": ("medium", "medium"),
        "low": ("low", "low"),
        "finding": ("finding", "findings"),
        "question": ("question to the author", "questions to the author"),
        "and": ("and",) * 2,
        "none": ("; nothing was found in them",) * 2,
        "clean": (
            "Nothing found; the one changed line in scope was reviewed",
            "Nothing found; all {lines} changed lines in scope were reviewed",
        ),
        "empty": ("Nothing to review: no changed line is in scope",) * 2,
        "reviewed": (
            "the one changed line in scope was reviewed",
            "all {lines} changed lines in scope were reviewed",
        ),
        "incomplete": (
            "Incomplete: {done} of {lines} changed line in scope was reviewed",
            "Incomplete: {done} of {lines} changed lines in scope were reviewed",
        ),
        "skipped": ("{n} file left out", "{n} files left out"),
    },
    "pt-BR": {
        "critical": ("crítico", "críticos"),
        "high": ("alto", "altos"),
        "medium": ("médio", "médios"),
        "low": ("baixo", "baixos"),
        "finding": ("achado", "achados"),
        "question": ("pergunta ao autor", "perguntas ao autor"),
        "and": ("e",) * 2,
        "none": ("; nada foi encontrado nelas",) * 2,
        "clean": (
            "Nada encontrado; a única linha alterada no escopo foi revisada",
            "Nada encontrado; todas as {lines} linhas alteradas no escopo foram revisadas",
        ),
        "empty": ("Nada a revisar: nenhuma linha alterada está no escopo",) * 2,
        "reviewed": (
            "a única linha alterada no escopo foi revisada",
            "todas as {lines} linhas alteradas no escopo foram revisadas",
        ),
        "incomplete": (
            "Incompleta: {done} de {lines} linha alterada no escopo foi revisada",
            "Incompleta: {done} de {lines} linhas alteradas no escopo foram revisadas",
        ),
        "skipped": ("{n} arquivo fora da revisão", "{n} arquivos fora da revisão"),
    },
}


def verdict(findings: Sequence[Finding], coverage: Coverage, skips: Iterable[Skip]) -> Verdict:
    """Incomplete if anything in scope was not reviewed, whatever was found; clean only if all was and nothing was."""
    if coverage.reviewed_lines < coverage.in_scope_lines or any(skip.in_scope for skip in skips):
        return Verdict.INCOMPLETE
    return Verdict.FINDINGS if findings else Verdict.CLEAN


def sentence(review: Review, summaries: Iterable[str]) -> str:
    """One plain sentence: what was found, by severity, and how much was read. Then the model's own words, if any.

    English, or Portuguese where the review's language is (any other language falls back to English).
    """
    words = _WORDS["pt-BR"] if review.language.lower().startswith("pt") else _WORDS["en"]
    found, read = _found(review, words), _read(review, words)
    if found:
        read = read[0].lower() + read[1:]
    return " ".join((f"{found}{read}.", *dict.fromkeys(text.strip() for text in summaries if text.strip())))


def _found(review: Review, words: Words) -> str:
    by_severity = [
        _count(sum(1 for finding in review.findings if finding.severity is severity), words[severity.value])
        for severity in reversed(Severity)
    ]
    findings = _count(len(review.findings), words["finding"])
    if findings:
        findings += f" ({', '.join(count for count in by_severity if count)})"
    questions = _count(len(review.questions), words["question"])
    both = f" {words['and'][0]} ".join(part for part in (findings, questions) if part)
    return f"{both}; " if both else ""


def _count(number: int, forms: tuple[str, str]) -> str:
    return f"{number} {forms[number != 1]}" if number else ""


def _read(review: Review, words: Words) -> str:
    coverage = review.coverage
    lines, done = coverage.in_scope_lines, coverage.reviewed_lines
    if review.verdict is Verdict.INCOMPLETE:
        key = "incomplete"
    elif not lines:
        key = "empty"
    else:
        key = "reviewed" if review.findings or review.questions else "clean"
    text = words[key][lines != 1].format(lines=lines, done=done)
    if key == "incomplete" and not review.findings:
        text += words["none"][0]
    outside = len({skip.path for skip in review.skips if not skip.in_scope} - _read_paths(coverage))
    return f"{text} ({words['skipped'][outside != 1].format(n=outside)})" if outside else text


def _read_paths(coverage: Coverage) -> set[str]:
    return {file.path for file in coverage.files if file.reviewed_lines}


def deliverables(found: Deliverables, findings: Sequence[Finding], hazards: Iterable[Hazard]) -> Deliverables:
    """The same deliverables, with an implementation guide made of the findings where there was none."""
    if found.guide.rows or not findings:
        return found
    return replace(found, guide=guide.guide(findings, hazards))
