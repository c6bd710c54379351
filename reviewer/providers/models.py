"""What is known of models: windows, limits, prices, shutdown dates. The data is `prompts/models.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from reviewer import resources

Table = Mapping[str, Mapping[str, Mapping[str, object]]]  # provider, model, key

_MILLION = 1_000_000
# Models that think do so inside the output limit: without room for it, the answer would be cut.
_THINKING_ROOM = 8_000
_DATED = re.compile(r"-(20\d{2}-?\d{2}-?\d{2})$")  # gpt-5.5-2026-04-23, claude-haiku-4-5-20251001


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens. `cached` and `cache_write` default to the plain input price.

    Above `long_above` input tokens (0: never) the whole request costs `long_input` and `long_output` times more.
    """

    input: float
    output: float
    cached: float
    cache_write: float
    long_above: int = 0
    long_input: float = 1.0
    long_output: float = 1.0

    def cost(self, *, fresh: int, cached: int = 0, written: int = 0, output: int = 0) -> float:
        """Dollars for one call: `fresh` input tokens, those read from and written to a cache, and output."""
        is_long = bool(self.long_above) and fresh + cached + written > self.long_above
        paid_input = fresh * self.input + cached * self.cached + written * self.cache_write
        paid_output = output * self.output
        if is_long:
            paid_input, paid_output = paid_input * self.long_input, paid_output * self.long_output
        return (paid_input + paid_output) / _MILLION


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model. `known` is False for a model that is in no list of ours: then everything is a careful default."""

    provider: str
    model: str
    context: int
    max_output: int
    longest_answer: int  # what one call may ask for: never above max_output
    known: bool = False
    prices: Prices | None = None
    effort: bool = False
    reasoning: bool = False
    breakpoints: bool = False
    ends: date | None = None

    def answer_limit(self, asked: int) -> int:
        """The output limit to send for an answer of `asked` tokens: with room for thinking, inside the limits."""
        return min(asked + (_THINKING_ROOM if self.reasoning else 0), self.longest_answer)

    def cost(self, *, fresh: int, cached: int = 0, written: int = 0, output: int = 0) -> float | None:
        """Dollars for one call, or None where no price is known."""
        if self.prices is None:
            return None
        return self.prices.cost(fresh=fresh, cached=cached, written=written, output=output)


class Overrides(NamedTuple):
    """What a user says of a model we do not know (or knows better): 0 and None keep our own value."""

    context: int = 0
    max_output: int = 0
    input_price: float | None = None
    output_price: float | None = None


def default_model(provider: str) -> str:
    """The model asked when the user names none; empty for a provider that has no default."""
    return str(_table().get("defaults", {}).get(provider, ""))


def lookup(provider: str, model: str, overrides: Overrides = Overrides()) -> ModelFacts:  # noqa: B008 - frozen
    """Facts of a model. Dated ids and gateway prefixes (`openai/gpt-6-sol`) find the model they stand for."""
    rows = _table().get(provider, {})
    row = next((rows[name] for name in _names(model) if name in rows), None)
    facts = _facts(provider, model, row if row is not None else _table()["unknown"], known=row is not None)
    return _overridden(facts, overrides)


def batched(facts: ModelFacts) -> ModelFacts:
    """The model at its provider's batch API: everything costs `[batch]` of the price; no price stays no price."""
    factor = _number(_table().get("batch", {}), facts.provider)
    if facts.prices is None or factor is None:
        return facts
    prices = facts.prices
    return replace(
        facts,
        prices=replace(
            prices,
            input=prices.input * factor,
            output=prices.output * factor,
            cached=prices.cached * factor,
            cache_write=prices.cache_write * factor,
        ),
    )


def retirement_notice(facts: ModelFacts, today: date) -> str:
    """A sentence for the report when the model has ended or ends within 90 days; else empty."""
    if facts.ends is None or (facts.ends - today).days > 90:
        return ""
    verb = "was shut down" if facts.ends <= today else "will be shut down"
    return (
        f"The model {facts.model} {verb} on {facts.ends.isoformat()}; the default is {default_model(facts.provider)}."
    )


def _names(model: str) -> tuple[str, ...]:
    plain = model.rsplit("/", 1)[-1]
    return tuple(dict.fromkeys((model, plain, _DATED.sub("", plain))))


def _facts(provider: str, model: str, row: Mapping[str, object], *, known: bool) -> ModelFacts:
    ends = row.get("ends")
    max_output = int(_number(row, "max_output") or 0)
    longest = int(_number(_table().get("longest_answer", {}), provider) or max_output)
    return ModelFacts(
        provider=provider,
        model=model,
        context=int(_number(row, "context") or 0),
        max_output=max_output,
        longest_answer=min(max_output, longest),
        known=known,
        prices=_prices(row),
        effort=bool(row.get("effort", False)),
        reasoning=bool(row.get("reasoning", False)),
        breakpoints=bool(row.get("breakpoints", False)),
        ends=date.fromisoformat(ends) if isinstance(ends, str) else None,
    )


def _prices(row: Mapping[str, object]) -> Prices | None:
    paid, produced = _number(row, "input"), _number(row, "output")
    if paid is None or produced is None:
        return None
    cached, written = _number(row, "cached"), _number(row, "cache_write")
    return Prices(
        input=paid,
        output=produced,
        cached=paid if cached is None else cached,
        cache_write=paid if written is None else written,
        long_above=int(_number(row, "long_above") or 0),
        long_input=_number(row, "long_input") or 1.0,
        long_output=_number(row, "long_output") or 1.0,
    )


def _number(row: Mapping[str, object], key: str) -> float | None:
    value = row.get(key)
    return float(value) if isinstance(value, int | float) else None


def _overridden(facts: ModelFacts, overrides: Overrides) -> ModelFacts:
    prices = facts.prices
    if overrides.input_price is not None and overrides.output_price is not None:
        paid = overrides.input_price
        prices = Prices(input=paid, output=overrides.output_price, cached=paid, cache_write=paid)
    return replace(
        facts,
        context=overrides.context or facts.context,
        max_output=overrides.max_output or facts.max_output,
        longest_answer=overrides.max_output or facts.longest_answer,
        prices=prices,
    )


@cache
def _table() -> Table:
    return read(resources.prompts() / "models.toml")


def read(path: Path) -> Table:
    """The table as TOML has it: provider, model, key."""
    with path.open("rb") as file:
        return tomllib.load(file)
