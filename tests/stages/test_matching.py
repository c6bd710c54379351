"""Findings are paired with what was posted before: one to one, whatever moved."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reviewer.nouns.finding import Finding
from reviewer.nouns.memory import Remembered
from reviewer.stages.matching import match, print_at
from tests.builders import a_change, some_findings


@given(st.permutations(range(6)), st.integers(-50, 50), st.sets(st.integers(0, 5)))
def test_every_finding_finds_itself_again(order: list[int], shift: int, gone: set[int]) -> None:
    findings, change = some_findings(), a_change()

    def shifted(finding: Finding) -> Finding:
        line = max(1, finding.start_line + shift)
        return replace(finding, start_line=line, end_line=line, title="reworded")

    earlier = tuple(Remembered(shifted(findings[at]), print_at(change, findings[at])) for at in order if at not in gone)
    pairs = match(findings, earlier, change)
    assert {earlier[old].finding.fingerprint for old in pairs.new_of} == {r.finding.fingerprint for r in earlier}
    assert all(findings[new].fingerprint == earlier[old].finding.fingerprint for new, old in pairs.old_of.items())
    assert len(set(pairs.old_of.values())) == len(pairs.old_of)


def test_a_longer_quote_of_the_same_code_is_the_same_finding() -> None:
    finding = some_findings()[2]
    shorter = replace(finding, quote=finding.quote.split("\n")[1], fingerprint="9" * 16)
    pairs = match((finding,), (Remembered(shorter),), a_change())
    assert dict(pairs.old_of) == {0: 0}


def test_another_hazard_in_other_code_is_another_finding() -> None:
    one, two = some_findings()[0], some_findings()[3]
    assert match((one,), (Remembered(two),), a_change()).old_of == {}
