"""Laws of the deterministic engine: what a change introduces is found, what it moves or leaves alone is not."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.errors import UsageError
from reviewer.evidence.engine import contained, drawn_or_lost, look, uncrowded
from reviewer.evidence.examined import Examined
from reviewer.evidence.rulefile import built_in
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Confidence, Severity
from reviewer.nouns.plan import Switches
from reviewer.nouns.signal import Signal, Tier
from reviewer.nouns.source import EmptyTree
from tests.evidence.changes import change_of, changes_of, evidence_of
from tests.evidence.rule_fixtures import all_fixtures

RULES = {rule.id: rule for rule in built_in()}
WITH_TIMEOUT = (
    "import requests\n\n\ndef load(url):\n    return requests.get(\n        url,\n        timeout=5,\n    )\n"
)
WITHOUT = WITH_TIMEOUT.replace("        timeout=5,\n", "")
PATH = "app/rates.py"


def examined_of(old: dict[str, str], new: dict[str, str]) -> Examined:
    changes = changes_of(old, new)
    return look(changes, everything=changes, base=EmptyTree(), head=EmptyTree())


def rules_of(evidence: object) -> list[str]:
    return [signal.rule for signal in evidence.signals]  # type: ignore[attr-defined]


def test_a_hazard_made_by_a_deletion_is_found_where_it_can_be_shown() -> None:
    signal, gone = evidence_of({PATH: WITH_TIMEOUT}, {PATH: WITHOUT}).signals
    assert (gone.rule, gone.side, gone.tier) == ("safeguard-removed.timeout", Side.LEFT, Tier.EVIDENCE)
    assert (signal.hazard, signal.side, signal.tier) == ("http-call-no-timeout", Side.RIGHT, Tier.POST)
    assert signal.lines_in_diff
    assert signal.quote.startswith("    return requests.get(")
    assert signal.id == "S1"
    assert signal.symbol == "load"


PAY = "import stripe\n\n\ndef pay(order):\n    charge = stripe.Charge.create(\n        amount=order.cents,\n        currency='usd',\n        source=order.source,\n        idempotency_key=order.key,\n    )\n    return charge.id\n"


def test_a_call_cut_by_the_edge_of_the_hunk_is_posted_on_the_part_that_is_shown() -> None:
    evidence = evidence_of({"app/pay.py": PAY}, {"app/pay.py": PAY.replace("        idempotency_key=order.key,\n", "")})
    (signal,) = [found for found in evidence.signals if found.rule.startswith("payment-call")]
    assert (signal.tier, signal.start_line, signal.lines_in_diff) == (Tier.POST, 6, True)
    assert signal.quote.startswith("        amount=order.cents,")


MERGE = "package cart\n\nfunc Merge(db *sql.DB, from, into int64) error {\n\ttx, err := db.Begin()\n\tif err != nil {\n\t\treturn err\n\t}\n\ttx.Exec(q)\n\tuse(from)\n\tdefer tx.Rollback()\n\tuse(into)\n\treturn tx.Commit()\n}\n"


def test_what_a_deletion_below_breaks_is_posted_where_the_deletion_is() -> None:
    evidence = evidence_of({"a.go": MERGE}, {"a.go": MERGE.replace("\tdefer tx.Rollback()\n", "")})
    (signal,) = [found for found in evidence.signals if found.hazard == "transaction-misuse"]
    assert (signal.tier, signal.start_line, signal.lines_in_diff) == (Tier.POST_MEDIUM, 10, True)
    elsewhere = MERGE.replace("\tdefer tx.Rollback()\n", "") + "\n" * 9 + "func other() {}\n"
    assert all(
        found.lines_in_diff for found in evidence_of({"a.go": elsewhere}, {"a.go": elsewhere + "// x\n"}).signals
    )


def test_without_a_tree_the_hunks_alone_still_speak() -> None:
    old = "import requests\n" + "\n".join(f"x{n} = {n}" for n in range(40)) + "\n\n\ndef load(url):\n    return 1\n"
    new = old.replace("return 1", "return requests.get(url)")
    (signal,) = evidence_of({PATH: old}, {PATH: new}, trees=False).signals
    assert (signal.rule, signal.start_line) == ("http-call-no-timeout.requests", 45)


def test_without_a_tree_absence_is_not_concluded_from_what_is_not_shown() -> None:
    far = "\n".join(f"\tx{n} := {n}" for n in range(30))
    old = (
        f'package a\n\nimport "net/http"\n\nfunc New() *C {{\n\tc := &C{{}}\n{far}\n\tc.h.Timeout = t\n\treturn c\n}}\n'
    )
    new = old.replace("c := &C{}", "c := &C{h: &http.Client{}}")
    assert rules_of(evidence_of({"a.go": old}, {"a.go": new}, trees=False)) == []


def test_old_debt_is_not_reported() -> None:
    new = WITHOUT + "\n\ndef other():\n    return 2\n"
    assert rules_of(evidence_of({PATH: WITHOUT}, {PATH: new})) == []


def test_a_line_that_had_the_hazard_and_was_edited_is_old_debt() -> None:
    old = "import requests\ndef load(u):\n    return requests.get(u)\n"
    assert rules_of(evidence_of({PATH: old}, {PATH: old.replace("get(u)", "get(u + '/x')")})) == []


def test_a_second_hazard_beside_an_old_one_is_found() -> None:
    old = "import requests\ndef load(u):\n    return requests.get(u)\n"
    assert len(rules_of(evidence_of({PATH: old}, {PATH: old + "\n\ndef put(u):\n    return requests.put(u)\n"}))) == 1


@pytest.mark.parametrize("target", [PATH, "app/other.py"])
def test_moved_code_yields_nothing(target: str) -> None:
    old = {PATH: WITHOUT + "\n\nx = 1\n", "app/other.py": "y = 1\n"}
    rest = {**old, PATH: "x = 1\n"}
    new = {**rest, target: rest[target] + "\n\n" + WITHOUT}
    assert rules_of(evidence_of(old, new)) == []


def test_a_renamed_function_yields_nothing() -> None:
    assert rules_of(evidence_of({PATH: WITHOUT}, {PATH: WITHOUT.replace("def load", "def fetch")})) == []


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([f for f in all_fixtures() if f.kind == "positive" and not f.diff]), st.integers(0, 3))
def test_an_unchanged_hazard_yields_nothing_wherever_else_the_file_changes(fixture, blank) -> None:  # type: ignore[no-untyped-def]
    rule = RULES[fixture.rule]
    mark = "# " if rule.language in {"python", "ruby"} else "// "
    path = (
        fixture.path
        or f"app/x.{ {'python': 'py', 'typescript': 'ts', 'ruby': 'rb'}.get(rule.language, rule.language) }"
    )
    changed = fixture.code + "\n" * blank + f"{mark}a note\n"
    evidence = evidence_of({path: fixture.code, **fixture.files}, {path: changed, **fixture.files})
    assert [signal.rule for signal in evidence.signals if signal.rule in RULES] == []


TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=300)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["a.py", "a.go", "a.ts", "a.tsx", "a.js", "a.java", "a.rb", "a.sql", "a.vue", "x/Gemfile", "a"]),
    st.lists(st.one_of(TEXT, st.sampled_from([f.code for f in all_fixtures()])), max_size=3),
    st.lists(st.one_of(TEXT, st.sampled_from([f.code for f in all_fixtures()])), max_size=3),
    st.booleans(),
)
def test_no_text_stops_the_engine_and_the_same_text_gives_the_same_evidence(path, old, new, trees) -> None:  # type: ignore[no-untyped-def]
    before, after = {path: "\n".join(old)}, {path: "\n".join(new)}
    first = evidence_of(before, after, trees=trees)
    assert first == evidence_of(before, after, trees=trees)
    assert [signal.id for signal in first.signals] == [f"S{n}" for n in range(1, len(first.signals) + 1)]


@pytest.mark.parametrize(
    "hostile",
    ["\x00" * 50, "(" * 20_000, "﻿import requests\r\nrequests.get(u)\r\n", "def f(:\n  requests.get(", "\ud800 x"],
    ids=["nul", "nested", "bom-crlf", "broken", "surrogate"],
)
@pytest.mark.parametrize("path", ["a.py", "a.go", "a.ts", "a.java", "a.rb"])
def test_hostile_files_are_survived(path: str, hostile: str) -> None:
    evidence_of({path: "x\n"}, {path: hostile})


def test_a_file_too_large_for_rules_is_said_to_be_skipped() -> None:
    (skip,) = evidence_of({"a.py": "x = 1\n"}, {"a.py": "x = '" + "y" * 6_000 + "'\n"}).skips
    assert (skip.path, skip.in_scope) == ("a.py", True)
    assert "5000" in skip.reason


def test_rules_and_hazards_can_be_turned_off_and_given_another_severity() -> None:
    old, new = {PATH: "import requests\n"}, {PATH: WITHOUT}
    for name in ("http-call-no-timeout", "http-call-no-timeout.requests"):
        assert rules_of(evidence_of(old, new, switches=Switches(off=frozenset({name})))) == []
        switches = Switches(severity={name: Severity.LOW})
        assert [signal.severity for signal in evidence_of(old, new, switches=switches).signals] == [Severity.LOW]


def test_a_suppression_comment_lowers_confidence_and_is_said() -> None:
    new = {PATH: "import requests\ndef load(u):\n    return requests.get(u)  # noqa: S113\n"}
    (signal,) = evidence_of({PATH: "import requests\n"}, new).signals
    assert signal.confidence is Confidence.LOW
    assert "noqa: S113" in signal.message


def test_what_is_quoted_never_holds_a_secret() -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    new = {PATH: f"import requests\ndef load(u):\n    return requests.get(u, headers={{'Authorization': '{token}'}})\n"}
    evidence = evidence_of({PATH: "import requests\n"}, new)
    assert {signal.hazard for signal in evidence.signals} == {"hardcoded-secret", "http-call-no-timeout"}
    assert token not in repr(evidence)


def test_a_crowd_of_equal_complaints_is_cut_and_counted() -> None:
    body = "".join(f"def f{n}(u):\n    return requests.get(u + '{n}')\n\n\n" for n in range(6))
    evidence = evidence_of({PATH: "import requests\n"}, {PATH: "import requests\n\n\n" + body})
    posted = [signal for signal in evidence.signals if signal.tier is not Tier.EVIDENCE]
    assert len(posted) == 3
    assert "3 more places" in posted[-1].message


def _said(path: str, line: int, severity: Severity, hazard: str = "h") -> Signal:
    signal = next(s for s in evidence_of({PATH: WITH_TIMEOUT}, {PATH: WITHOUT}).signals if s.tier is Tier.POST)
    return replace(signal, path=path, start_line=line, severity=severity, hazard=hazard, symbol=f"{path}.{line}")


def test_of_a_crowd_the_worst_are_posted() -> None:
    crowd = [_said("a.py", line, Severity.LOW) for line in range(1, 9)] + [_said("a.py", 99, Severity.CRITICAL)]
    kept = [signal for signal in uncrowded(crowd) if signal.tier is not Tier.EVIDENCE]
    assert [signal.start_line for signal in kept] == [1, 2, 99]
    assert "6 more places of this change: `a.py.3`, `a.py.4`, `a.py.5` and 3 more" in kept[1].message


def test_a_roll_out_is_told_once_for_each_hazard() -> None:
    crowd = [_said(f"{n}.sql", 1, Severity.HIGH, hazard) for n in range(2) for hazard in ("migration-x", "migration-y")]
    kept = [signal for signal in uncrowded(crowd) if signal.tier is not Tier.EVIDENCE]
    assert [(signal.path, signal.hazard) for signal in kept] == [("0.sql", "migration-x"), ("0.sql", "migration-y")]
    assert all("one more place of this change: `1.sql.1`" in signal.message for signal in kept)


USER_RULE = b"""
id: no-print.python
hazard: other-observability
category: observability
severity: low
tier: A
title: print in the service
message: "`{text}` writes past the logger."
fix: Use the logger.
language: python
rule: {pattern: print($$$A)}
"""


def test_a_team_can_bring_its_own_rules() -> None:
    evidence = evidence_of({"a.py": "x = 1\n"}, {"a.py": "print(1)\n"}, user_rules=(("no-print.yml", USER_RULE),))
    assert rules_of(evidence) == ["no-print.python"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((b"severity: low", b"severity: huge"), "severity"),
        ((b"language: python", b"language: sql"), "language"),
        ((b"tier: A", b"teir: A"), "teir"),
        ((b"fix: Use the logger.", b"guards: [nonsense]\nfix: x"), "nonsense"),
        ((b"id: no-print.python", b"id: '../x'"), "id"),
        ((b"rule: {pattern: print($$$A)}", b"rule: {pattern: [}"), "YAML"),
        ((b"rule: {pattern: print($$$A)}", b"rule: {kind: nonsense_kind}"), "no-print"),
    ],
)
def test_a_broken_rule_is_a_usage_error_that_names_the_file(change: tuple[bytes, bytes], said: str) -> None:
    broken = USER_RULE.replace(*change)
    with pytest.raises(UsageError) as error:
        evidence_of({"a.py": "x = 1\n"}, {"a.py": "print(1)\n"}, user_rules=(("no-print.yml", broken),))
    assert "no-print.yml" in error.value.message
    assert said in error.value.message
    assert error.value.hint


def test_the_helper_makes_diffs_that_fit_their_texts() -> None:
    change = change_of("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\nx\n4\n5\n6\n7\n8\n")
    assert [(line.kind, line.text) for line in change.lines() if line.changed] == [("-", "3"), ("+", "x"), ("-", "9")]


def stumble(*_: object) -> NoReturn:
    raise IndexError("text of the pull request")


def test_a_fault_in_one_detector_costs_its_findings_only_and_is_told() -> None:
    examined = examined_of({PATH: WITH_TIMEOUT}, {PATH: WITHOUT})
    result = contained("siblings", stumble, examined)
    assert [(skip.path, skip.in_scope, skip.lines) for skip in result.skips] == [(PATH, True, 1)]
    (notice,) = result.notices
    assert "`siblings`: IndexError in test_engine.py:" in notice
    assert "text of the pull request" not in notice


def test_a_fault_in_one_table_leaves_it_empty_and_is_told() -> None:
    examined = examined_of({PATH: WITH_TIMEOUT}, {PATH: WITHOUT})
    table, result = drawn_or_lost("schema", stumble, examined, ())
    assert (table.title, table.rows) == ("Schema delta", ())
    assert "fault" in table.inspected
    assert "`schema`" in result.notices[0]


def test_our_own_errors_are_not_contained() -> None:
    def wrong(_: object) -> NoReturn:
        raise UsageError("the rule is wrong", "mend it")

    with pytest.raises(UsageError):
        contained("rules", wrong, examined_of({PATH: WITH_TIMEOUT}, {PATH: WITHOUT}))
