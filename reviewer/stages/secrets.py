"""Find secret values in any text, on two levels: a leak worth a finding, and anything better kept at home."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from reviewer.stages.secret_kinds import KINDS, Kind
from reviewer.stages.secret_leaks import is_leak
from reviewer.stages.secret_names import WORDS, aligned, assignments

MARK = "‹secret:"  # how a placeholder begins; no value that contains it is a secret any more


class SecretHit(NamedTuple):
    """A secret value: `text[start:end]`, never across lines. `line` is 1-based.

    A private key block is one hit a line, so that masking moves nothing. `strict` hits are leaks by format or
    by name and entropy, and no look-alikes (`is_leak`); the rest is only masked.
    """

    kind: str
    start: int
    end: int
    line: int
    strict: bool


class Sieve(NamedTuple):
    """What a text may hold, by cheap substring tests: only this is looked for with patterns."""

    kinds: tuple[Kind, ...]
    words: tuple[str, ...]
    keys: bool

    @property
    def idle(self) -> bool:
        """Whether no secret worth a finding can be there."""
        return not (self.kinds or self.words or self.keys)

    def passes(self, text: str) -> bool:
        """Whether the text is surely free of what this looks for."""
        return self.idle and _BARE.search(text) is None

    def narrow(self, lowered: str) -> Sieve:
        """The same for a part of the text.

        What has no space in it is looked for among the words of the text, each taken once: code repeats itself, and
        less than half of a large change is left.
        """
        once = "\n".join(set(lowered.split()))
        kinds = tuple(
            kind
            for kind in self.kinds
            if any(anchor in (lowered if " " in anchor else once) for anchor in kind.anchors)
        )
        words = tuple(word for word in self.words if word in (lowered if " " in word else once))
        return Sieve(kinds, words, self.keys and any(sign in lowered for sign in _KEY_SIGNS))


_KEY_SIGNS = ("private key", "putty-user-key", "private-mac")
ALL = Sieve(KINDS, WORDS, keys=True)
_ANCHORS = tuple((anchor, kind) for kind in KINDS for anchor in kind.anchors)


def find(text: str, *, strict: bool = True, sieve: Sieve = ALL, code: bool = False) -> tuple[SecretHit, ...]:
    """Secret values in `text`, in order, not overlapping. With `strict` only those worth a finding.

    `sieve` may narrow the search to what a larger text around this one can hold. In `code` what stands outside
    quotes is no finding.
    """
    lowered = aligned(text)
    may = _sieve(lowered) if sieve is ALL else sieve.narrow(lowered)
    kinds = tuple(kind for kind in may.kinds if kind.strict or not strict)
    found = [*_by_format(text, lowered, kinds), *(_key_blocks(text) if may.keys else ())]
    found.extend(
        (kind, start, end, sure)
        for kind, start, end, sure in assignments(text, lowered, may.words)
        if not harmless(text[start:end])
    )
    if not strict:
        found.extend(_bare_key_lines(text))
    if not found:
        return ()
    judged = [(kind, start, end, sure and is_leak(text, start, end, code=code)) for kind, start, end, sure in found]
    wanted = [hit for hit in judged if hit[3] or not strict]
    return _lines(text, _disjoint(wanted))


def _sieve(lowered: str) -> Sieve:
    """ALL narrowed to a text; one flat pass, as most calls are about a line or two."""
    kinds = tuple(dict.fromkeys(kind for anchor, kind in _ANCHORS if anchor in lowered))
    words = tuple(word for word in WORDS if word in lowered)
    return Sieve(kinds, words, any(sign in lowered for sign in _KEY_SIGNS))


_Span = tuple[str, int, int, bool]  # kind, start, end, strict

_EXAMPLE = re.compile(
    r"example|change[_\- ]?me|placeholder|x{5,}|\*{3,}|\.\.\.|dummy|redacted|^<[^>]*>$|^\{[^}]*\}$|\byour[_\-]|_here$|insert[_\-]|replace[_\-]"
    r"|\$\{|\{\{|\$\(|%\(|#\{|^\$\w+$|^%\w+%$|^\[\[.*\]\]$|process\.env|os\.environ|getenv|^env[.(:]|secretkeyref|"
    + MARK,
    re.IGNORECASE,
)
_WEAK_WORDS = """
password passwd secret postgres postgresql mysql root admin guest user test testing rabbitmq redis mongo minio
sa pass default none null true false undefined string empty
"""
_WEAK = frozenset(_WEAK_WORDS.split())


def harmless(value: str) -> bool:
    """Whether a value is a stand-in: an example, a lookup, a default everyone knows, or already masked."""
    return len(set(value)) < 4 or value.lower() in _WEAK or _EXAMPLE.search(value) is not None


def entropy(value: str) -> float:
    """Shannon entropy in bits a character: about 4 and more for random text, 2 to 3.5 for words."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values()) if size else 0.0


def _by_format(text: str, lowered: str, kinds: tuple[Kind, ...]) -> Iterator[_Span]:
    """Values of these kinds. No pattern crosses a line, so that mostly only lines with an anchor are looked at."""
    for kind in kinds:
        pattern = kind.compiled()
        group: int | str = "v" if "v" in pattern.groupindex else 0
        places = [(0, len(text))] if kind.apart else lines_with(lowered, kind.anchors)
        for line_start, line_end in places:
            for match in pattern.finditer(text, line_start, line_end):
                start, end = match.span(group)
                if not harmless(text[start:end]):
                    yield kind.name, start, end, kind.strict


def lines_with(lowered: str, anchors: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the lines begin and end that hold one of the anchors, in order."""
    found: set[tuple[int, int]] = set()
    for anchor in anchors:
        place = lowered.find(anchor)
        while place >= 0:
            start, end = lowered.rfind("\n", 0, place) + 1, lowered.find("\n", place)
            found.add((start, end if end >= 0 else len(lowered)))
            place = lowered.find(anchor, end) if end >= 0 else -1
    return sorted(found)


_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d")
_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|^[ \t]*Private-MAC:", re.MULTILINE)
_KEY_LINE = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_MAX_KEY_LINES = 200


def _key_blocks(text: str) -> Iterator[_Span]:
    """Private key blocks, a span for each line's key material; also a block whose beginning or end is not shown."""
    ends = [match.start() for match in _END.finditer(text)]
    covered = 0
    for match in _BEGIN.finditer(text):
        end = next((place for place in ends if place > match.end()), len(text))
        yield from _material(text, match.end(), end, forward=True)
        covered = end
    first = ends[0] if ends else -1
    begin = _BEGIN.search(text)
    if first >= 0 and (begin is None or begin.start() > first):
        yield from _material(text, max(covered, 0), first, forward=False)


def _material(text: str, start: int, end: int, *, forward: bool) -> Iterator[_Span]:
    """The base64 runs between two places, line by line from the known end, until something else begins."""
    lines: list[tuple[int, str]] = []
    place = start
    for line in text[start:end].split("\n"):
        lines.append((place, line))
        place += len(line) + 1
    ordered = lines[:_MAX_KEY_LINES] if forward else list(reversed(lines[-_MAX_KEY_LINES:]))
    for nth, (offset, line) in enumerate(ordered):
        runs = [match for part in _split_escapes(line) for match in _runs(line, *part)]
        if not runs and nth and line.strip(" \t\r+-\\\"',n") and ":" not in line:
            return
        for run_start, run_end in runs:
            yield "private-key", offset + run_start, offset + run_end, True


def _split_escapes(line: str) -> Iterator[tuple[int, int]]:
    """Parts of a line between written-out line feeds (`\\n` in a JSON or source string)."""
    start = 0
    for match in re.finditer(r"\\[nr]", line):
        yield start, match.start()
        start = match.end()
    yield start, len(line)


def _runs(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"[A-Za-z0-9+/]{4,}={0,2}", line[start:end]):
        if len(match[0]) >= 16 or match[0] == line[start:end].strip(" \t\r\"',+;"):
            yield start + match.start(), start + match.end()


_BARE = re.compile(r"^[ \t\"'+]*(?P<v>[A-Za-z0-9+/]{60,76}={0,2})[\"',\\n+ \t\r]*$", re.MULTILINE)


def _bare_key_lines(text: str) -> Iterator[_Span]:
    """Lone lines of base64 at the widths keys are wrapped to: part of a block whose ends are not shown."""
    for match in _BARE.finditer(text):
        value = match["v"]
        # Random base64 of this length has an entropy of 4.6 and more (hex 4 at most), and ten digits; long names have none.
        if entropy(value) > 4.2 and sum(char.isdigit() for char in value) >= 3:
            yield "key-material", match.start("v"), match.end("v"), False


def _disjoint(spans: list[_Span]) -> list[_Span]:
    """Overlapping spans become one that covers both; the first kind found (the most specific) names it."""
    result: list[_Span] = []
    order = {id(span): place for place, span in enumerate(spans)}
    for span in sorted(spans, key=lambda each: (each[1], order[id(each)])):
        if result and span[1] < result[-1][2]:
            kind, start, end, sure = result[-1]
            result[-1] = (kind, start, max(end, span[2]), sure or span[3])
        else:
            result.append(span)
    return result


def _lines(text: str, spans: list[_Span]) -> tuple[SecretHit, ...]:
    hits: list[SecretHit] = []
    line, place = 1, 0
    for kind, start, end, sure in spans:
        line += text.count("\n", place, start)
        place = start
        hits.append(SecretHit(kind, start, end, line, sure))
    return tuple(hits)
