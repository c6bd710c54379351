"""Read single items of a reply: put right what has one meaning, refuse the rest with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reviewer.nouns.answered import Note, SignalAnswer, SignalVerdict
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Draft, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.identity import normalise
from reviewer.stages.jsontext import clean, verbatim

_SLUG = re.compile(r"[^a-z0-9]+")
_VERBATIM = frozenset({"quote", "path"})  # compared with the change, which is masked already
_MAX_LINE = 10_000_000
_MAX_NOTE = 400
_SIDES = {
    "right": Side.RIGHT,
    "new": Side.RIGHT,
    "head": Side.RIGHT,
    "+": Side.RIGHT,
    "left": Side.LEFT,
    "old": Side.LEFT,
    "base": Side.LEFT,
    "-": Side.LEFT,
}
_SEVERITIES = {**{each.value: each for each in Severity}, "info": Severity.LOW, "minor": Severity.LOW}
_SEVERITIES |= {"moderate": Severity.MEDIUM, "major": Severity.HIGH, "blocker": Severity.CRITICAL}
_CONFIDENCES = {each.value: each for each in Confidence}


class BadItem(ValueError):
    """An item that cannot be read; the message says what is wrong with it."""


def read_draft(item: object, catalogue: Mapping[str, Hazard]) -> Draft:
    """A finding as the model stated it. Raises BadItem."""
    said = _object(item)
    hazard, category = _hazard(said, catalogue)
    known = catalogue.get(hazard)
    return Draft(
        hazard=hazard,
        category=category,
        severity=_one_of(said, "severity", _SEVERITIES),
        confidence=_confidence(said.get("confidence")),
        path=_text(said, "path", 1000),
        quote=_text(said, "quote", 8000),
        title=_text(said, "title", 160),
        scenario=_text(said, "scenario", 4000),
        recommendation=_text(said, "recommendation", 4000, required=False),
        suggestion=_text(said, "suggestion", 8000, required=False) or None,
        references=known.references if known else (),
        line_hint=_line(said.get("line")),
        side_hint=_SIDES.get(_word(said.get("side"))),
        signals=_names(said.get("signals")),
    )


def read_question(item: object, catalogue: Mapping[str, Hazard]) -> Draft:
    """A question to the author, as a draft that carries it. Raises BadItem."""
    said = _object(item)
    hazard = _slug(said.get("hazard"))
    known = catalogue.get(hazard)
    text = _text(said, "text", 2000)
    return Draft(
        hazard=hazard if known or not catalogue else "",
        category=known.category if known else Category.RELIABILITY,
        severity=known.severity if known else Severity.LOW,
        confidence=Confidence.LOW,
        path=_text(said, "path", 1000, required=False),
        quote=_text(said, "quote", 8000, required=False),
        title=text[:160],
        scenario=text,
        recommendation="",
        question=text,
        line_hint=_line(said.get("line")),
        side_hint=_SIDES.get(_word(said.get("side"))),
    )


def read_answer(item: object, shown: str) -> SignalAnswer | None:
    """The answer to a signal, or None where it names none. `shown` is the normalised code the model saw."""
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        return None
    word = _word(item.get("verdict"))
    verdict = SignalVerdict(word) if word in set(SignalVerdict) else SignalVerdict.UNSURE
    quote = verbatim(item.get("quote"), 4000)
    return SignalAnswer(
        id=item["id"].strip().strip("[]"),
        verdict=verdict,
        quote=quote,
        reason=clean(item.get("reason"), 1000),
        grounded=is_shown(quote, shown),
    )


def read_note(item: object) -> Note | None:
    """A sentence on a row of a table, or None where it names none or says nothing."""
    if not isinstance(item, dict) or not isinstance(item.get("fact"), str):
        return None
    text = " ".join(clean(item.get("text"), _MAX_NOTE).split())
    return Note(item["fact"].strip().strip("[]"), text) if text else None


def is_shown(quote: str, shown: str) -> bool:
    """Whether every line of a quote stands in the normalised text a model was given, and says something."""
    lines = [re.sub(r"^[+-]? ?\d+\|", "", line).strip() for line in normalise(quote).split("\n")]
    return sum(char.isalnum() for line in lines for char in line) >= 4 and all(line in shown for line in lines)


def _object(item: object) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise BadItem("not an object")
    return item


def _text(said: Mapping[str, Any], key: str, limit: int, *, required: bool = True) -> str:
    value = (verbatim if key in _VERBATIM else clean)(said.get(key), limit)
    if required and not value.strip():
        raise BadItem(f"{key} is missing")
    return value


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _slug(value: object) -> str:
    return _SLUG.sub("-", _word(value)).strip("-")[:80]


def _hazard(said: Mapping[str, Any], catalogue: Mapping[str, Hazard]) -> tuple[str, Category]:
    """The hazard and its category: the catalogue's where it knows the hazard, else `other-<category>`."""
    name = _slug(said.get("hazard"))
    if name in catalogue:
        return name, catalogue[name].category
    word = _slug(said.get("category"))
    if word not in set(Category):
        raise BadItem(f"unknown category {word!r}")
    return (f"other-{word}" if catalogue or not name else name), Category(word)


def _one_of(said: Mapping[str, Any], key: str, table: Mapping[str, Severity]) -> Severity:
    word = _word(said.get(key))
    if word not in table:
        raise BadItem(f"unknown {key} {word[:40]!r}")
    return table[word]


def _confidence(value: object) -> Confidence:
    """A level; a share (0.8) or a mark out of ten or a hundred has only one meaning and is put right."""
    if isinstance(value, bool):
        raise BadItem("confidence is no level")
    if isinstance(value, int | float):
        share = value if value <= 1 else value / 10 if value <= 10 else value / 100
        return Confidence.HIGH if share >= 0.8 else Confidence.MEDIUM if share >= 0.5 else Confidence.LOW
    word = _word(value)
    if word not in _CONFIDENCES:
        raise BadItem(f"unknown confidence {word[:40]!r}")
    return _CONFIDENCES[word]


def _line(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MAX_LINE else None


def _names(value: object) -> tuple[str, ...]:
    return tuple(name.strip()[:20] for name in value[:20] if isinstance(name, str)) if isinstance(value, list) else ()
