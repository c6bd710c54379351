from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Finding, Severity
from reviewer.nouns.plan import Gate, PathGate, Switches
from reviewer.stages.gate import gate

FINDING = Finding(
    "f1", "http-call-no-timeout", Category.RELIABILITY, Severity.MEDIUM, Confidence.MEDIUM, "app/a.py", Side.RIGHT, 3, 4,
    "requests.get(url)", "No timeout", "A slow peer holds every worker", "Pass timeout=", suggestion="x", references=("CWE-1088",),
)  # fmt: skip

findings = st.builds(
    lambda severity, confidence, category, path, hazard, line: replace(
        FINDING, severity=severity, confidence=confidence, category=category, path=path, hazard=hazard, start_line=line
    ),
    st.sampled_from(Severity),
    st.sampled_from(Confidence),
    st.sampled_from(Category),
    st.sampled_from(["app/a.py", "tests/test_a.py", "lib/b.go"]),
    st.sampled_from(["h1", "h2"]),
    st.integers(1, 9),
)
gates = st.builds(
    Gate,
    st.sampled_from(Severity),
    st.sampled_from(Confidence),
    st.dictionaries(st.sampled_from(Category), st.sampled_from(Severity), max_size=2),
    st.just((PathGate(("tests/",), Severity.CRITICAL),)),
)


@given(
    st.lists(findings, max_size=12),
    gates,
    st.sampled_from([Switches(), Switches(frozenset({"h1"}), {"h2": Severity.HIGH})]),
)
def test_nothing_vanishes_and_the_order_is_by_severity_then_place(
    given_: list[Finding], rules: Gate, switches: Switches
) -> None:
    kept, excluded = gate(tuple(given_), rules, switches)
    assert len(kept) + len(excluded) == len(given_)
    assert all(each.stage == "gate" and each.reason for each in excluded)
    order = [(-each.severity.rank, each.path, each.start_line) for each in kept]
    assert order == sorted(order)


def test_an_open_gate_keeps_a_finding_as_it_is() -> None:
    assert gate((FINDING,), Gate(), Switches()) == ((FINDING,), ())


def test_each_floor_says_why() -> None:
    cases = {
        "severity medium is below the floor of high": Gate(min_severity=Severity.HIGH),
        "confidence medium is below the floor of high": Gate(min_confidence=Confidence.HIGH),
        "severity medium is below the floor of high for reliability": Gate(
            categories={Category.RELIABILITY: Severity.HIGH}
        ),
        "severity medium is below the floor of critical for this path": Gate(
            paths=(PathGate(("app/*.py",), Severity.CRITICAL),)
        ),
    }
    for reason, rules in cases.items():
        kept, excluded = gate((FINDING,), rules, Switches())
        assert kept == ()
        assert excluded[0].reason == reason


def test_an_excluded_finding_keeps_its_fields() -> None:
    (excluded,) = gate((FINDING,), Gate(), Switches(off=frozenset({FINDING.hazard}))).excluded
    assert excluded.reason == "hazard http-call-no-timeout is switched off"
    for name in (
        "fingerprint",
        "path",
        "side",
        "start_line",
        "end_line",
        "quote",
        "title",
        "scenario",
        "suggestion",
        "references",
        "origin",
    ):
        assert getattr(excluded, name) == getattr(FINDING, name)


def test_an_override_comes_before_the_floor() -> None:
    switches = Switches(severity={FINDING.hazard: Severity.CRITICAL})
    (kept,) = gate((FINDING,), Gate(min_severity=Severity.CRITICAL), switches).kept
    assert kept.severity is Severity.CRITICAL


def test_a_path_floor_of_one_category_spares_the_others() -> None:
    rules = Gate(paths=(PathGate(("app/",), Severity.HIGH, Category.SECURITY),))
    assert gate((FINDING,), rules, Switches()).kept == (FINDING,)
    assert gate((replace(FINDING, category=Category.SECURITY),), rules, Switches()).kept == ()


def test_later_patterns_can_take_a_path_back() -> None:
    rules = Gate(paths=(PathGate(("app/", "!app/a.py"), Severity.CRITICAL),))
    assert gate((FINDING,), rules, Switches()).kept == (FINDING,)
