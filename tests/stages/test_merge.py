"""One cause becomes one finding, and nothing a rule saw disappears without code that refutes it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.answered import SignalAnswer, SignalVerdict
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import (
    Category,
    Confidence,
    Finding,
    Origin,
    Question,
    Severity,
    Verification,
    VerificationStatus,
)
from reviewer.nouns.signal import Signal, Tier
from reviewer.stages.merge import Merged, merge, questions
from tests.builders import a_finding
from tests.mind import a_signal, change

QUOTE = "    reply = requests.post(URL, json=order.body())"


def seen(**changes: object) -> Finding:
    """What the model said of line 4."""
    base = a_finding(
        path="app/charge.py", side=Side.RIGHT, start_line=4, end_line=4, quote=QUOTE, hazard="http-call-no-timeout",
        title="The charge has no timeout", scenario="The peer hangs; all workers wait.", recommendation="timeout=5",
        symbol="charge", severity=Severity.MEDIUM, confidence=Confidence.MEDIUM, verification=Verification(),
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def merged(
    findings: tuple[Finding, ...] = (), signals: tuple[Signal, ...] = (), answers: tuple[SignalAnswer, ...] = ()
) -> Merged:
    return merge(findings, signals, answers, change())


def told(verdict: SignalVerdict, *, grounded: bool = False, reason: str = "because") -> SignalAnswer:
    return SignalAnswer("S1", verdict, "x = 1", reason, grounded)


def test_the_same_defect_from_two_batches_is_one_finding() -> None:
    again = seen(
        title="No deadline on the charge", severity=Severity.HIGH, scenario="Longer: the peer hangs and workers wait."
    )
    outcome = merged((seen(), again))
    (finding,) = outcome.findings
    assert finding.title == "No deadline on the charge"  # the graver account speaks
    assert [(item.stage, item.title) for item in outcome.excluded] == [("merge", "The charge has no timeout")]


def test_another_name_for_the_same_lines_is_still_one_defect() -> None:
    other = seen(hazard="missing-fallback-on-optional-dependency", title="The charge call has no timeout")
    assert len(merged((seen(), other)).findings) == 1


def test_two_defects_of_one_line_stay_two() -> None:
    other = seen(
        hazard="payment-call-without-idempotency-key", category=Category.DATA_INTEGRITY, title="A repeated request charges twice",
        scenario="After a lost answer the client sends it again and the customer pays two times.",
    )  # fmt: skip
    assert len(merged((seen(), other)).findings) == 2


def test_the_same_code_again_is_one_finding_with_the_other_place_related() -> None:
    (finding,) = merged((seen(), seen(start_line=7, end_line=7, scenario="short"))).findings
    assert [(place.path, place.start_line) for place in finding.related] == [("app/charge.py", 7)]


def test_the_same_hazard_far_away_with_other_code_stays() -> None:
    assert (
        len(merged((seen(), seen(path="app/refund.py", start_line=11, end_line=11, quote="    order.save()"))).findings)
        == 2
    )


def test_old_and_new_side_are_not_one_place() -> None:
    left = seen(side=Side.LEFT, hazard="shared-mutable-state-race", quote="    with lock(order.id):")
    assert len(merged((seen(), left)).findings) == 2


def test_rule_and_model_together_keep_the_rules_place_and_the_models_words() -> None:
    alone = merged((), (a_signal(),)).findings[0]
    (finding,) = merged((seen(),), (a_signal(),)).findings
    assert finding.fingerprint == alone.fingerprint  # the same with and without a model
    assert finding.title == "The charge has no timeout"
    assert finding.confidence is Confidence.HIGH
    assert finding.origin is Origin.RULE
    assert finding.severity is Severity.MEDIUM


def test_a_signal_the_model_confirmed_joins_its_finding_under_any_name() -> None:
    other = seen(hazard="retry-unbounded", title="Waits", scenario="Zzz")
    assert len(merged((other,), (a_signal(),)).findings) == 2
    assert len(merged((other,), (a_signal(),), (told(SignalVerdict.CONFIRMED),)).findings) == 1


@pytest.mark.parametrize("tier", [Tier.POST, Tier.POST_MEDIUM])
def test_a_signal_nobody_answered_stays(tier: Tier) -> None:
    (finding,) = merged((), (a_signal(tier=tier),)).findings
    assert finding.scenario == "`requests.post` waits for ever when the peer hangs."
    assert finding.confidence is (Confidence.HIGH if tier is Tier.POST else Confidence.MEDIUM)


def test_a_confirmed_signal_gains_the_explanation() -> None:
    (finding,) = merged(
        (), (a_signal(tier=Tier.POST_MEDIUM),), (told(SignalVerdict.CONFIRMED, reason="URL is remote."),)
    ).findings
    assert finding.scenario.endswith("URL is remote.")
    assert finding.confidence is Confidence.HIGH


def test_a_signal_refuted_with_code_is_excluded_in_full_view() -> None:
    outcome = merged((), (a_signal(),), (told(SignalVerdict.REFUTED, grounded=True),))
    assert not outcome.findings
    (excluded,) = outcome.excluded
    assert (excluded.stage, excluded.reason, excluded.verification.status) == (
        "verify",
        "because",
        VerificationStatus.REFUTED,
    )
    assert excluded.fingerprint


@pytest.mark.parametrize("verdict", [SignalVerdict.REFUTED, SignalVerdict.UNSURE])
def test_an_opinion_without_code_takes_nothing_out(verdict: SignalVerdict) -> None:
    assert len(merged((), (a_signal(),), (told(verdict),)).findings) == 1


@pytest.mark.parametrize("verdict", [None, *SignalVerdict])
def test_evidence_is_never_posted_alone(verdict: SignalVerdict | None) -> None:
    answers = (told(verdict),) if verdict else ()
    assert not merged((), (a_signal(tier=Tier.EVIDENCE),), answers).findings


def test_a_signal_outside_the_hunks_stands_on_the_nearest_changed_line() -> None:
    far = a_signal(start_line=90, end_line=91, lines_in_diff=False, suggestion="x")
    (finding,) = merged((), (far,)).findings
    assert (finding.start_line, finding.side, finding.suggestion) == (4, Side.RIGHT, None)


def test_a_signal_on_a_file_that_is_not_reviewed_is_no_finding() -> None:
    assert not merged((), (a_signal(path="web/app.tsx"),)).findings


def asked(**changes: object) -> Question:
    base = Question(
        "Is it locked?", "app/charge.py", Side.RIGHT, 5, 5, hazard="lost-update", quote="    order.paid = True"
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_a_question_is_asked_once_and_not_where_a_finding_answers_it() -> None:
    other = asked(hazard="x")
    nowhere = (
        asked(path="", quote="", start_line=0, end_line=0, text="a"),
        asked(path="", quote="", start_line=0, end_line=0, text="b"),
    )
    assert questions((asked(), asked(text="Locked?"), other, *nowhere), ()) == (asked(), other, *nowhere)
    found = seen(start_line=4, end_line=6, hazard="lost-update")
    assert questions((asked(), other), (found,)) == (other,)


_FINDINGS = st.builds(
    seen,
    path=st.sampled_from(["app/charge.py", "app/refund.py"]),
    start_line=st.just(4),
    hazard=st.sampled_from(["a", "b", "c"]),
    title=st.sampled_from(["lock is gone here", "timeout is missing", "charges twice on retry"]),
    quote=st.sampled_from(["one()", "two()"]),
    severity=st.sampled_from(Severity),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_FINDINGS, max_size=8))
def test_every_finding_is_kept_or_accounted_for_and_merging_twice_changes_nothing(findings: list[Finding]) -> None:
    outcome = merged(tuple(findings))
    assert len(outcome.findings) + len(outcome.excluded) == len(findings)
    assert bool(outcome.findings) == bool(findings)
    if findings:
        assert max(f.severity.rank for f in outcome.findings) == max(f.severity.rank for f in findings)
    assert len({finding.fingerprint for finding in outcome.findings}) == len(outcome.findings)
    again = merged(outcome.findings)
    assert again.findings == outcome.findings


def test_two_accounts_of_neighbouring_lines_stay_two() -> None:
    join = seen(title="Rows without an analysis are never suppressed", scenario="NOT of NULL filters them out.")
    operator = seen(
        title="`!= ANY` excludes nothing for two ids",
        scenario="Every id differs from one of two.",
        quote="    order.save()",
        start_line=6,
        end_line=6,
    )
    assert len(merged((join, operator)).findings) == 2


@pytest.mark.parametrize("hazard", ["other-reliability", "other-data-integrity"])
def test_a_catch_all_hazard_on_the_same_lines_is_no_common_cause(hazard: str) -> None:
    one = seen(hazard=hazard, title="The join loses rows", scenario="NULL is filtered out.")
    other = seen(hazard=hazard, title="Retries double the charge", scenario="Nothing keys the request.")
    assert len(merged((one, other)).findings) == 2
    assert len(merged((one, replace(one, scenario="NULL rows are filtered out by it."))).findings) == 1


def test_a_removed_line_and_what_it_leaves_behind_are_one_defect() -> None:
    gone = seen(side=Side.LEFT, start_line=5, end_line=5, quote="        reply = requests.post(URL, timeout=5)")
    assert len(merged((gone,), (a_signal(),)).findings) == 1
    assert len(merged((replace(gone, symbol="refund"),), (a_signal(),)).findings) == 2
    assert len(merged((replace(gone, symbol=""),), (a_signal(symbol=""),)).findings) == 2
