"""What a claim hangs on beyond its own function: bodies and types it names, uses of its names, callers.

A second reader who is not shown them can only answer "cannot tell", and a true finding becomes a question. So they
are looked up beforehand, by name, in the files `at_hand` found. Bounded in lines and tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reviewer.nouns.finding import Finding
from reviewer.stages import render
from reviewer.stages.at_hand import SHORTEST, bare_symbol, said
from reviewer.stages.redact import mask
from reviewer.stages.risk import is_test
from reviewer.stages.symbols import Symbol, outline

_MOST_NAMES = 8  # bodies shown for one claim
_MOST_MEMBERS = 10  # lines shown of a type it names
_MOST_USES = 24  # lines of its own file that use its names
_COMMON_USE = 12  # a name on more lines than this says nothing
_MOST_CALLERS = 3  # places shown that call the function a claim is about
_MOST_BODY = 40  # lines of one body
_MOST_LINES = 160  # for one claim
_AROUND_CALL = 6  # lines before and after a call
_NAME = re.compile(r"[A-Za-z_]\w{3,}[?!]?")


class Span(NamedTuple):
    """Lines of a file at head, 1-based and inclusive, and why they are shown."""

    path: str
    start: int
    end: int
    why: str


def behind(finding: Finding, texts: Mapping[str, str], shown: Iterable[Span]) -> str:
    """The spans for one claim as masked text, without what is `shown` already; empty if nothing was found."""
    left, above = _MOST_LINES, ""
    parts: list[str] = []
    hidden = [*shown]
    for span in (*_bodies(finding, texts), *_uses(finding, texts), *_callers(finding, texts)):
        if left <= 0 or any(_covers(other, span) for other in hidden):
            continue
        lines = mask(texts[span.path]).split("\n")[span.start - 1 : min(span.end, span.start + left - 1)]
        left -= len(lines)
        hidden.append(span)
        body = "\n".join(f" {number}|{line[:240]}" for number, line in enumerate(lines, span.start))
        heading = f"### {span.why}, {render.one_line(span.path)}\n"
        parts.append(body if heading == above else heading + body)
        above = heading
    return "\n".join(parts)


def _bodies(finding: Finding, texts: Mapping[str, str]) -> Iterator[Span]:
    """Definitions of what the claim names, those in its own file first, in the order it names them."""
    told = _NAME.findall(f"{finding.quote}\n{said(finding)}")
    names = list(dict.fromkeys(part for name in told for part in (name, name.rstrip("?!"), f"{name}?")))
    order = [finding.path, *(path for path in texts if path != finding.path)]
    defined: dict[str, tuple[str, Symbol]] = {}
    wanted = set(names)
    for path in order:
        for symbol in outline(path, texts[path]) if path in texts else ():
            bare = symbol.name.rsplit(".", 1)[-1]
            if bare in wanted and not (path == finding.path and _holds(symbol, finding)):
                defined.setdefault(bare, (path, symbol))
    for name in [name for name in names if name in defined][:_MOST_NAMES]:
        path, symbol = defined[name]
        if symbol.kind == "function":
            yield Span(path, symbol.start_line, min(symbol.end_line, symbol.start_line + _MOST_BODY - 1), f"`{name}`")
        else:
            yield from _members(path, symbol, texts[path], wanted - {name})


def _holds(symbol: Symbol, finding: Finding) -> bool:
    return symbol.start_line <= finding.start_line <= symbol.end_line


def _members(path: str, symbol: Symbol, text: str, names: set[str]) -> Iterator[Span]:
    """How a type begins, and its lines that have to do with the claim."""
    why = f"`{symbol.name}`"
    yield Span(path, symbol.start_line, symbol.start_line, why)
    left = _MOST_MEMBERS
    lines = text.split("\n")
    for number in range(symbol.start_line + 1, min(symbol.end_line, len(lines)) + 1):
        if left and not names.isdisjoint(_NAME.findall(lines[number - 1][:1_000])):
            left -= 1
            yield Span(path, number, number, why)


def _uses(finding: Finding, texts: Mapping[str, str]) -> Iterator[Span]:
    """Lines of the claim's own file that use the names it quotes: where a field is filled, a constant is set."""
    lines = texts.get(finding.path, "").split("\n")
    names = dict.fromkeys(name for name in _NAME.findall(finding.quote) if len(name) > SHORTEST)
    on: dict[str, list[int]] = {name: [] for name in names}
    for number, line in enumerate(lines, 1):
        for name in set(_NAME.findall(line[:1_000])) & on.keys():
            on[name].append(number)
    numbers = sorted({number for places in on.values() if len(places) <= _COMMON_USE for number in places})
    for number in numbers[:_MOST_USES]:
        if not finding.start_line <= number <= finding.end_line:
            yield Span(finding.path, number, number, "uses of its names in the same file")


def _callers(finding: Finding, texts: Mapping[str, str]) -> Iterator[Span]:
    """Places that call the function the claim is about."""
    bare = bare_symbol(finding)
    if len(bare) < SHORTEST or not bare.isidentifier():
        return
    call = re.compile(rf"(?<![\w$]){re.escape(bare)}\s*\(")
    left = _MOST_CALLERS
    for path, text in texts.items():
        lines = text.split("\n") if bare in text and not is_test(path) else []
        definitions = (
            {symbol.start_line for symbol in outline(path, text) if symbol.name.endswith(bare)} if lines else ()
        )
        for number, line in enumerate(lines, 1):
            if left and call.search(line[:1_000]) and not any(abs(number - start) <= 2 for start in definitions):
                left -= 1
                yield Span(path, max(1, number - _AROUND_CALL), number + _AROUND_CALL, f"a call of `{bare}`")


def _covers(whole: Span, part: Span) -> bool:
    return whole.path == part.path and whole.start <= part.start and part.end <= whole.end
