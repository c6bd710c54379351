"""Without a model the rules speak alone, everything to do counts as read, and the report says so."""

from __future__ import annotations

from reviewer.nouns.finding import Confidence
from reviewer.nouns.review import Skip
from reviewer.nouns.signal import Evidence, Tier
from reviewer.stages import offline
from tests.mind import a_signal, change
from tests.stages.trees import everything


def test_precise_signals_become_findings_and_evidence_does_not() -> None:
    signals = (a_signal(), a_signal(id="S2", tier=Tier.POST_MEDIUM, hazard="x"), a_signal(id="S3", tier=Tier.EVIDENCE))
    answered = offline.answer(change(), everything(change()), Evidence(signals))
    assert [finding.hazard for finding in answered.findings] == ["http-call-no-timeout", "x"]
    assert [finding.confidence for finding in answered.findings] == [Confidence.HIGH, Confidence.MEDIUM]
    assert all(finding.fingerprint for finding in answered.findings)
    assert answered.notices == (offline.NOTICE,)


def test_all_that_is_to_do_is_reviewed_and_nothing_else() -> None:
    todo = frozenset({("app/refund.py", 0)})
    answered = offline.answer(change(), todo, Evidence())
    assert [(piece.file.path, piece.hunks) for piece in answered.pieces] == [("app/refund.py", (0,))]
    assert not answered.lost


def test_a_file_the_engine_could_not_read_is_lost_not_reviewed() -> None:
    skip = Skip("app/charge.py", "too large to parse", "engine", in_scope=True, lines=3)
    answered = offline.answer(change(), everything(change()), Evidence(skips=(skip,)))
    assert [piece.file.path for piece in answered.pieces] == ["app/refund.py"]
    assert answered.lost == (skip,)
