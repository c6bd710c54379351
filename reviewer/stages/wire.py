"""What a model must answer: strict JSON Schemas for the providers, and the bounds we hold its words to.

Strict means what OpenAI's and Anthropic's structured outputs ask for: every property required, none additional.
Length limits are not part of strict schemas; they are applied when an answer is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

_Severity = Literal["low", "medium", "high", "critical"]
_Confidence = Literal["low", "medium", "high"]
_Category = Literal["reliability", "security", "data-integrity", "performance", "api-design", "observability"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WireSignal(_Strict):
    """The answer to one signal. `quote` is code that refutes it; "" otherwise."""

    id: str
    quote: str
    reason: str
    verdict: Literal["confirmed", "refuted", "unsure"]


class WireFinding(_Strict):
    """One finding. The order is the order of thought: where, what happens, what speaks against it, how bad."""

    path: str
    quote: str
    line: int
    side: Literal["RIGHT", "LEFT"]
    scenario: str
    counter: str
    hazard: str
    category: _Category
    severity: _Severity
    confidence: _Confidence
    title: str
    recommendation: str
    suggestion: str | None
    signals: list[str]


class WireQuestion(_Strict):
    """Something only the author can answer, with the changed line that raises it."""

    path: str
    quote: str
    line: int
    hazard: str
    text: str


class WireReview(_Strict):
    """The answer to a review request."""

    summary: str
    signals: list[WireSignal]
    findings: list[WireFinding]
    questions: list[WireQuestion]


class WireVerdict(_Strict):
    """The second look at one candidate. `quote` is code that settles it."""

    id: str
    reason: str
    quote: str
    verdict: Literal["confirmed", "refuted", "uncertain"]
    severity: _Severity
    question: str


class WireLookup(_Strict):
    """One read-only look-up; what `text`, `start` and `end` mean depends on `kind`."""

    kind: Literal["read", "definition", "references", "grep"]
    tree: Literal["head", "base"]
    path: str
    text: str
    start: int
    end: int


class WireVerification(_Strict):
    """The answer to a verification request."""

    verdicts: list[WireVerdict]


class WireDeepVerification(_Strict):
    """The answer to a verification request that may look things up first."""

    lookups: list[WireLookup]
    verdicts: list[WireVerdict]


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model as a strict JSON Schema: references inlined, titles and descriptions left out (they cost tokens)."""
    raw = model.model_json_schema()
    inlined = _inline(raw, raw.get("$defs", {}))
    assert isinstance(inlined, dict)
    return inlined


def _inline(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(definitions[str(node["$ref"]).rsplit("/", 1)[-1]], definitions)
    plain = {key: value for key, value in node.items() if key not in {"title", "description", "$defs", "default"}}
    if "properties" in node:
        # A property may itself be called `title`: its name is no annotation.
        plain["properties"] = {name: _inline(value, definitions) for name, value in node["properties"].items()}
        plain["required"] = list(node["properties"])
        plain["additionalProperties"] = False
        return {key: value if key == "properties" else _inline(value, definitions) for key, value in plain.items()}
    return {key: _inline(value, definitions) for key, value in plain.items()}
