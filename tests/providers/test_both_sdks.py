"""Both providers through their real SDKs against the loopback server: every answer and every fault, same outcome."""

from __future__ import annotations

import dataclasses
import gzip
import json
import random
import time

import pytest

from reviewer.errors import ProviderError, UnreadableReply
from reviewer.nouns.exchange import Block, StopReason
from reviewer.providers.models import lookup
from reviewer.providers.pool import Limits
from reviewer.providers.retry import Backoff
from tests.fakes.model_server import ANTHROPIC, OPENAI, Answer, Drip, Hang, ModelServer, Raw, Reset, Say, Seen, Status
from tests.fakes.model_wire import answer
from tests.providers.asking import KEY, MODELS, PERSONA, QUICK, SCHEMA, ask, connection, failed, link, one, request

GOOD = Say({"findings": ["a"]}, input_tokens=100, cached=60, written=10, output_tokens=20)
FAULTS = [Status(429), Status(503, retry_after=0), Reset(), Hang(0.1), Raw(b"<html>", "text/html")]
pytestmark = pytest.mark.parametrize("wire", [ANTHROPIC, OPENAI])


def test_an_answer_comes_back_with_its_cost(wire: str) -> None:
    with ModelServer(GOOD) as server:
        reply = one(ask(link(server, wire), request()))
    assert reply.text == '{"findings": ["a"]}'
    assert reply.stop is StopReason.COMPLETE
    assert (reply.provider, reply.model, reply.attempts) == (wire, MODELS[wire], 1)
    usage = reply.usage
    assert (usage.calls, usage.input_tokens, usage.cached_input_tokens, usage.output_tokens) == (1, 100, 60, 20)
    assert usage.cost_usd == pytest.approx((30 * 2.0 + 60 * 0.10 + 10 * 2.5 + 20 * 10.0) / 1e6)
    assert usage.retries == 0
    assert reply.provider_request_id


def test_the_system_prompt_begins_with_the_persona_and_nothing_is_lost(wire: str) -> None:
    asked = request(
        system=(Block(PERSONA), Block("\n\ncontract {braces}\n", cache=True)), user=(Block("a"), Block("b"))
    )
    with ModelServer(GOOD) as server:
        one(ask(link(server, wire), asked))
    assert server.seen[0].system_text == asked.system_text
    assert server.seen[0].user_text == "ab"


def test_the_schema_is_sent_as_a_schema(wire: str) -> None:
    with ModelServer(GOOD) as server:
        one(ask(link(server, wire), request()))
    schema = server.seen[0].schema
    assert schema is not None
    assert schema["required"] == ["findings"]
    assert schema["additionalProperties"] is False
    assert "temperature" not in server.seen[0].body


@pytest.mark.parametrize("code", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_busy_provider_is_asked_again(wire: str, code: int) -> None:
    with ModelServer([Status(code), Status(code, retry_after=0), GOOD]) as server:
        reply = one(ask(link(server, wire), request()))
    assert reply.attempts == 3
    assert reply.usage.retries == 2
    assert reply.usage.calls == 3
    assert len(server.seen) == 3  # the SDKs' own retries are off


@pytest.mark.parametrize("fault", [Reset(), Raw(b"<html>gateway</html>", "text/html"), Raw(b"{not json"), Raw(b"[]")])
def test_a_broken_answer_is_asked_again(wire: str, fault: Raw | Reset) -> None:
    with ModelServer([fault, GOOD]) as server:
        reply = one(ask(link(server, wire), request()))
    assert reply.attempts == 2


@pytest.mark.parametrize("code", [401, 402, 403, 404])
def test_a_fatal_error_ends_the_asking_at_once_and_for_all(wire: str, code: int) -> None:
    with ModelServer(Status(code, "no")) as server:
        outcomes = ask(link(server, wire), [request("a"), request("b")], limits=Limits(concurrency=1))
    assert len(server.seen) == 1
    for outcome in outcomes:
        error = failed([outcome]).error
        assert error.fatal
        assert str(code) in error.message
        assert error.hint


def test_a_request_that_is_too_long_says_so_and_is_not_repeated(wire: str) -> None:
    with ModelServer(Status(400, "prompt is too long: 300000 tokens > 200000 maximum context length")) as server:
        error = failed(ask(link(server, wire), request())).error
    assert len(server.seen) == 1
    assert "context" in error.hint
    assert not error.fatal


@pytest.mark.parametrize(("stop", "word"), [("refused", "refused"), ("filtered", "filter")])
def test_a_refusal_is_a_failure_never_an_empty_review(wire: str, stop: str, word: str) -> None:
    with ModelServer(Say('{"findings": []}', stop=stop, refusal_category="cyber")) as server:
        failure = failed(ask(link(server, wire), request()))
    assert len(server.seen) == 1
    assert failure.usage.calls == 1
    assert failure.usage.output_tokens > 0
    assert word in failure.error.message or "refused" in failure.error.message


def test_a_cut_answer_gets_one_longer_try(wire: str) -> None:
    with ModelServer([Say('{"findings": [', stop="truncated"), GOOD]) as server:
        reply = one(ask(link(server, wire), request(max_output_tokens=1000)))
    assert reply.stop is StopReason.COMPLETE
    assert server.seen[1].answer_limit > server.seen[0].answer_limit
    assert reply.usage.calls == 2


def test_an_answer_cut_twice_is_a_failure(wire: str) -> None:
    with ModelServer(Say('{"findings": []}', stop="truncated")) as server:
        failure = failed(ask(link(server, wire), request()))
    assert "cut off" in failure.error.message
    assert failure.usage.calls == len(server.seen) == 2


@pytest.mark.parametrize("text", ["not json", "", '{"findings": "none"}', "[]"])
def test_an_unreadable_answer_gets_one_corrective_try(wire: str, text: str) -> None:
    with ModelServer([Say(text), GOOD]) as server:
        reply = one(ask(link(server, wire), request()))
    assert reply.text == GOOD.words
    second = server.seen[1]
    assert second.user_text.startswith("The change.")
    assert "could not be used" in second.user_text
    assert second.system_text == server.seen[0].system_text  # the cached prefix is not touched


def test_two_unreadable_answers_are_a_failure(wire: str) -> None:
    with ModelServer(Say("Looks good to me!")) as server:
        failure = failed(ask(link(server, wire), request()))
    assert isinstance(failure.error, UnreadableReply)
    assert len(server.seen) == 2
    assert failure.attempts == 2


def test_a_server_that_hangs_is_given_up(wire: str) -> None:
    with ModelServer([Hang(30), GOOD]) as server:
        reply = one(ask(link(server, wire), request(), limits=Limits(call_seconds=0.3, backoff=QUICK)))
    assert reply.attempts == 2


@pytest.mark.parametrize("headers", [False, True])
def test_a_server_that_drips_cannot_pass_the_deadline(wire: str, headers: bool) -> None:
    with ModelServer(Drip(GOOD, pause=0.02, headers=headers)) as server:  # would take more than 8 s
        made = link(server, wire, timeout=0.4)
        made.open()
        outcome = ask(made, request(), limits=Limits(deadline=time.monotonic() + 1.0, backoff=QUICK))
    assert failed(outcome).error.message


def test_a_server_that_rejects_the_schema_is_asked_without(wire: str) -> None:
    def picky(seen: Seen) -> Say | Status:
        if seen.schema is not None:
            return Status(400, "Invalid parameter: json_schema is not supported with this model")
        return GOOD

    with ModelServer(picky) as server:
        made = link(server, wire)
        reply = one(ask(made, request()))
        calls = len(server.seen)
        one(ask(made, request()))
    assert reply.attempts == 1
    assert len(server.seen) == calls + 1  # the run remembers
    assert reply.usage.calls == calls
    assert any("JSON Schema" in notice for notice in reply.notices)
    assert '"findings"' in server.seen[-1].user_text  # the form is in the prompt instead


def test_keys_never_show(wire: str) -> None:
    with ModelServer(Status(400, f"bad key {KEY} in Authorization")) as server:
        made = connection(server, wire)
        error = failed(ask(link(server, wire), request())).error
    assert KEY not in repr(made)
    assert KEY not in f"{error} {error.message} {error.hint} {error!r} {error.__cause__!r} {error.__context__!r}"
    assert "***" in error.message


def test_a_missing_key_is_said_before_any_call(wire: str) -> None:
    from reviewer.providers import connect
    from reviewer.providers.call import Link

    made = connect(wire, key="")
    error = failed(ask(Link(wire, made, made.facts), request())).error
    assert error.fatal
    assert f"{wire.upper()}_API_KEY" in error.hint


def test_a_dead_address_is_retryable_and_says_where(wire: str) -> None:
    with ModelServer() as server:
        made = link(server, wire)
    error = failed(ask(made, request())).error
    assert error.retryable
    assert server.anthropic_url in error.message


def test_effort_goes_to_models_that_know_it(wire: str) -> None:
    with ModelServer(GOOD) as server:
        one(ask(link(server, wire), request(effort="high")))
        one(ask(link(server, wire, model="some-local-model"), request(effort="high")))
    knows, not_ = (str(seen.body) for seen in server.seen)
    assert "effort" in knows
    assert "effort" not in not_


def test_a_local_model_gets_a_small_window_and_no_cost(wire: str) -> None:
    with ModelServer(Say({"findings": []})) as server:
        reply = one(ask(link(server, wire, model="qwen2.5-coder"), request(max_output_tokens=50_000)))
    assert reply.usage.cost_usd is None
    assert server.seen[0].answer_limit == lookup(wire, "qwen2.5-coder").max_output


def test_a_wish_to_wait_is_kept_up_to_the_cap(wire: str) -> None:
    waits: list[float] = []
    backoff = Backoff(base=0.0, cap=30.0)
    with ModelServer([Status(429, retry_after=7), Status(429, retry_after=3600), GOOD]) as server:
        ask(link(server, wire), request(), limits=Limits(backoff=backoff), sleep=waits.append)
    assert waits == [7.0, 30.0]


def test_a_compressed_answer_is_read_and_a_bomb_is_not(wire: str) -> None:
    seen = Seen(wire, 1, {"model": "m", "messages": []}, {})
    # text that cannot be compressed stands for what becomes huge: an answer is judged before it is unpacked
    dense = Say({"findings": [random.Random(1).randbytes(300_000).hex()]})
    bomb, fine = (
        Raw(gzip.compress(json.dumps(answer(seen, say)).encode()), headers={"content-encoding": "gzip"})
        for say in (dense, GOOD)
    )
    with ModelServer([bomb, fine]) as server:
        reply = one(ask(link(server, wire), request()))
    assert reply.attempts == 2
    assert reply.text == GOOD.words


def test_a_dripping_body_is_ended_by_the_connection_itself(wire: str) -> None:
    with ModelServer(Drip(GOOD, pause=0.02)) as server:
        made = connection(server, wire, timeout=0.3)
        made.open()
        with pytest.raises(ProviderError, match="in time") as raised:
            made(request())  # the whole body would have come, in 8 s
    assert raised.value.retryable


def test_an_endless_answer_is_cut_off(wire: str) -> None:
    good = json.dumps(answer(Seen(wire, 1, {"model": "m", "messages": []}, {}), GOOD)).encode()
    with ModelServer([Raw(good + b" " * 33 * 1024 * 1024), GOOD]) as server:  # it could be read, were it not so long
        assert one(ask(link(server, wire), request())).attempts == 2


def test_the_change_follows_no_redirect_to_another_server(wire: str) -> None:
    with ModelServer(GOOD) as elsewhere:
        moved = Status(307, headers={"location": f"{elsewhere.anthropic_url}/v1/messages"})
        with ModelServer(moved) as server:
            error = failed(ask(link(server, wire), request())).error
    assert "307" in error.message
    assert not elsewhere.seen


def test_half_characters_break_nothing(wire: str) -> None:
    broken = Raw(
        json.dumps(answer(Seen(wire, 1, {"model": "m", "messages": []}, {}), Say({"findings": ["\ud800"]}))).encode()
    )
    with ModelServer(broken) as server:
        reply = one(ask(link(server, wire), request(user=(Block("a \udc80 b"),))))
    assert reply.text.encode("utf-8")
    assert server.seen[0].user_text == "a ? b"


@pytest.mark.parametrize("key", ["sk secret", "sk-se\ncret", "sk-“secret”", "sk-secret\x00"])
def test_a_damaged_key_is_said_without_showing_it(wire: str, key: str) -> None:
    with ModelServer(GOOD) as server:
        error = failed(ask(link(server, wire, key=key), request())).error
    assert "damaged" in error.message
    assert error.fatal
    assert "secret" not in f"{error!r} {error.hint}"
    assert not server.seen


@pytest.mark.parametrize("first", FAULTS)
@pytest.mark.parametrize("second", FAULTS)
def test_any_two_faults_in_a_row_at_any_call_lose_nothing(wire: str, first: Answer, second: Answer) -> None:
    for at in (1, 3):
        script = [GOOD] * 6
        script[at : at + 2] = [first, second]  # type: ignore[list-item]
        with ModelServer(script) as server:
            made = link(server, wire)
            outcomes = ask(
                made,
                [request(f"r{n}") for n in range(3)],
                limits=Limits(concurrency=1, call_seconds=0.5, backoff=QUICK),
            )
        assert [one([outcome]).text for outcome in outcomes] == [GOOD.words] * 3


def test_blocks_marked_for_the_cache_say_so(wire: str) -> None:
    with ModelServer(GOOD) as server:
        one(ask(link(server, wire), request()))
    body = server.seen[0].body
    if wire == ANTHROPIC:
        assert "cache_control" not in body["system"][0]
        assert body["system"][1]["cache_control"] == {"type": "ephemeral"}
    else:
        assert body["prompt_cache_key"].startswith("design-reviewer-")


def test_the_request_is_not_changed_by_sending_it(wire: str) -> None:
    asked = request()
    before = dataclasses.asdict(dataclasses.replace(asked, accept=None))
    with ModelServer(GOOD) as server:
        one(ask(link(server, wire), asked))
    assert dataclasses.asdict(dataclasses.replace(asked, accept=None)) == before
    assert SCHEMA["properties"]["findings"]["maxItems"] == 5
