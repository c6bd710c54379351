"""Retry, breaker and purse, each alone, with the clock in our hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.errors import ProviderError
from reviewer.nouns.review import Usage
from reviewer.providers import lookup
from reviewer.providers.breaker import Breaker
from reviewer.providers.purse import OverBudget, Purse, estimate
from reviewer.providers.retry import Backoff, attempts, wait_before
from tests.providers.asking import request

FACTS = lookup("anthropic", "claude-sonnet-5-5")
BUSY = ProviderError("busy", retryable=True)


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@given(
    st.builds(Backoff, st.integers(1, 9), st.floats(0, 5), st.floats(0, 30), st.floats(0, 60)),
    st.integers(1, 40),
    st.none() | st.floats(0, 1e9),
    st.floats(0, 1, exclude_max=True),
)
def test_a_wait_is_jittered_bounded_and_keeps_the_servers_wish(
    backoff: Backoff, attempt: int, wish: float | None, random: float
) -> None:
    seconds = wait_before(backoff, attempt, wish, random)
    if wish is None:
        assert 0 <= seconds <= min(backoff.longest, backoff.base * 2.0 ** (attempt - 1))
    else:
        assert min(wish, backoff.cap) <= seconds <= backoff.cap + 1


@given(st.integers(1, 6), st.integers(0, 8), st.floats(0.01, 50))
def test_attempts_are_bounded_and_end_before_the_deadline(allowed: int, failing: int, deadline: float) -> None:
    clock = Clock()
    made: list[int] = []

    def call(attempt: int) -> str:
        made.append(attempt)
        if len(made) <= failing:
            raise BUSY
        return "answer"

    def left() -> float:
        return deadline - clock.time

    backoff = Backoff(attempts=allowed, base=1.0)
    try:
        result = attempts(call, backoff, random=lambda: 0.99, sleep=clock.sleep, left=left)
    except ProviderError:
        result = "failed"
    assert made == list(range(1, len(made) + 1))
    assert len(made) <= allowed
    assert clock.time < deadline
    if failing < allowed and deadline > 45:
        assert result == "answer"


def test_an_error_that_cannot_be_helped_is_raised_at_once() -> None:
    def call(_: int) -> str:
        raise ProviderError("wrong key", fatal=True)

    with pytest.raises(ProviderError, match="wrong key"):
        attempts(call, Backoff(), random=lambda: 0.0, sleep=lambda _: pytest.fail("slept"), left=lambda: 99.0)


def test_the_breaker_opens_half_opens_and_closes() -> None:
    clock = Clock()
    breaker = Breaker(clock, threshold=2, cooldown=10)
    breaker.failed(BUSY)
    assert breaker.refusal("x") is None
    breaker.failed(BUSY)
    assert "in a row" in str(breaker.refusal("x"))
    clock.time = 10
    assert breaker.refusal("x") is None  # one is let through
    assert breaker.refusal("x") is not None  # and only one
    breaker.failed(BUSY)
    assert breaker.refusal("x") is not None
    clock.time = 20
    assert breaker.refusal("x") is None
    breaker.succeeded()
    assert [breaker.refusal("x"), breaker.refusal("x")] == [None, None]


def test_errors_of_one_request_do_not_open_the_breaker_and_fatal_ones_do_for_good() -> None:
    clock = Clock()
    breaker = Breaker(clock, threshold=1)
    breaker.failed(ProviderError("too long"))
    assert breaker.refusal("x") is None
    fatal = ProviderError("wrong key", fatal=True)
    breaker.failed(fatal)
    clock.time = 1e9
    assert breaker.refusal("x") is fatal


def test_a_success_resets_the_count() -> None:
    breaker = Breaker(Clock(), threshold=2)
    for _ in range(5):
        breaker.failed(BUSY)
        breaker.succeeded()
    assert breaker.refusal("x") is None


@given(st.integers(1, 20), st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_input_tokens_never_pass_the_cap(room: int, used: list[int]) -> None:
    """As long as no call uses more than was estimated; one that does stops the next."""
    asked = request()
    cap = estimate(asked) * room
    purse = Purse(max_input_tokens=cap)
    spent, refused = 0, False
    for tokens in used:
        try:
            reserved = purse.reserve(asked, FACTS, lambda: False)
        except OverBudget:
            refused = True
            break
        took = min(tokens, estimate(asked))
        reserved.settle(Usage(calls=1, input_tokens=took))
        spent += took
    assert spent <= cap
    assert not refused or spent + estimate(asked) > cap


def test_a_call_that_failed_gives_its_reserve_back() -> None:
    asked = request()
    purse = Purse(max_input_tokens=estimate(asked))
    for _ in range(3):
        purse.reserve(asked, FACTS, lambda: False).settle(None)


def test_waiting_for_a_reserve_ends_when_the_run_does() -> None:
    asked = request()
    purse = Purse(max_input_tokens=estimate(asked))
    purse.reserve(asked, FACTS, lambda: False)
    with pytest.raises(OverBudget):
        purse.reserve(asked, FACTS, lambda: True)


def test_the_estimate_is_never_below_a_token_per_four_bytes() -> None:
    asked = request()
    assert estimate(asked) >= (len(asked.system_text) + len(asked.user_text)) / 4
