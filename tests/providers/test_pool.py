"""The pool: every request ends as exactly one outcome, whatever the providers, the clock and the user do."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.errors import ProviderError, UnreadableReply, UsageError
from reviewer.nouns.exchange import Block, Failure, Reply, Request, StopReason
from reviewer.nouns.progress import Event
from reviewer.nouns.review import Usage
from reviewer.providers import lookup
from reviewer.providers.call import Link
from reviewer.providers.models import ModelFacts, Prices
from reviewer.providers.pool import Limits, Pool
from reviewer.providers.purse import estimate
from tests.fakes.model_server import ANTHROPIC, OPENAI, Hang, ModelServer, Say, Seen, Status
from tests.providers.asking import QUICK, ask, failed, link, one, request

PRICED = lookup("anthropic", "claude-sonnet-5-5")
UNPRICED = lookup("openai", "some-model")
Behaviour = Callable[[Request], Reply]


def said(asked: Request, text: str = '{"findings": []}', stop: StopReason = StopReason.COMPLETE) -> Reply:
    return Reply(asked.id, text, stop, Usage(calls=1, input_tokens=10, output_tokens=5, cost_usd=0.01))


def acts(behaviour: Behaviour, name: str = "fake", facts: ModelFacts = PRICED) -> Link:
    return Link(name, behaviour, facts)


def raises(**how: bool) -> Behaviour:
    def behave(_: Request) -> Reply:
        raise ProviderError("no", "hint", **how)  # type: ignore[arg-type]

    return behave


BEHAVIOURS: dict[str, Behaviour] = {
    "fine": said,
    "unreadable": lambda asked: said(asked, "no"),
    "truncated": lambda asked: said(asked, "{", StopReason.TRUNCATED),
    "refused": lambda asked: said(asked, "", StopReason.REFUSED),
    "filtered": lambda asked: said(asked, "", StopReason.FILTERED),
    "busy": raises(retryable=True),
    "fatal": raises(fatal=True),
    "rejected": raises(),
    "bug": lambda asked: {}[asked],  # type: ignore[no-any-return]
    "panic": lambda asked: sys.exit(asked.id),
}
scripts = st.lists(st.lists(st.sampled_from(sorted(BEHAVIOURS)), min_size=1, max_size=6), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(scripts, st.integers(0, 12), st.integers(1, 5))
def test_every_request_ends_as_exactly_one_outcome(providers: list[list[str]], count: int, concurrency: int) -> None:
    calls = [0]

    def behave(script: list[str]) -> Behaviour:
        def behaviour(asked: Request) -> Reply:
            calls[0] += 1
            return BEHAVIOURS[script[calls[0] % len(script)]](asked)

        return behaviour

    chain = [acts(behave(script), f"p{n}") for n, script in enumerate(providers)]
    requests = [request(f"r{n}") for n in range(count)]
    pool = Pool(chain, Limits(concurrency=concurrency, backoff=QUICK))
    outcomes = list(pool(requests))
    assert sorted(outcome.request_id for outcome in outcomes) == sorted(asked.id for asked in requests)
    for outcome in outcomes:
        if isinstance(outcome, Reply):
            assert outcome.stop is StopReason.COMPLETE
            assert outcome.text == '{"findings": []}'
        else:
            assert outcome.error.message
    assert sum(outcome.usage.calls for outcome in outcomes) == calls[0]


def test_requests_run_at_once_but_no_more_than_allowed() -> None:
    with ModelServer(Say({"findings": []}), latency=0.1) as server:
        outcomes = ask(link(server, OPENAI), [request(f"r{n}") for n in range(12)], limits=Limits(concurrency=4))
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert server.most_at_once == 4


def test_the_wall_time_of_a_run_is_not_the_sum_of_its_calls() -> None:
    with ModelServer(Say({"findings": []}), latency=0.2) as server:
        made = link(server, OPENAI)
        made.open()
        began = time.monotonic()
        outcomes = ask(made, [request(f"r{n}") for n in range(8)])
        took = time.monotonic() - began
    assert 0.2 <= sum(outcome.usage.wall_seconds for outcome in outcomes) <= took + 0.05


@pytest.mark.parametrize("wire", [ANTHROPIC, OPENAI])
def test_a_stop_ends_hanging_calls_at_once(wire: str) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with ModelServer(Hang(30)) as server:
        made = link(server, wire)
        made.open()
        outcomes = ask(made, [request(f"r{n}") for n in range(20)], stop=stop)
    assert all("stopped" in failed([outcome]).error.message for outcome in outcomes)


def test_the_deadline_keeps_answers_that_came_and_fails_the_rest() -> None:
    def slow_second(seen: Seen) -> Say | Hang:
        return Hang(30) if "slow" in seen.user_text else Say({"findings": []})

    with ModelServer(slow_second) as server:
        made = link(server, OPENAI)
        made.open()
        limits = Limits(deadline=time.monotonic() + 1.5, backoff=QUICK)
        quick, slow = ask(made, [request("a"), request("b", user=(Block("slow"),))], limits=limits)
    assert isinstance(quick, Reply)
    assert isinstance(slow, Failure)


def test_a_wait_that_would_pass_the_deadline_is_not_begun() -> None:
    with ModelServer(Status(429, retry_after=20)) as server:
        failure = failed(ask(link(server, OPENAI), request(), limits=Limits(deadline=time.monotonic() + 5)))
    assert len(server.seen) == 1
    assert "429" in failure.error.message


def test_a_deadline_that_has_passed_asks_nobody() -> None:
    with ModelServer() as server:
        outcome = ask(link(server, OPENAI), request(), limits=Limits(deadline=time.monotonic() - 1))
    assert "--deadline" in failed(outcome).error.hint
    assert not server.seen


def test_a_fallback_answers_and_each_step_is_said() -> None:
    with ModelServer(Status(500)) as down, ModelServer(Say({"findings": ["x"]})) as up:
        reply = one(ask([link(down, ANTHROPIC), link(up, OPENAI)], request()))
    assert reply.provider == "openai"
    assert reply.usage.calls == 5
    (notice,) = reply.notices
    assert "anthropic:claude-sonnet-5-5 did not answer" in notice
    assert "openai:gpt-6.2-sol was asked instead" in notice


def test_a_notice_is_given_once_a_run() -> None:
    chain = [acts(raises(fatal=True), "a"), acts(said, "b")]
    pool = Pool(chain, Limits(concurrency=1))
    outcomes = [*pool([request("1"), request("2")]), *pool([request("3")])]
    assert [len(outcome.notices) for outcome in outcomes if isinstance(outcome, Reply)] == [1, 0, 0]


def test_when_nobody_answers_all_are_named() -> None:
    failure = failed(ask([acts(raises(), "a"), acts(raises(fatal=True), "b")], request()))
    assert "a:claude" in failure.error.message
    assert "b:claude" in failure.error.message


def test_a_provider_that_is_down_is_not_asked_for_every_request() -> None:
    with ModelServer(Status(503)) as server:
        outcomes = ask(
            link(server, OPENAI), [request(f"r{n}") for n in range(30)], limits=Limits(concurrency=1, backoff=QUICK)
        )
    assert len(server.seen) == 3 * 4  # three requests with all their attempts
    assert "in a row" in failed(outcomes[-1:]).error.message


def test_every_tenth_call_failing_loses_nothing() -> None:
    with ModelServer(lambda seen: Status(500) if seen.number % 10 == 0 else Say({"findings": []})) as server:
        outcomes = ask(link(server, ANTHROPIC), [request(f"r{n}") for n in range(60)])
    assert all(isinstance(outcome, Reply) for outcome in outcomes)


def test_input_tokens_are_capped_before_a_call() -> None:
    asked = [request(f"r{n}") for n in range(6)]
    cap = estimate(asked[0]) * 3
    with ModelServer(Say({"findings": []}, input_tokens=estimate(asked[0]))) as server:
        outcomes = ask(link(server, OPENAI), asked, limits=Limits(max_input_tokens=cap, concurrency=4))
    assert len(server.seen) == 3
    refused = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    assert len(refused) == 3
    assert "budget" in refused[0].error.message
    assert refused[0].usage.calls == 0


def test_a_cost_cap_is_never_passed_and_waits_for_calls_under_way() -> None:
    facts = replace(PRICED, prices=Prices(input=1.0, output=1.0, cached=1.0, cache_write=1.0), longest_answer=1000)
    one_call = (estimate(request()) + 1000) / 1e6

    def cheap(asked: Request) -> Reply:
        time.sleep(0.01)
        return replace(said(asked), usage=Usage(calls=1, cost_usd=one_call / 10))

    limits = Limits(max_cost_usd=one_call * 1.5, concurrency=4)
    outcomes = ask(acts(cheap, facts=facts), [request(f"r{n}") for n in range(30)], limits=limits)
    answered = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
    assert 5 <= len(answered) <= 15
    assert sum(outcome.usage.cost_usd or 0 for outcome in answered) <= limits.max_cost_usd


def test_a_cost_cap_without_a_price_is_refused_at_the_start() -> None:
    with pytest.raises(UsageError, match="no price"):
        Pool([acts(said, facts=UNPRICED)], Limits(max_cost_usd=1.0))


def test_over_budget_is_not_taken_to_the_next_provider() -> None:
    asked: list[str] = []

    def other(request_: Request) -> Reply:
        asked.append(request_.id)
        return said(request_)

    failed(ask([acts(said, "a"), acts(other, "b")], request(), limits=Limits(max_input_tokens=1)))
    assert not asked


def test_events_tell_of_each_call_and_carry_no_contents() -> None:
    events: list[Event] = []
    with ModelServer([Status(429, "the change said X"), Say({"findings": ["F"]}, input_tokens=9)]) as server:
        one(ask(link(server, OPENAI), request(user=(Block("X"),)), progress=events.append))
    assert [event.name for event in events] == ["call.started", "call.finished"] * 2
    assert events[1].fields["outcome"] == "failed"
    assert events[1].fields["error"] == "openai answered 429"
    last = events[3].fields
    assert (last["attempt"], last["input_tokens"], last["purpose"], last["request"]) == (2, 9, "review", "r1")
    assert last["provider_request_id"]
    assert isinstance(last["seconds"], float)
    assert not any("X" in str(event.fields.values()) for event in events)


def test_the_first_of_many_gets_a_head_start_to_fill_the_cache() -> None:
    at: list[float] = []

    def watch(_: Seen) -> Say:
        at.append(time.monotonic())
        return Say({"findings": []})

    prefix = (Block("You are " + "long " * 4000, cache=True),)
    with ModelServer(watch, latency=0.5) as server:
        made = link(server, ANTHROPIC)
        made.open()
        requests = [request(f"r{n}", system=prefix) for n in range(6)]
        ask(made, requests, limits=Limits(concurrency=3))
        many = at.copy()
        at.clear()
        ask(made, requests[:3], limits=Limits(concurrency=3))
    assert many[1] - many[0] >= 0.4  # the others began when the first had answered
    assert max(at) - min(at) < 0.4  # few calls: no head start


def test_a_fault_of_ours_is_a_failure_of_that_request_only() -> None:
    def bad(asked: Request) -> Reply:
        if asked.id == "r1":
            raise ZeroDivisionError
        return said(asked)

    first, second = ask(acts(bad), [request("r1"), request("r2")])
    assert "ZeroDivisionError" in failed([first]).error.message
    assert isinstance(second, Reply)


def test_a_correction_quotes_the_problem_without_interpreting_it() -> None:
    problem = "{schema} {problem} {0} %s"
    seen: list[str] = []

    def picky(text: str) -> object:
        if len(seen) == 1:
            raise UnreadableReply(problem)
        return text

    def note(asked: Request) -> Reply:
        seen.append(asked.user_text)
        return said(asked)

    one(ask(acts(note), request(accept=picky)))
    assert problem in seen[1]
    assert seen[1].count('"additionalProperties":false') == 1


def test_ids_must_be_unique() -> None:
    with pytest.raises(ValueError, match="unique"):
        ask(acts(said), [request("a"), request("a")])


def test_nothing_asked_nothing_answered() -> None:
    assert ask(acts(said), []) == []


@pytest.mark.parametrize("wire", [ANTHROPIC, OPENAI])
def test_many_runs_leave_no_threads_and_no_sockets(wire: str) -> None:
    with ModelServer(Say({"findings": []})) as server:
        ask(link(server, wire), [request(f"r{n}") for n in range(8)])
        time.sleep(0.1)
        threads, files = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(20):
            ask(link(server, wire), [request(f"r{n}") for n in range(8)])
        time.sleep(0.2)
        assert threading.active_count() <= threads + 2
        assert len(list(Path("/proc/self/fd").iterdir())) <= files + 4
