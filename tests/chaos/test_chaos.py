"""A fault at every call, and pairs of faults: the report is complete and truthful, and a re-run finishes the job."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from reviewer.nouns.review import Verdict
from tests.fakes.github.faults import QUICK, Fault, What
from tests.fakes.github.state import Pull
from tests.fakes.model_server import Answer, Raw, Reset, Say, Seen, Status
from tests.injection.corpus import BASE, HEAD
from tests.injection.drive import Outcome, Stage
from tests.injection.properties import ledger_is_true, marks_are_ours, only_ours_is_written
from tests.injection.worst import worst

FAULTS: dict[str, Answer] = {
    "server error": Status(500, retry_after=0),
    "overloaded": Status(529, retry_after=0),
    "busy": Status(429, retry_after=0),
    "refused key": Status(401),
    "reset": Reset(),
    "garbage": Raw(b"<html>502</html>"),
    "cut": Say("{", stop="truncated"),
    "filtered": Say("", stop="filtered"),
    "prose": Say("I could not."),
}


def honest(seen: Seen) -> Answer:
    """A good reviewer who finds one thing, and stands by it."""
    return worst("The refund is not idempotent.")(seen)


def faulty(faults: dict[int, Answer]) -> Any:
    """Answers with a fault at these calls, counted from 1 for this script."""
    count = iter(range(1, 10_000))

    def script(seen: Seen) -> Answer:
        return faults.get(next(count)) or honest(seen)

    return script


def sound(outcome: Outcome) -> None:
    """What must hold after any fault of the model."""
    assert outcome.review is not None, outcome.stderr
    ledger_is_true(outcome.review)
    only_ours_is_written(outcome)
    marks_are_ours(outcome)
    assert outcome.code in (0, 1, 4)
    assert (outcome.code == 4) == (outcome.review.verdict is Verdict.INCOMPLETE)
    assert "Traceback" not in outcome.stderr


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_of_the_model_is_told(fault: str, call: int, tmp_path: Path) -> None:
    with Stage(tmp_path) as stage:
        pull = stage.github.state.open(BASE, HEAD)
        first = stage.run(pull, faulty({call: FAULTS[fault]}), deadline=60.0)
        sound(first)
        again = stage.run(pull, honest)
        sound(again)
        once(pull)
    assert again.review is not None
    assert again.review.verdict is not Verdict.INCOMPLETE


def once(pull: Pull) -> None:
    """Nothing stands on the pull request twice."""
    bodies = [comment.body for comment in pull.review_comments]
    marks = [body.rpartition("<!--")[2].split()[2] for body in bodies]
    assert len(marks) == len(set(marks)), bodies
    assert len(pull.comments) <= 1


def test_pairs_of_faults_on_both_sides(tmp_path: Path) -> None:
    chance = random.Random(5)
    with Stage(tmp_path) as stage:
        for turn in range(12):
            stage.number += 1
            pull = stage.github.state.open(BASE, HEAD, number=stage.number)
            first, second = chance.randint(1, 10), chance.randint(1, 10)
            now = stage.github.number
            stage.github.faults[:] = [Fault(chance.choice(QUICK), call=now + at) for at in {first, second}]
            model = {chance.randint(1, 3): FAULTS[chance.choice([*FAULTS])]} if turn % 2 else {}
            outcome = stage.run(pull, faulty(model), deadline=60.0)
            assert outcome.code in (0, 1, 3, 4, 5), outcome.stderr
            assert "Traceback" not in outcome.stderr
            if outcome.review is not None:
                ledger_is_true(outcome.review)
            stage.github.faults[:] = []
            sound(stage.run(pull, honest))
            once(pull)
            assert len(pull.comments) == 1


@pytest.mark.parametrize("what", [What.DROP_AFTER, What.ERROR_AFTER, What.TRUNCATE])
def test_a_write_that_happened_though_its_answer_was_lost_is_not_repeated(what: What, tmp_path: Path) -> None:
    with Stage(tmp_path) as stage:
        pull = stage.github.state.open(BASE, HEAD)
        stage.github.faults[:] = [Fault(what, method="POST", path="/reviews")]
        stage.run(pull, honest)
        sound(stage.run(pull, honest))
        once(pull)
        assert len(pull.reviews) == 1
