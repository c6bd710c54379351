"""Reviews in step: what they ask at the same stage is asked in one call, and each gets its own answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.errors import SourceError
from reviewer.nouns.exchange import AskAll, Reply, Request, StopReason
from reviewer.together import together
from tests.providers.asking import request


class Oracle:
    """Answers each request with its own words, and notes how many it was asked at once."""

    def __init__(self) -> None:
        self.asks: list[int] = []

    def __call__(self, requests: Sequence[Request]) -> Iterator[Reply]:
        assert len({one.id for one in requests}) == len(requests)
        self.asks.append(len(requests))
        for one in reversed(requests):
            yield Reply(one.id, one.schema_name, StopReason.COMPLETE)


def a_job(name: str, stages: Sequence[int]) -> Callable[[AskAll], list[str]]:
    """Asks so many requests, stage by stage; all jobs use the same ids."""

    def job(ask_all: AskAll) -> list[str]:
        heard: list[str] = []
        for stage, count in enumerate(stages):
            asked = [request(f"b{number}", schema_name=f"{name}.{stage}.{number}") for number in range(count)]
            outcomes = {outcome.request_id: outcome for outcome in ask_all(asked)}
            assert set(outcomes) == {one.id for one in asked}
            heard += [outcome.text for one in asked if isinstance(outcome := outcomes[one.id], Reply)]
        return heard

    return job


@given(st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=6))
def test_each_job_gets_its_own_answers_and_stages_are_asked_together(plans: list[list[int]]) -> None:
    oracle = Oracle()
    results = together([a_job(f"j{number}", stages) for number, stages in enumerate(plans)], oracle)
    assert results == [
        [f"j{number}.{stage}.{one}" for stage, count in enumerate(stages) for one in range(count)]
        for number, stages in enumerate(plans)
    ]
    assert sum(oracle.asks) == sum(map(sum, plans))
    # a stage that asks nothing needs no waiting for
    assert len(oracle.asks) == max((sum(count > 0 for count in stages) for stages in plans), default=0)


def test_only_one_job_works_at_a_time() -> None:
    working: list[int] = []

    def job(ask_all: AskAll) -> int:
        most = 0
        for _ in range(3):
            working.append(1)
            most = max(most, len(working))
            working.pop()
            list(ask_all([request()]))
        return most

    assert together([job] * 8, Oracle()) == [1] * 8


def test_a_job_that_fails_holds_up_no_other() -> None:
    def failing(ask_all: AskAll) -> list[str]:
        list(ask_all([request()]))
        raise SourceError("unreadable")

    results = together([failing, a_job("sound", [1, 1])], Oracle())
    assert isinstance(results[0], SourceError)
    assert results[1] == ["sound.0.0", "sound.1.0"]


def test_a_fault_is_raised_when_all_have_ended() -> None:
    ended: list[str] = []

    def faulty(ask_all: AskAll) -> None:
        raise KeyError("a fault of ours")

    def sound(ask_all: AskAll) -> None:
        list(ask_all([request()]))
        ended.append("sound")

    with pytest.raises(KeyError):
        together([faulty, sound], Oracle())
    assert ended == ["sound"]


def test_a_fault_of_the_asking_is_raised() -> None:
    def broken(requests: Sequence[Request]) -> list[Reply]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together([lambda ask_all: len(list(ask_all([request()])))] * 3, broken)
