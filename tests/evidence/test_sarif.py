"""Other scanners' reports: what touches the change is evidence, whatever else is in them stops nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.finding import Category, Origin, Severity
from reviewer.nouns.signal import Evidence, Tier
from tests.evidence.changes import evidence_of

OLD, NEW = {"src/a.py": "x = 1\ny = 2\n"}, {"src/a.py": "x = 1\nz = eval(q)\ny = 2\n"}


def result(**changes: Any) -> dict[str, Any]:
    location = {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 2, "endLine": 2}}
    return {
        "ruleId": "py/code-injection",
        "level": "error",
        "message": {"text": "Runs `q`."},
        "locations": [{"physicalLocation": location}],
        **changes,
    }


def report(*results: dict[str, Any], rules: list[dict[str, Any]] | None = None) -> bytes:
    driver = {"name": "CodeQL", "rules": rules or []}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results)}]}).encode()


def imported(*reports: bytes) -> list:  # type: ignore[type-arg]
    return [s for s in evidence_of(OLD, NEW, sarif=reports).signals if s.origin is Origin.SARIF]


def test_a_result_on_an_added_line_is_a_candidate() -> None:
    rules = [
        {
            "id": "py/code-injection",
            "shortDescription": {"text": "Code injection"},
            "properties": {"security-severity": "9.3", "tags": ["security", "external/cwe/cwe-094"]},
        }
    ]
    (signal,) = imported(report(result(), rules=rules))
    assert (signal.tier, signal.severity, signal.category) == (Tier.EVIDENCE, Severity.CRITICAL, Category.SECURITY)
    assert (signal.quote, signal.start_line, signal.references) == ("z = eval(q)", 2, ("CWE-94",))
    assert signal.title == "CodeQL: Code injection"


@pytest.mark.parametrize("uri", ["file:///home/ci/build/src/a.py", "./src/a.py", "src%2Fa.py", "/build/src/a.py"])
def test_scanners_spell_paths_in_many_ways(uri: str) -> None:
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": 2}}
    assert len(imported(report(result(locations=[{"physicalLocation": place}])))) == 1


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 3}}}]},
        {
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": "../../etc/passwd"}, "region": {"startLine": 2}}}
            ]
        },
        {"locations": []},
        {"kind": "pass"},
        {"suppressions": [{"kind": "inSource"}]},
    ],
)
def test_what_does_not_touch_the_change_is_left_out(elsewhere: dict[str, Any]) -> None:
    assert imported(report(result(**elsewhere))) == []


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"runs": 1}', b"\xff\xfe", b'{"runs": [' + b"[" * 100_000])
def test_an_unreadable_report_is_a_notice(data: bytes) -> None:
    evidence: Evidence = evidence_of(OLD, NEW, sarif=(data,))
    assert any("cannot be read" in notice for notice in evidence.notices)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["runs", "results", "locations", "physicalLocation", "region", "startLine", "message", "tool", "driver", "rules", "id", "ruleId", "properties", "tags", "text", "uri", "artifactLocation"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_no_report_stops_a_run(content: Any) -> None:
    evidence_of(OLD, NEW, sarif=(json.dumps({"runs": [content, {"results": [content]}]}).encode(),))
