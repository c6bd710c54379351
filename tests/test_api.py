"""The Python API, as a program that imports the package uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

import reviewer
from reviewer import review
from reviewer.errors import SourceError, UsageError
from reviewer.nouns.finding import Origin
from reviewer.nouns.review import TargetKind, Verdict

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = (ROOT / "examples" / "order-service" / "change.diff").read_bytes()


@pytest.mark.parametrize("diff", [SAMPLE, SAMPLE.decode()], ids=["bytes", "text"])
def test_a_diff_is_reviewed_with_no_key(diff: bytes | str) -> None:
    found = review(diff)
    assert found.verdict is Verdict.FINDINGS
    assert found.target.kind is TargetKind.DIFF
    assert {finding.origin for finding in found.findings} == {Origin.RULE}


def test_options_are_those_of_the_command_line() -> None:
    every, severe = review(SAMPLE), review(SAMPLE, min_severity="critical", language="pt-BR")
    assert len(severe.findings) < len(every.findings)
    assert severe.language == "pt-BR"


def test_an_empty_diff_is_a_source_error_or_clean_but_never_a_finding() -> None:
    with pytest.raises(SourceError):
        review("not a diff\n@@ -1 +1 @@\n")


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(UsageError, match="diff and range"):
        review(SAMPLE, range="a...b")
    with pytest.raises(UsageError, match="max_cost"):
        review(SAMPLE, max_cost=1)
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY"):
        review(SAMPLE, provider="anthropic")


def test_unknown_names_of_the_package_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = reviewer.nothing_here  # type: ignore[attr-defined]
