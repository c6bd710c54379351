"""Recording and replaying: what is written can be read again, holds no key, and misses are loud."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.exchange import Block, Purpose, Reply, Request, StopReason
from reviewer.nouns.review import Usage
from reviewer.providers import lookup
from reviewer.providers.audit import auditing
from reviewer.providers.call import Link
from reviewer.providers.record import (
    RecordError,
    path_of,
    recording,
    replay,
    reply_from,
    request_from,
    request_hash,
    to_json,
)
from tests.fakes.model_server import ModelServer, Say, Status
from tests.providers.asking import KEY, ask, connection, failed, one, request

FACTS = lookup("anthropic", "claude-sonnet-5-5")


def recorded(folder: Path, server: ModelServer, wire: str = "anthropic") -> Link:
    made = connection(server, wire)
    return Link(wire, recording(made, folder, secrets=(KEY,)), made.facts)


def replayed(folder: Path) -> Link:
    return Link("replay", replay(folder), FACTS)


@pytest.mark.parametrize("wire", ["anthropic", "openai"])
def test_a_recorded_run_replays_to_the_same_outcome_without_a_server(wire: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "exchanges"
    script = [Say("no json"), Say({"findings": ["é"]}, input_tokens=50, cached=20)]
    with ModelServer(script) as server:
        first = one(ask(recorded(folder, server, wire), request()))
    again = one(ask(replayed(folder), request(name="another-id")))
    assert len(list(folder.iterdir())) == 2  # the corrective attempt is an exchange of its own
    assert again.text == first.text
    assert again.request_id == "another-id"
    assert dataclasses.replace(again.usage, wall_seconds=0) == dataclasses.replace(first.usage, wall_seconds=0)
    assert (again.provider, again.model) == (first.provider, first.model)


def test_a_recording_holds_no_key_even_if_the_server_repeats_it(tmp_path: Path) -> None:
    with ModelServer(Say({"findings": [f"the key is {KEY}"]})) as server:
        one(ask(recorded(tmp_path, server), request()))
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert written
    assert KEY.encode() not in written


def test_a_request_that_was_not_recorded_fails_with_a_hint(tmp_path: Path) -> None:
    error = failed(ask(replayed(tmp_path), request())).error
    assert "No recorded exchange" in error.message
    assert "--record" in error.hint
    assert not error.retryable


def test_a_folder_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no folder"):
        replay(tmp_path / "none")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "x"}', '{"format": "design-reviewer/exchange/1"}', "\x00", "[" * 99_999]
)
def test_a_broken_recording_is_a_failure_never_an_answer(text: str, tmp_path: Path) -> None:
    path_of(request(), tmp_path).write_text(text)
    assert "unreadable" in failed(ask(replayed(tmp_path), request())).error.message


def test_a_folder_that_cannot_be_written_loses_no_answer_and_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with ModelServer(Say({"findings": []})) as server:
        reply = one(ask(recorded(tmp_path / "file", server), request()))
    assert reply.text == '{"findings": []}'
    assert any("recording is incomplete" in notice for notice in reply.notices)


def test_no_half_file_is_left(tmp_path: Path) -> None:
    with ModelServer(Say({"findings": []})) as server:
        one(ask(recorded(tmp_path, server), request()))
    assert [file.suffix for file in tmp_path.iterdir()] == [".json"]


words = st.text(max_size=60)
requests = st.builds(
    Request,
    id=words,
    purpose=st.sampled_from(Purpose),
    system=st.lists(st.builds(Block, words, st.booleans()), max_size=3).map(tuple),
    user=st.lists(st.builds(Block, words, st.booleans()), max_size=3).map(tuple),
    schema_name=st.just("review"),
    schema=st.dictionaries(words, words, max_size=3),
    max_output_tokens=st.integers(1, 100_000),
    effort=st.sampled_from(["", "low", "high"]),
)
replies = st.builds(
    Reply,
    request_id=st.just("r"),
    text=words,
    stop=st.sampled_from(StopReason),
    usage=st.builds(
        Usage, calls=st.integers(0, 9), input_tokens=st.integers(0, 9**9), cost_usd=st.none() | st.floats(0, 9)
    ),
    provider=words,
    model=words,
    provider_request_id=words,
)


@settings(deadline=None)
@given(requests, replies)
def test_an_exchange_survives_its_file(asked: Request, said: Reply) -> None:
    value = json.loads(json.dumps(to_json(asked, said)))
    assert request_from(value) == asked
    assert reply_from(value, "r") == said
    assert value["request_sha256"] == request_hash(asked)


@settings(deadline=None)
@given(requests, words, st.integers(1, 9), st.sampled_from(["", "low"]))
def test_the_hash_is_of_what_is_said_only(asked: Request, name: str, limit: int, effort: str) -> None:
    same = dataclasses.replace(asked, id=name, max_output_tokens=limit, effort=effort)
    assert request_hash(same) == request_hash(asked)
    other = dataclasses.replace(asked, user=(*asked.user, Block("more")))
    assert request_hash(other) != request_hash(asked)


def test_the_audit_trail_has_a_line_per_call_and_no_contents(tmp_path: Path) -> None:
    trail = tmp_path / "audit.jsonl"
    at = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    with ModelServer([Status(500, "secret plan"), Say({"findings": ["secret plan"]})]) as server:
        made = connection(server, "openai")
        audited = auditing(made, trail, to=made.endpoint, model="m", now=lambda: at)
        one(ask(Link("openai", audited, made.facts), request(user=(Block("secret plan"),))))
    text = trail.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert "secret plan" not in text
    assert KEY not in text
    assert [line["time"] for line in lines] == ["2026-11-24T12:00:00.000+00:00"] * 2
    assert lines[0]["error"] == "openai answered 500"
    assert lines[1]["stop"] == "complete"
    assert (
        lines[0]["request_sha256"] == lines[1]["request_sha256"] == request_hash(request(user=(Block("secret plan"),)))
    )
    assert lines[1]["to"].startswith("http://127.0.0.1:")


def test_an_audit_trail_that_cannot_be_written_loses_no_answer_and_is_said(tmp_path: Path) -> None:
    with ModelServer([Say({"findings": []}), Status(401)]) as server:
        made = connection(server, "openai")
        audited = auditing(made, tmp_path / "no" / "audit.jsonl", to=made.endpoint, model="m")
        reply = one(ask(Link("openai", audited, made.facts), request()))
        error = failed(ask(Link("openai", audited, made.facts), request())).error
    assert any("audit trail is incomplete" in notice for notice in reply.notices)
    assert "audit trail is incomplete" in error.hint
