"""A judge's word replaces the count of lines, if it can be read; if not, lines are counted as before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from reviewer.errors import ProviderError, UnreadableReply
from reviewer.evaluation.cases import Case
from reviewer.evaluation.judge import judged, read
from reviewer.evaluation.scoring import Scored, score
from reviewer.nouns.exchange import Failure, Purpose, Reply, Request, StopReason
from reviewer.nouns.finding import Finding
from tests.builders import a_clean_review
from tests.evaluation.test_scoring import case, found, gold


def says(*items: dict[str, Any]) -> str:
    return json.dumps({"judgements": items})


def item(remark: str, defect: str = "", verdict: str = "same") -> dict[str, Any]:
    return {"remark": remark, "reason": "r", "defect": defect, "verdict": verdict}


def run(labelled: Case, findings: Sequence[Finding], outcome: str | Failure) -> Scored:
    review = a_clean_review(findings=tuple(findings))

    def ask_all(requests: Sequence[Request]) -> Iterator[Reply | Failure]:
        (request,) = requests
        assert request.purpose is Purpose.JUDGE
        assert "[R1]" in request.user_text
        yield outcome if isinstance(outcome, Failure) else Reply(request.id, outcome, StopReason.COMPLETE)

    return judged(labelled, review, score(labelled, review), ask_all)


def test_the_same_cause_far_away_is_a_hit_and_another_cause_nearby_is_none() -> None:
    outcome = run(case(gold(10)), [found(10), found(80)], says(item("R1", verdict="wrong"), item("R2", "D1")))
    assert [(match.gold, match.finding, match.exact) for match in outcome.matched] == [(0, 1, False)]
    assert outcome.noise == (0,)
    assert not outcome.missed
    assert outcome.judged


def test_valid_nit_and_second_remarks_are_told_apart() -> None:
    told = says(item("R1", "D1"), item("R2", "D1"), item("R3", verdict="valid"), item("R4", verdict="nit"))
    outcome = run(case(gold(10)), [found(10), found(11), found(40), found(60)], told)
    assert (outcome.duplicates, outcome.valid, outcome.noise) == ((1,), (2,), (3,))
    assert outcome.matched[0].exact


@pytest.mark.parametrize("outcome", ["", says(), says(item("R9", "D1")), Failure("j", ProviderError("down"))])
def test_without_a_readable_word_places_decide(outcome: str | Failure) -> None:
    result = run(case(gold(10)), [found(10)], outcome)
    assert len(result.matched) == 1
    assert not result.judged


@pytest.mark.parametrize(
    "odd",
    [
        item("R1", "D7"),
        item("R1", "", "same"),
        item("R1", "D1", "valid"),
        item("1", "D1"),
        item("R0", "D1"),
        item("R1", "D1", "perhaps"),
    ],
)
def test_a_judgement_that_contradicts_itself_is_none(odd: dict[str, Any]) -> None:
    with pytest.raises(UnreadableReply, match="0 of 1"):
        read(says(odd), remarks=1, defects=2)


def test_a_silent_review_needs_no_judge() -> None:
    review = a_clean_review()
    assert judged(case(), review, score(case(), review), lambda _: iter(())).judged
