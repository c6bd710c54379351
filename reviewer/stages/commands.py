"""Comment commands: what a person asks of the reviewer, read from the very start of a comment. Pure and forgiving.

/review [full]   /ack [FINGERPRINT] reason [until 2027-01-31]   /unack [FINGERPRINT]
/explain [HAZARD|FINGERPRINT]   /ask question
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

_WORD = re.compile(r"/([A-Za-z][A-Za-z_-]{0,30})(?=\s|$)")
_PRINT = re.compile(r"[0-9a-f]{8,16}")
_UNTIL = re.compile(r"(?:^|\s)until\s+(\d\S*?)\.?\s*$", re.IGNORECASE)  # "until we migrate" is a reason, no date
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MAX_TEXT = 4_000


class Verb(StrEnum):
    """What may be asked."""

    REVIEW = "review"
    ACK = "ack"
    UNACK = "unack"
    EXPLAIN = "explain"
    ASK = "ask"


class Fault(StrEnum):
    """Why a command cannot be followed as it is written."""

    UNKNOWN = "unknown"  # no such command
    ARGUMENT = "argument"  # something after it that it does not take
    NO_REASON = "no-reason"
    NO_QUESTION = "no-question"
    BAD_DATE = "bad-date"  # no date of the calendar, or one that has passed


class Command(NamedTuple):
    """A command as written. `verb` is None for one we do not know; `word` is what stood after the slash.

    `about` names a finding (its fingerprint, at least 8 digits of it) or a hazard; `text` is a reason or a question;
    `until` is an ISO date or "". Text is untrusted.
    """

    verb: Verb | None
    word: str
    about: str = ""
    text: str = ""
    until: str = ""
    full: bool = False
    fault: Fault | None = None


def parse(comment: str, today: str) -> Command | None:
    """The command a comment begins with, or None if it begins with none. `today` is an ISO date.

    Only the very first character counts: quoted, indented and later lines are talk.
    """
    found = _WORD.match(comment)
    if found is None:
        return None
    word, rest = found[1].lower(), comment[found.end() :].strip()[:_MAX_TEXT]
    reader = _READERS.get(word)
    if reader is None:
        return Command(None, word, fault=Fault.UNKNOWN)
    return reader(rest, today)


def _review(rest: str, today: str) -> Command:
    del today
    asked = rest.lower()
    fault = None if asked in ("", "full") else Fault.ARGUMENT
    return Command(Verb.REVIEW, "review", full=asked == "full", fault=fault)


def _ack(rest: str, today: str) -> Command:
    about, reason = _named(rest)
    until, ending = "", _UNTIL.search(reason)
    fault = None
    if ending is not None:
        until, reason = ending[1], reason[: ending.start()].strip()
        if not _is_date(until):
            return Command(Verb.ACK, "ack", about, reason, fault=Fault.BAD_DATE)
        fault = Fault.BAD_DATE if until < today else None
    if not reason:
        fault = fault or Fault.NO_REASON
    return Command(Verb.ACK, "ack", about, reason, until, fault=fault)


def _unack(rest: str, today: str) -> Command:
    del today
    about, text = _named(rest)
    return Command(Verb.UNACK, "unack", about, text)


def _explain(rest: str, today: str) -> Command:
    del today
    words = rest.split()
    fault = Fault.ARGUMENT if len(words) > 1 else None
    return Command(Verb.EXPLAIN, "explain", words[0].lower()[:80] if words else "", fault=fault)


def _ask(rest: str, today: str) -> Command:
    del today
    return Command(Verb.ASK, "ask", text=rest, fault=None if rest else Fault.NO_QUESTION)


def _named(rest: str) -> tuple[str, str]:
    """The fingerprint a text begins with (or ""), and what follows it. A short word of letters only is a word."""
    parts = rest.split(None, 1)
    name, after = (parts[0].strip("`").lower() if parts else ""), (parts[1] if len(parts) > 1 else "")
    if _PRINT.fullmatch(name) and (len(name) == 16 or any(character.isdigit() for character in name)):
        return name, after.strip()
    return "", rest


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


_READERS: dict[str, Callable[[str, str], Command]] = {
    "review": _review,
    "ack": _ack,
    "unack": _unack,
    "explain": _explain,
    "ask": _ask,
}
