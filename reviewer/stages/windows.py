"""The code round a place, with the change drawn into it: what a second reader needs to judge a claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from reviewer.nouns.changeset import ChangeSet, FileChange, Hunk, Side
from reviewer.nouns.finding import Finding
from reviewer.stages import render
from reviewer.stages.redact import mask
from reviewer.stages.symbols import enclosing

_AROUND = 60  # lines before and after a place that no small enough function encloses
_MAX_SYMBOL = 160  # lines: a longer function is cut to the lines around
_MAX_LINES = 500  # of one file in one request
_MAX_MENTIONS = 16
_WORD = re.compile(r"\w{6,}")  # whole words, as long as a _NAME at least
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{5,}")
_COMMON = frozenset(
    [
        "async",
        "await",
        "break",
        "class",
        "const",
        "continue",
        "default",
        "delete",
        "except",
        "export",
        "false",
        "final",
        "finally",
        "float",
        "import",
        "interface",
        "lambda",
        "package",
        "private",
        "public",
        "raise",
        "return",
        "select",
        "static",
        "string",
        "struct",
        "super",
        "switch",
        "throw",
        "throws",
        "update",
        "where",
        "while",
        "yield",
        "print",
        "range",
        "error",
        "result",
        "value",
        "other",
    ]
)


def around(file: FileChange, source: str, findings: Iterable[Finding]) -> str:
    """The file's head text round the findings with its hunks drawn in; the hunks alone if there is no text.

    `source` is the head text, unmasked; what is returned is masked.
    """
    findings = tuple(findings)
    if not source:
        hunks = [hunk for hunk in file.hunks if any(_holds(hunk, finding) for finding in findings)]
        shown = [f"@@\n{render.lines(hunk.lines[:_MAX_LINES])}" for hunk in hunks]
    else:
        spans = _joined(_span(file, source, finding) for finding in findings)
        lines = mask(source).removesuffix("\n").split("\n")
        shown = [f"@@\n{text}" for low, high in spans if (text := "\n".join(_drawn(file, lines, low, high)))]
    return "\n".join((f"## {render.heading(file)}", *shown))


def spans(file: FileChange, source: str, findings: Iterable[Finding]) -> list[tuple[int, int]]:
    """The lines of head that `around` shows for these findings; none if there is no text."""
    return _joined(_span(file, source, finding) for finding in findings) if source else []


class Elsewhere:
    """The changed lines of a change set by the words in them, read once for all findings."""

    def __init__(self, inside: ChangeSet) -> None:
        self._lines = [(file.path, line) for file in inside.files for line in file.lines() if line.changed]
        self._by_word: dict[str, list[int]] = {}
        for index, (_, line) in enumerate(self._lines):
            for word in {*_WORD.findall(line.text)}:
                self._by_word.setdefault(word, []).append(index)

    def mentions(self, findings: Iterable[Finding]) -> str:
        """Changed lines elsewhere that use the names in question: the migration, the caller, the other branch."""
        findings = tuple(findings)
        paths = {finding.path for finding in findings}
        names = {name for finding in findings for name in _NAME.findall(f"{finding.quote} {finding.symbol}")}
        indexes = {at for name in names if name.lower() not in _COMMON for at in self._by_word.get(name, ())}
        found = (self._lines[index] for index in sorted(indexes))
        elsewhere = islice(((path, line) for path, line in found if path not in paths), _MAX_MENTIONS)
        rows = [f"{render.one_line(path)} {line.kind}{line.number}|{line.text[:240]}" for path, line in elsewhere]
        return "\n".join(("## changed lines elsewhere that use these names", *rows)) if rows else ""


def _holds(hunk: Hunk, finding: Finding) -> bool:
    left = finding.side is Side.LEFT
    start, count = (hunk.old_start, hunk.old_count) if left else (hunk.new_start, hunk.new_count)
    return start <= finding.start_line < start + max(count, 1)


def _span(file: FileChange, source: str, finding: Finding) -> tuple[int, int]:
    """The lines of head to show for a finding: its function, or the lines around."""
    low, high = finding.start_line, finding.end_line
    if finding.side is Side.LEFT:
        hunk = next((hunk for hunk in file.hunks if _holds(hunk, finding)), None)
        low = max(hunk.new_start, 1) if hunk else 1
        high = low + hunk.new_count if hunk else low
    symbol = enclosing(file.path, source, low)
    if symbol and symbol.end_line - symbol.start_line <= _MAX_SYMBOL:
        return max(1, symbol.start_line - 3), max(symbol.end_line, high) + 3
    return max(1, low - _AROUND), high + _AROUND


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping and neighbouring spans as one."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 5:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _drawn(file: FileChange, lines: list[str], low: int, high: int) -> Iterator[str]:
    """Lines `low`..`high` of head; where a hunk touches them, the hunk as printed."""
    number, left = low, _MAX_LINES
    hunks = sorted(file.hunks, key=lambda hunk: hunk.new_start)
    while number <= min(high, len(lines)) and left > 0:
        hunk = next((hunk for hunk in hunks if hunk.new_start <= number < hunk.new_start + hunk.new_count), None)
        if hunk:
            yield render.lines(hunk.lines[:left])
            left -= len(hunk.lines)
            number = hunk.new_start + hunk.new_count
            continue
        # A hunk that only removes has no line of head of its own: it stands after `new_start`.
        gone = next((hunk for hunk in hunks if hunk.new_count == 0 and hunk.new_start == number - 1), None)
        if gone:
            yield render.lines(gone.lines[:left])
            left -= len(gone.lines)
        yield f" {number}|{lines[number - 1]}"
        number, left = number + 1, left - 1
