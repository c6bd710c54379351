"""Asking through the vendors' batch APIs, against a server held to their types."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.errors import UsageError
from reviewer.nouns.exchange import Failure, Reply, Request
from reviewer.nouns.progress import Event
from reviewer.providers import batches, lookup
from reviewer.providers.audit import auditing
from reviewer.providers.batching import BatchPool, Delivered
from reviewer.providers.call import Link
from reviewer.providers.case import Case, chunks
from reviewer.providers.models import batched
from reviewer.providers.pool import Limits
from reviewer.providers.record import recording, replay
from tests.fakes.batch_server import BatchServer, Expired, Garbage, Missing
from tests.fakes.model_server import ModelServer, Say, Seen, Status
from tests.providers.asking import KEY, MODELS, QUICK, request

WIRES = ["anthropic", "openai"]
FOUND = Say({"findings": ["a"]}, input_tokens=1_000_000, output_tokens=1_000)


class Clock:
    """Time that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def pool_at(
    server: ModelServer,
    wire: str,
    *,
    limits: Limits | None = None,
    clock: Clock | None = None,
    model: str = "",
    wrap: Callable[[Any], Any] = lambda provider: provider,
    **options: Any,
) -> BatchPool:
    facts = batched(lookup(wire, model or MODELS[wire]))
    api = batches.connect(wire, facts, key=KEY, base_url=server.url(wire), timeout=5.0)
    delivered = Delivered()
    time = clock or Clock()
    return BatchPool(
        Link(wire, wrap(delivered), facts),
        api,
        delivered,
        limits or Limits(backoff=QUICK),
        clock=time,
        sleep=time.sleep,
        secrets=(KEY,),
        **options,
    )


def ask(server: ModelServer, wire: str, requests: Sequence[Request], **options: Any) -> dict[str, Reply | Failure]:
    pool = pool_at(server, wire, **options)
    try:
        outcomes = list(pool(requests))
    finally:
        pool.close()
    found = {outcome.request_id: outcome for outcome in outcomes}
    assert len(found) == len(outcomes) == len(requests)
    return found


def names(count: int) -> list[Request]:
    return [request(f"b{number}: any id", user=request().user) for number in range(count)]


def by_number(answers: dict[int, Any]) -> Callable[[Seen], Any]:
    return lambda seen: answers.get(seen.number, FOUND)


def reply(outcome: Reply | Failure) -> Reply:
    assert isinstance(outcome, Reply), outcome
    return outcome


def failure(outcome: Reply | Failure) -> Failure:
    assert isinstance(outcome, Failure), outcome
    return outcome


@pytest.mark.parametrize("wire", WIRES)
def test_many_requests_are_one_batch_at_half_the_price(wire: str) -> None:
    with BatchServer(FOUND, looks=3) as server:
        found = ask(server, wire, names(20))
    assert [len(batch.lines) for batch in server.batches] == [20]
    price = lookup(wire, MODELS[wire]).cost(fresh=1_000_000, output=1_000)
    assert price is not None
    for outcome in found.values():
        usage = reply(outcome).usage
        assert usage.cost_usd == pytest.approx(price / 2)
        assert (usage.calls, usage.retries) == (1, 0)


@pytest.mark.parametrize("wire", WIRES)
def test_answers_reach_the_request_they_belong_to(wire: str) -> None:
    def echo(seen: Seen) -> Say:
        return Say({"findings": [seen.user_text.removeprefix("change ")]})

    requests = [request(f"id {n}", user=(type(request().user[0])(f"change {n}"),)) for n in range(7)]
    with BatchServer(echo) as server:
        found = ask(server, wire, requests)
    assert {name: json.loads(reply(one).text)["findings"] for name, one in found.items()} == {
        f"id {n}": [str(n)] for n in range(7)
    }


@pytest.mark.parametrize("wire", WIRES)
def test_what_the_provider_keeps_is_deleted_once_read(wire: str) -> None:
    with BatchServer(by_number({1: Status(500), 2: FOUND})) as server:
        ask(server, wire, names(2))
    assert server.files == {}
    if wire == "anthropic":
        assert all(batch.deleted for batch in server.batches)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("status", [500, 404])
def test_deleting_is_tried_again_and_what_is_gone_is_gone(wire: str, status: int) -> None:
    with BatchServer(FOUND, trouble={"DELETE .*": [Status(status)]}) as server:
        found = ask(server, wire, names(1))
    assert reply(*found.values()).notices == ()
    if status == 500:
        assert server.files == {}


@pytest.mark.parametrize("wire", WIRES)
def test_a_batch_that_cannot_be_deleted_is_told(wire: str) -> None:
    with BatchServer(FOUND, trouble={"DELETE .*": [Status(403)] * 9}) as server:
        found = ask(server, wire, names(2))
    told = [notice for outcome in found.values() for notice in reply(outcome).notices]
    assert len(told) == 1
    assert "could not be deleted" in told[0]


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("answer", [Expired(), Missing(), Garbage(), Status(401), Say("{}", stop="refused")])
def test_one_request_that_fails_takes_no_other_with_it(wire: str, answer: Any) -> None:
    with BatchServer(by_number({2: answer})) as server:
        found = ask(server, wire, names(3))
    outcomes = list(found.values())
    assert sum(isinstance(outcome, Reply) for outcome in outcomes) == 2
    failed = next(outcome for outcome in outcomes if isinstance(outcome, Failure))
    assert failed.error.message
    assert len(server.batches) == 1


@pytest.mark.parametrize("wire", WIRES)
def test_a_batch_without_any_answer_fails_each_request(wire: str) -> None:
    with BatchServer(Missing()) as server:
        found = ask(server, wire, names(2))
    assert all("no answer" in failure(outcome).error.message for outcome in found.values())


@pytest.mark.parametrize("wire", WIRES)
def test_an_unreadable_answer_is_corrected_in_a_second_small_batch(wire: str) -> None:
    with BatchServer(by_number({2: Say("I found nothing.")})) as server:
        found = ask(server, wire, names(3))
    assert [len(batch.lines) for batch in server.batches] == [3, 1]
    assert "not JSON" in server.seen[3].user_text
    corrected = [reply(outcome) for outcome in found.values() if outcome.attempts == 2]
    assert len(corrected) == 1
    assert corrected[0].usage.calls == 2
    assert corrected[0].usage.retries == 1


@pytest.mark.parametrize("wire", WIRES)
def test_unreadable_twice_is_a_failure(wire: str) -> None:
    with BatchServer(Say("no")) as server:
        found = ask(server, wire, names(1))
    failed = failure(*found.values())
    assert "no readable answer" in failed.error.message
    assert failed.usage.calls == 2
    assert len(server.batches) == 2


@pytest.mark.parametrize("wire", WIRES)
def test_an_answer_cut_off_gets_more_room_once(wire: str) -> None:
    with BatchServer(by_number({1: Say("{", stop="truncated")})) as server:
        found = ask(server, wire, names(1))
    reply(*found.values())
    assert server.seen[1].answer_limit > server.seen[0].answer_limit


@pytest.mark.parametrize("wire", WIRES)
def test_a_fault_of_the_provider_is_handed_in_once_more(wire: str) -> None:
    with BatchServer(by_number({1: Status(500), 3: Status(529), 4: Status(529)})) as server:
        found = ask(server, wire, names(3))
    assert [len(batch.lines) for batch in server.batches] == [3, 2]
    assert sum(isinstance(outcome, Failure) for outcome in found.values()) == 1


@pytest.mark.parametrize("wire", WIRES)
def test_a_server_that_rejects_the_schema_is_asked_in_words(wire: str) -> None:
    def picky(seen: Seen) -> Any:
        return Status(400, "json_schema is not supported") if seen.schema is not None else FOUND

    with BatchServer(picky) as server:
        found = ask(server, wire, names(2))
    assert [len(batch.lines) for batch in server.batches] == [2, 2]
    assert any("JSON Schema" in notice for outcome in found.values() for notice in reply(outcome).notices)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("status", [404, 405])
def test_a_server_without_a_batch_api_is_told_with_the_way_out(wire: str, status: int) -> None:
    with BatchServer(trouble={"POST .*": [Status(status)]}) as server:
        found = ask(server, wire, names(2))
    for outcome in found.values():
        error = failure(outcome).error
        assert "has no batch API" in error.message
        assert "--batch" in error.hint
        assert error.fatal
    assert len(server.calls) == 1


def test_a_plain_model_server_has_no_batch_api() -> None:
    with ModelServer(FOUND) as server:
        found = ask(server, "anthropic", names(1))
    assert "no batch API" in failure(*found.values()).error.message


@pytest.mark.parametrize("wire", WIRES)
def test_a_busy_server_is_asked_again_to_take_the_batch(wire: str) -> None:
    with BatchServer(FOUND, trouble={"POST .*/batches": [Status(429), Status(503)]}) as server:
        found = ask(server, wire, names(1))
    reply(*found.values())
    assert len(server.batches) == 1


@pytest.mark.parametrize("wire", WIRES)
def test_an_outage_while_waiting_loses_nothing(wire: str) -> None:
    trouble = {"GET .*/batches/[^/]*": [Status(503)] * 30, "GET .*(results|content)": [Status(500)]}
    with BatchServer(FOUND, trouble=trouble) as server:
        found = ask(server, wire, names(1))
    reply(*found.values())


@pytest.mark.parametrize("wire", WIRES)
def test_answers_that_cannot_be_read_are_left_at_the_provider(wire: str) -> None:
    with BatchServer(FOUND, trouble={"GET .*(results|content)": [Status(500)] * 9}) as server:
        found = ask(server, wire, names(2))
    assert all("500" in failure(outcome).error.message for outcome in found.values())
    assert len(server.batches) == 1
    assert not [call for call in server.calls if call.startswith("DELETE")]


@pytest.mark.parametrize("wire", WIRES)
def test_looks_grow_rare(wire: str) -> None:
    clock = Clock()
    with BatchServer(FOUND, looks=20) as server:
        ask(server, wire, names(1), clock=clock)
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[0] == 1.0
    assert clock.slept[-1] == 60.0
    assert len(clock.slept) == 20


@pytest.mark.parametrize("wire", WIRES)
def test_the_deadline_cancels_the_batch_and_keeps_what_was_answered(wire: str) -> None:
    clock = Clock()
    with BatchServer(FOUND, looks=0, answered=2) as server:
        found = ask(server, wire, names(5), clock=clock, limits=Limits(deadline=100.0, backoff=QUICK))
    assert [batch.cancelled for batch in server.batches] == [True]
    assert sum(isinstance(outcome, Reply) for outcome in found.values()) == 2
    failed = [outcome for outcome in found.values() if isinstance(outcome, Failure)]
    assert len(failed) == 3
    assert all("deadline" in one.error.message for one in failed)
    assert clock.now <= 200.0


@pytest.mark.parametrize("wire", WIRES)
def test_a_stop_cancels_at_once(wire: str) -> None:
    stop = threading.Event()

    def progress(event: Event) -> None:
        if event.name == "batch.submitted":
            stop.set()

    with BatchServer(FOUND, looks=0) as server:
        found = ask(server, wire, names(3), stop=stop, progress=progress)
    assert [batch.cancelled for batch in server.batches] == [True]
    assert all("stopped" in failure(outcome).error.message for outcome in found.values())


@pytest.mark.parametrize("wire", WIRES)
def test_after_the_deadline_nothing_is_handed_in(wire: str) -> None:
    with BatchServer(FOUND) as server:
        found = ask(server, wire, names(1), limits=Limits(deadline=0.0))
    assert "deadline" in failure(*found.values()).error.message
    assert server.calls == []


def test_a_batch_openai_turns_down_says_why() -> None:
    with BatchServer(FOUND, rejects="Enqueued token limit reached for gpt-6.2-sol") as server:
        found = ask(server, "openai", names(2))
    assert all("Enqueued token limit" in failure(outcome).error.message for outcome in found.values())


def test_the_budget_is_kept_over_the_batch() -> None:
    with BatchServer(FOUND) as server:
        found = ask(server, "anthropic", names(5), limits=Limits(max_input_tokens=250, backoff=QUICK))
    assert 0 < len(server.batches[0].lines) < 5
    refused = [outcome for outcome in found.values() if isinstance(outcome, Failure)]
    assert all("budget" in outcome.error.message for outcome in refused)


def test_a_cap_in_dollars_needs_a_price() -> None:
    with BatchServer(FOUND) as server, pytest.raises(UsageError, match="no price"):
        pool_at(server, "openai", model="local-model", limits=Limits(max_cost_usd=1.0))


def test_recording_and_audit_trail_take_part(tmp_path: Path) -> None:
    def wrap(provider: Any) -> Any:
        audited = auditing(provider, tmp_path / "audit.jsonl", to="here", model="m")
        return recording(audited, tmp_path / "recorded", secrets=(KEY,))

    requests = names(1)
    with BatchServer(by_number({1: Say("no")})) as server:
        said = reply(*ask(server, "openai", requests, wrap=wrap).values()).text
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [line["request"] for line in lines] == [requests[0].id] * 2
    assert all("reply_sha256" in line for line in lines)
    recorded = sorted((tmp_path / "recorded").iterdir())
    assert len(recorded) == 2
    assert replay(tmp_path / "recorded")(requests[0]).text == "no"
    assert said in {json.loads(path.read_text())["reply"]["text"] for path in recorded}


def test_calls_and_batches_are_told() -> None:
    events: list[Event] = []
    with BatchServer(by_number({1: Status(401)}), looks=2) as server:
        ask(server, "openai", names(2), progress=events.append)
    told = [event.name for event in events]
    assert told.count("call.started") == told.count("call.finished") == 2
    assert told.index("batch.submitted") < told.index("batch.waiting")
    assert {event.fields["outcome"] for event in events if event.name == "call.finished"} == {"failed", "complete"}


def test_a_log_that_goes_away_loses_no_answer() -> None:
    def broken(event: Event) -> None:
        raise BrokenPipeError

    with BatchServer(FOUND) as server:
        reply(*ask(server, "openai", names(1), progress=broken).values())


def test_a_key_quoted_by_the_server_is_masked() -> None:
    with BatchServer(by_number({1: Status(401, f"bad key {KEY}")})) as server:
        found = ask(server, "anthropic", names(1))
    assert KEY not in failure(*found.values()).error.message


def test_a_server_that_is_not_there_is_a_failure() -> None:
    with BatchServer(FOUND) as server:
        pass
    found = ask(server, "openai", names(1), limits=Limits(deadline=5.0, backoff=QUICK))
    assert "cannot be reached" in failure(*found.values()).error.message


@given(st.lists(st.integers(0, 40_000), max_size=30), st.integers(1, 5))
def test_chunks_keep_every_request_in_order_and_inside_the_limits(sizes: list[int], most: int) -> None:
    block = type(request().user[0])
    cases = [Case(one, one) for n, size in enumerate(sizes) if (one := request(f"{n}", user=(block("x" * size),)))]
    made = list(chunks(cases, most, 50_000))
    assert [case for group in made for case in group] == cases
    assert all(0 < len(group) <= most for group in made)
    assert all(sum(len(case.asked.user_text) for case in group) <= 50_000 for group in made if len(group) > 1)
