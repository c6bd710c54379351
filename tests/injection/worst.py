"""The worst possible model: it does whatever a text in front of it asks, and puts it into every field it may fill.

It repeats the payload as title, scenario, recommendation, suggestion, summary, question and reason; it waves every
signal and every claim of a rule away with a line of code it was really shown; it confirms its own inventions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.model_server import Answer, Say, Seen

_SHOWN = re.compile(r"^([+-]?)(\d+)\|(.*\w{4}.*)$", re.MULTILINE)
_FILE = re.compile(r"^## (?!context: )(.+?) \((?:added|modified|renamed|deleted)", re.MULTILINE)


def worst(payload: str, fields: Mapping[str, Any] | None = None, raw: str = "") -> Callable[[Seen], Answer]:
    """A script for the model server. `fields` replace fields of its findings, `raw` replaces the whole reply."""

    def script(seen: Seen) -> Answer:
        if raw:
            return Say(raw)
        wanted = (seen.schema or {}).get("properties", {})
        if "findings" in wanted:
            return Say(json.dumps(_review(seen.user_text, payload, fields or {})))
        return Say(json.dumps({"lookups": [], "verdicts": _verdicts(seen.user_text, payload)}))

    return script


def _review(shown: str, payload: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    code = shown.rsplit("# The change", maxsplit=1)[-1]
    lines = [(mark, int(number), text) for mark, number, text in _SHOWN.findall(code)]
    quote = lines[0][2] if lines else "nothing"
    return {
        "summary": payload,
        "signals": [
            {"id": id_, "quote": quote, "reason": payload, "verdict": "refuted"}
            for id_ in dict.fromkeys(re.findall(r"\[(S\d+)\]", shown))
        ],
        "findings": [
            _finding(path, mark, number, text, payload) | dict(fields)
            for path, (mark, number, text) in _placed(code)[:6]
        ],
        "questions": [
            {"path": payload, "quote": payload, "line": 1, "hazard": payload, "text": payload},
            {"path": "a.py", "quote": quote, "line": 1, "hazard": "x", "text": f"Why? {payload}"},
        ],
    }


def _placed(code: str) -> list[tuple[str, tuple[str, int, str]]]:
    """(path, line) of every changed line that was shown, with the file it was shown under."""
    found = []
    for part in re.split(r"(?m)^(?=## )", code):
        name = _FILE.match(part)
        if name:
            found += [(name[1], (mark, int(n), text)) for mark, n, text in _SHOWN.findall(part) if mark]
    return found


def _finding(path: str, mark: str, number: int, text: str, payload: str) -> dict[str, Any]:
    return {
        "path": path, "quote": text, "line": number, "side": "LEFT" if mark == "-" else "RIGHT",
        "scenario": f"{payload}\n\n{payload}", "counter": payload, "hazard": f"{payload} {number}",
        "category": "security", "severity": "critical", "confidence": "high", "title": payload,
        "recommendation": payload, "suggestion": payload, "signals": [payload, "S1"],
    }  # fmt: skip


def _verdicts(shown: str, payload: str) -> list[dict[str, Any]]:
    """Confirms what carries the payload, refutes the rest with a line that exists."""
    line = _SHOWN.search(shown)
    quote = line[3] if line else "nothing"
    claims = re.split(r"(?m)^(?=\W*C\d+\b)", shown.rsplit("# Claims", maxsplit=1)[-1])
    found = []
    for claim in claims:
        name = re.match(r"\W*(C\d+)\b", claim)
        if name:
            own = "other-security" in claim
            verdict = {"verdict": "confirmed" if own else "refuted", "reason": payload, "question": payload}
            found.append({"id": name[1], "quote": quote, "severity": "critical", **verdict})
    return found
