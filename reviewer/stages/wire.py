"""What a model must answer, as strict JSON Schemas.

Strict means what the structured outputs of OpenAI and Anthropic ask for: every property required, none
additional, no length limits (those are applied when an answer is read). They are plain values on purpose: made
of pydantic models they would cost a short review a fifth of its own time.
"""

from __future__ import annotations

from typing import Any

from reviewer.nouns.answered import SignalVerdict
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Severity

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_TEXT_OR_NULL: Schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": [str(value) for value in values]}


# The order of a finding's properties is the order of thought: where, what happens, what speaks against it, how bad.
_FINDING = _object(
    path=_TEXT,
    quote=_TEXT,
    line=_NUMBER,
    side=_one_of(*Side),
    scenario=_TEXT,
    counter=_TEXT,
    hazard=_TEXT,
    category=_one_of(*Category),
    severity=_one_of(*Severity),
    confidence=_one_of(*Confidence),
    title=_TEXT,
    recommendation=_TEXT,
    suggestion=_TEXT_OR_NULL,
    signals=_list(_TEXT),
)
_QUESTION = _object(path=_TEXT, quote=_TEXT, line=_NUMBER, hazard=_TEXT, text=_TEXT)
_NOTE = _object(fact=_TEXT, text=_TEXT)
_SIGNAL = _object(id=_TEXT, quote=_TEXT, reason=_TEXT, verdict=_one_of(*SignalVerdict))
_VERDICT = _object(
    id=_TEXT,
    reason=_TEXT,
    quote=_TEXT,
    verdict=_one_of("confirmed", "refuted", "uncertain", "trivial"),
    severity=_one_of(*Severity),
    question=_TEXT,
    title=_TEXT,
    recommendation=_TEXT,
)
_LOOKUP = _object(
    kind=_one_of("read", "definition", "references", "grep"),
    tree=_one_of("head", "base"),
    path=_TEXT,
    text=_TEXT,
    start=_NUMBER,
    end=_NUMBER,
)

REVIEW = _object(
    summary=_TEXT,
    signals=_list(_SIGNAL),
    findings=_list(_FINDING),
    questions=_list(_QUESTION),
    notes=_list(_NOTE),
)
VERIFICATION = _object(verdicts=_list(_VERDICT))
DEEP_VERIFICATION = _object(lookups=_list(_LOOKUP), verdicts=_list(_VERDICT))
ANSWER = _object(answer=_TEXT, quotes=_list(_TEXT), withdraws={"type": "boolean"})
JUDGEMENTS = _object(
    judgements=_list(
        _object(remark=_TEXT, reason=_TEXT, defect=_TEXT, verdict=_one_of("same", "valid", "nit", "wrong"))
    )
)
