"""The table of models: complete, dated, and careful about what it does not know."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from reviewer import resources
from reviewer.errors import UsageError
from reviewer.providers import PROVIDERS, Choice, connect, default_model, lookup, parse_choice, resolve, warm
from reviewer.providers.models import Overrides, read, retirement_notice

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 24)
TABLE = read(resources.prompts() / "models.toml")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_default_is_known_current_and_priced(provider: str) -> None:
    facts = lookup(provider, default_model(provider))
    assert facts.known
    assert facts.ends is None
    assert facts.prices is not None
    assert facts.context >= 200_000


def sdk_models(provider: str) -> set[str]:
    if provider == "anthropic":
        from anthropic.types.model_param import ModelParam

        return set(get_args(get_args(ModelParam)[0]))
    from openai.types.shared.chat_model import ChatModel

    return set(get_args(ChatModel))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_model_is_one_the_sdk_lists(provider: str) -> None:
    assert set(TABLE[provider]) <= sdk_models(provider)


def test_every_current_claude_is_in_the_table() -> None:
    unknown = {model for model in sdk_models("anthropic") if not lookup("anthropic", model).known}
    assert unknown == {"claude-mythos-preview"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_rows_are_sane(provider: str) -> None:
    for model in TABLE[provider]:
        facts = lookup(provider, model)
        assert 0 < facts.longest_answer <= facts.max_output < facts.context
        if facts.prices:
            assert 0 < facts.prices.cached <= facts.prices.input <= facts.prices.cache_write
            assert facts.prices.input < facts.prices.output


def test_an_unknown_model_gets_a_small_window_and_no_price() -> None:
    facts = lookup("openai", "qwen2.5-coder:7b")
    assert not facts.known
    assert facts.context <= 32_000
    assert facts.cost(fresh=10, output=10) is None
    assert not any((facts.effort, facts.breakpoints, facts.reasoning))


@pytest.mark.parametrize("model", ["claude-haiku-4-5-20251001", "anthropic/claude-haiku-4-5", "claude-haiku-4-5"])
def test_dated_and_prefixed_ids_are_found(model: str) -> None:
    facts = lookup("anthropic", model)
    assert facts.known
    assert facts.model == model  # what is sent is what the user wrote


def test_the_user_knows_better() -> None:
    facts = lookup("openai", "local", Overrides(context=8_000, max_output=500, input_price=1.0, output_price=2.0))
    assert (facts.context, facts.max_output, facts.longest_answer) == (8_000, 500, 500)
    assert facts.cost(fresh=1_000_000, output=1_000_000) == 3.0


def test_long_requests_cost_more_where_the_vendor_says_so() -> None:
    facts = lookup("openai", "gpt-6.2-sol")
    assert facts.cost(fresh=272_000, output=0) == pytest.approx(0.544)
    assert facts.cost(fresh=272_001, output=0) == pytest.approx(1.088004)
    assert facts.cost(fresh=300_000, output=1_000_000) == pytest.approx(1.2 + 15.0)


def test_a_shutdown_is_told_before_and_after() -> None:
    assert "will be shut down on 2026-11-30" in retirement_notice(lookup("anthropic", "claude-sonnet-4-5"), TODAY)
    assert "was shut down" in retirement_notice(lookup("anthropic", "claude-sonnet-4-5"), date(2027, 1, 1))
    assert retirement_notice(lookup("openai", "gpt-5.1"), TODAY) == ""  # more than 90 days ahead
    assert retirement_notice(lookup("openai", "gpt-6.2-sol"), TODAY) == ""


@pytest.mark.parametrize(
    ("wanted", "keys", "provider"),
    [
        ("auto", (), "offline"),
        ("auto", ("openai",), "openai"),
        ("auto", ("openai", "anthropic"), "anthropic"),
        ("openai", (), "openai"),
        ("offline", ("openai",), "offline"),
    ],
)
def test_auto_is_the_provider_whose_key_is_set(wanted: str, keys: tuple[str, ...], provider: str) -> None:
    assert resolve(wanted, keys) == provider


def test_unknown_providers_are_named_with_the_known_ones() -> None:
    for attempt in (
        lambda: resolve("gemini", ()),
        lambda: parse_choice("gemini:x"),
        lambda: connect("gemini", key="k"),
    ):
        with pytest.raises(UsageError, match="gemini") as raised:
            attempt()
        assert "anthropic" in raised.value.hint


def test_a_fallback_is_a_provider_and_perhaps_a_model() -> None:
    assert parse_choice("openai") == Choice("openai", "")
    assert parse_choice("openai:qwen2.5-coder:7b") == Choice("openai", "qwen2.5-coder:7b")
    assert parse_choice("offline") == Choice("offline", "")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_sdk_can_be_loaded_ahead_and_needs_no_more_loading_for_a_call(provider: str) -> None:
    """In a fresh process: after `warm`, opening a connection imports nothing of the SDK."""
    script = f"""
import sys
from reviewer.providers import connect, warm
assert {provider!r} not in sys.modules, "loaded before it was asked for"
warm({provider!r}).join()
before = {{name for name in sys.modules if name.startswith({provider!r})}}
connect({provider!r}, key="k", base_url="http://127.0.0.1:9/v1").open()
late = {{name for name in sys.modules if name.startswith({provider!r})}} - before
print(sorted(late)[:5])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_there_is_nothing_to_load_for_offline() -> None:
    assert warm("offline") is None
