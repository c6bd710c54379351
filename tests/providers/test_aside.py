"""The SDK in its own process answers as it does in this one, and its death costs one call, not the review."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewer.child import Child, without_secrets
from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Failure, Reply
from reviewer.providers import connect
from reviewer.providers.aside import Aside
from reviewer.providers.call import Link
from reviewer.providers.connection import Account, Rejection
from reviewer.providers.models import lookup
from reviewer.providers.openai_api import Sdk
from reviewer.providers.pool import Limits
from tests.fakes.model_server import ANTHROPIC, OPENAI, Answer, Hang, ModelServer, Say, Seen, Status
from tests.providers.asking import KEY, MODELS, QUICK, ask, failed, link, one, request

GOOD = Say({"findings": ["a"]}, input_tokens=100, cached=60, written=10, output_tokens=20)


@contextmanager
def started(provider: str, environment: Mapping[str, str] | None = None) -> Iterator[Aside]:
    with Child("reviewer.providers.asker", environment or {}) as child:
        child.pipe.send(provider)
        yield Aside(child, provider)


def away(server: ModelServer, aside: Aside, *, key: str = KEY) -> Link:
    """A link whose calls are made in the other process. The server loads the SDK too, to check what it is sent."""
    wire = aside.provider
    base = server.anthropic_url if wire == ANTHROPIC else server.openai_url
    made = connect(wire, MODELS[wire], key=key, base_url=base, timeout=60.0, aside=aside)
    return Link(wire, made, made.facts)


@pytest.mark.parametrize("wire", [ANTHROPIC, OPENAI])
def test_answers_and_refusals_are_the_same_in_both_processes(wire: str) -> None:
    # a busy server, one that takes no schema, an answer: the second thing asked is rejected for good
    script = [Status(429, retry_after=0), Status(400, "output_config and response_format: unknown parameter"), GOOD]
    two, single = [request("first"), request("second")], Limits(concurrency=1, backoff=QUICK)
    with ModelServer([*script, Status(401, "no")]) as server, started(wire) as aside:
        there, no_there = ask(away(server, aside), two, limits=single)
    with ModelServer([*script, Status(401, "no")]) as server:
        here, no_here = ask(link(server, wire, timeout=60.0), two, limits=single)
    assert isinstance(there, Reply)
    assert isinstance(here, Reply)
    assert there.text == here.text == '{"findings": ["a"]}'
    assert there.usage.calls == here.usage.calls == 3
    assert there.usage.input_tokens == here.usage.input_tokens
    assert there.notices == here.notices
    assert isinstance(no_there, Failure)
    assert isinstance(no_here, Failure)
    assert no_there.error.message == no_here.error.message
    assert no_there.error.fatal


def test_calls_are_made_at_once() -> None:
    with ModelServer(GOOD, latency=0.3) as server, started(OPENAI) as aside:
        outcomes = ask(away(server, aside), [request(str(n)) for n in range(4)])
        assert {outcome.request_id for outcome in outcomes} == {"0", "1", "2", "3"}
        assert all(isinstance(outcome, Reply) for outcome in outcomes)
        assert server.most_at_once > 1


def test_a_death_ends_the_call_under_way_and_the_next_is_made_here() -> None:
    with started(OPENAI) as aside:

        def script(seen: Seen) -> Answer:
            if seen.number > 1:
                return GOOD
            aside._child.kill()
            return Hang(0.1)

        with ModelServer(script) as server:
            reply = one(ask(away(server, aside), request()))
    assert reply.attempts == 2
    assert reply.text == '{"findings": ["a"]}'


def test_a_process_that_is_dead_already_costs_nothing() -> None:
    with ModelServer(GOOD) as server, started(OPENAI) as aside:
        aside._child.kill()
        reply = one(ask(away(server, aside), request()))
    assert reply.attempts == 1


def test_what_cannot_be_opened_there_is_told_here() -> None:
    with ModelServer(GOOD) as server, started(OPENAI) as aside:
        error = failed(ask(away(server, aside, key="two\nlines"), request())).error
    assert error.fatal
    assert "damaged" in error.message


def test_an_sdk_that_is_not_there_is_told_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "openai.py").write_text("raise ImportError('half an installation')\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with ModelServer(GOOD) as server, started(OPENAI) as aside:
        error = failed(ask(away(server, aside), request())).error
    assert error.fatal
    assert "half an installation" in error.message


def test_a_closed_process_is_gone_and_serves_one_account() -> None:
    with ModelServer(GOOD) as server, started(OPENAI) as aside:
        made = away(server, aside)
        with pytest.raises(ValueError, match="account"):
            aside.open_for(Account(KEY, server.openai_url, 5.0, lookup(OPENAI, MODELS[OPENAI])), Sdk)
        made.open()
        made.close()
        assert aside._child.cause_of_death() == "signal 9"
        assert isinstance(made.ask(request()), Reply)  # opened anew, in this process
        made.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_knows_no_secret_but_its_own_vendors() -> None:
    environment = {"PATH": "/bin", "OPENAI_API_KEY": "sk-1", "OPENAI_ORG_ID": "o", "ANTHROPIC_API_KEY": "sk-2"}
    environment |= {"GITHUB_TOKEN": "t", "HTTPS_PROXY": "http://p"}
    kept = without_secrets(environment, keep="OPENAI_")
    assert set(kept) == {"PATH", "OPENAI_API_KEY", "OPENAI_ORG_ID", "HTTPS_PROXY"}
    with started(OPENAI, kept) as aside:
        held = Path(f"/proc/{aside._child.pid}/environ").read_bytes()
    assert b"sk-2" not in held
    assert b"GITHUB" not in held


@pytest.mark.parametrize(
    "error",
    [
        Rejection.of(429, "slow down", {"Retry-After": "3"}, now=0.0),
        ProviderError("m", "h", retryable=True, retry_after=2.0, fatal=True),
    ],
)
def test_errors_survive_the_pipe(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
