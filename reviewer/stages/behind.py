"""What a claim hangs on beyond its own function: bodies of what it names, callers of what it is about.

A second reader who is not shown them can only answer "cannot tell", and a true finding becomes a question. So they
are looked up beforehand, by name, in the files at hand: the claim's own, those of the change, those it imports from
and those it names. Bounded in files, lines and tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.finding import Finding
from reviewer.nouns.source import Searchable, Tree
from reviewer.stages import render
from reviewer.stages.places import Places, imports
from reviewer.stages.redact import mask
from reviewer.stages.risk import is_test
from reviewer.stages.symbols import Symbol, outline

_MOST_CHANGED = 60  # files of the change that are searched
_MOST_OTHERS = 16  # further files read for all claims together
_MOST_CALLING = 6  # of these, files that may call the function a claim is about
_MOST_NAMES = 8  # bodies shown for one claim
_MOST_CALLERS = 3  # places shown that call the function a claim is about
_MOST_BODY = 40  # lines of one body
_MOST_LINES = 160  # for one claim
_SHORTEST = 4  # characters of a name worth looking for
_AROUND_CALL = 6  # lines before and after a call
_NAME = re.compile(r"[A-Za-z_]\w{3,}[?!]?")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.[A-Za-z]{1,5}\b")


class Span(NamedTuple):
    """Lines of a file at head, 1-based and inclusive, and why they are shown."""

    path: str
    start: int
    end: int
    why: str


def sources(findings: Sequence[Finding], inside: ChangeSet, head: Tree) -> dict[str, str]:
    """Head texts of every file that may hold what the claims hang on, with one or two reads of the tree."""
    own = tuple(dict.fromkeys(finding.path for finding in findings))
    texts = _read(head, (*own, *(file.path for file in inside.files[:_MOST_CHANGED])))
    others = _others(findings, texts, head)
    return {**texts, **_read(head, others)} if others else texts


def behind(finding: Finding, texts: Mapping[str, str], shown: Iterable[Span]) -> str:
    """The spans for one claim as masked text, without what is `shown` already; empty if nothing was found."""
    left, parts = _MOST_LINES, []
    hidden = [*shown]
    for span in (*_bodies(finding, texts), *_callers(finding, texts)):
        if left <= 0 or any(_covers(other, span) for other in hidden):
            continue
        lines = mask(texts[span.path]).split("\n")[span.start - 1 : min(span.end, span.start + left - 1)]
        left -= len(lines)
        hidden.append(span)
        body = "\n".join(f" {number}|{line[:240]}" for number, line in enumerate(lines, span.start))
        parts.append(f"### {span.why}, {render.one_line(span.path)}\n{body}")
    return "\n".join(parts)


def _read(head: Tree, paths: Iterable[str]) -> dict[str, str]:
    found = head.read_many(dict.fromkeys(paths))
    return {path: raw.decode("utf-8", "replace") for path, raw in found.items() if b"\0" not in raw[:8_000]}


def _others(findings: Sequence[Finding], texts: Mapping[str, str], head: Tree) -> list[str]:
    """Files a claim names by path, and those its own file imports the names from."""
    paths = tuple(head.paths())
    places = Places(paths)
    wanted: list[str] = []
    for finding in findings:
        said = _said(finding)
        for name in _PATH.findall(said):
            wanted += [path for path in paths if path == name or path.endswith(f"/{name}")][:2]
        known = imports(texts.get(finding.path, ""), finding.path)
        for name in dict.fromkeys(_NAME.findall(f"{finding.quote}\n{said}")):
            if name in known or name[:1].isupper():
                wanted += places.definitions(name, finding.path, known)
    calling = _calling(findings, places, head)
    others = [path for path in dict.fromkeys(wanted) if path not in texts][: _MOST_OTHERS - _MOST_CALLING]
    return [*others, *(path for path in calling if path not in texts and path not in others)][:_MOST_OTHERS]


def _calling(findings: Sequence[Finding], places: Places, head: Tree) -> list[str]:
    """Files that may call what the claims are about: searched for where the tree can be, else those next to it."""
    about = {finding.path: bare for finding in findings if len(bare := _bare(finding)) >= _SHORTEST}
    if not about:
        return []
    if isinstance(head, Searchable):
        found = head.holding(sorted(set(about.values())))
    else:
        found = [path for near in about for path in places.beside(near)]
    near = next(iter(about))
    return places.callers(found, near)[:_MOST_CALLING]


def _bare(finding: Finding) -> str:
    return finding.symbol.rsplit(".", 1)[-1]


def _said(finding: Finding) -> str:
    return f"{finding.title}\n{finding.scenario}\n{finding.recommendation}"


def _bodies(finding: Finding, texts: Mapping[str, str]) -> Iterator[Span]:
    """Definitions of what the claim names, those in its own file first, in the order it names them."""
    said = _NAME.findall(f"{finding.quote}\n{_said(finding)}")
    names = list(dict.fromkeys(part for name in said for part in (name, name.rstrip("?!"), f"{name}?")))
    order = [finding.path, *(path for path in texts if path != finding.path)]
    defined: dict[str, list[tuple[str, Symbol]]] = {}
    wanted = set(names)
    for path in order:
        if path in texts:
            for symbol in outline(path, texts[path]):
                bare = symbol.name.rsplit(".", 1)[-1]
                if bare in wanted and symbol.kind == "function":
                    defined.setdefault(bare, []).append((path, symbol))
    for name in [name for name in names if name in defined][:_MOST_NAMES]:
        path, symbol = defined[name][0]
        yield Span(path, symbol.start_line, min(symbol.end_line, symbol.start_line + _MOST_BODY - 1), f"`{name}`")


def _callers(finding: Finding, texts: Mapping[str, str]) -> Iterator[Span]:
    """Places that call the function the claim is about."""
    bare = _bare(finding)
    if len(bare) < _SHORTEST or not bare.isidentifier():
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
