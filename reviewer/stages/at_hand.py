"""The files a second reader needs at hand: the claims' own, the change's, and those that define or call what they name.

Found by path and import, and by a search where the tree lies on this machine. Bounded in files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.finding import Finding
from reviewer.nouns.source import Searchable, Tree
from reviewer.stages.places import Places, imports
from reviewer.stages.symbols import outline

SHORTEST = 4  # characters of a name worth looking for
_MOST_CHANGED = 60  # files of the change that are searched
_MOST_NAMED = 10  # further files, of those the claims name or import from
_MOST_DEFINING = 10  # of those that may define what the claims name
_MOST_CALLING = 6  # of those that may call the functions the claims are about
_MOST_SEARCHED = 40  # names looked for in one search
_NAME = re.compile(r"[A-Za-z_]\w{3,}[?!]?")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{3,}")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.[A-Za-z]{1,5}\b")


def sources(findings: Sequence[Finding], inside: ChangeSet, head: Tree) -> dict[str, str]:
    """Head texts of every file that may hold what the claims hang on, with one or two reads of the tree."""
    own = tuple(dict.fromkeys(finding.path for finding in findings))
    texts = _read(head, (*own, *(file.path for file in inside.files[:_MOST_CHANGED])))
    others = _others(findings, texts, head)
    return {**texts, **_read(head, others)} if others else texts


def _read(head: Tree, paths: Iterable[str]) -> dict[str, str]:
    found = head.read_many(dict.fromkeys(paths))
    return {path: raw.decode("utf-8", "replace") for path, raw in found.items() if b"\0" not in raw[:8_000]}


def _others(findings: Sequence[Finding], texts: Mapping[str, str], head: Tree) -> list[str]:
    """Files a claim names by path, and those its own file imports the names from."""
    paths = tuple(head.paths())
    places = Places(paths)
    wanted: list[str] = []
    for finding in findings:
        words = said(finding)
        for name in _PATH.findall(words):
            wanted += [path for path in paths if path == name or path.endswith(f"/{name}")][:2]
        known = imports(texts.get(finding.path, ""), finding.path)
        for name in dict.fromkeys(_NAME.findall(f"{finding.quote}\n{words}")):
            if name in known or name[:1].isupper():
                wanted += places.definitions(name, finding.path, known)
    near = findings[0].path
    searched: tuple[tuple[Sequence[str], int], ...] = (
        (wanted, _MOST_NAMED),
        (places.callers(_defining(findings, texts, places, head), near), _MOST_DEFINING),
        (places.callers(_calling(findings, places, head), near), _MOST_CALLING),
    )
    found: list[str] = []
    for candidates, most in searched:
        found += [path for path in dict.fromkeys(candidates) if path not in texts and path not in found][:most]
    return found


def _defining(findings: Sequence[Finding], texts: Mapping[str, str], places: Places, head: Tree) -> Sequence[str]:
    """Files that may define what the claims name and no file at hand does."""
    names = dict.fromkeys(
        name
        for finding in findings
        for name in _IDENTIFIER.findall(f"{finding.quote}\n{said(finding)}")
        if (len(name) > SHORTEST and name != name.lower()) or "_" in name
    )
    here = {symbol.name.rsplit(".", 1)[-1] for path, text in texts.items() for symbol in outline(path, text)}
    unknown = [name for name in names if name not in here][:_MOST_SEARCHED]
    if isinstance(head, Searchable):
        return head.defining(unknown)
    # `orderService.place()` is most likely defined where `OrderService` is.
    types = [name[:1].upper() + name[1:] for name in unknown]
    return [path for name in types for path in places.definitions(name, findings[0].path, {})]


def _calling(findings: Sequence[Finding], places: Places, head: Tree) -> Sequence[str]:
    """Files that may call what the claims are about: searched for where the tree can be, else those next to it."""
    about = {finding.path: bare for finding in findings if len(bare := bare_symbol(finding)) >= SHORTEST}
    if not about:
        return []
    if isinstance(head, Searchable):
        return head.holding(sorted(set(about.values())))
    return [path for near in about for path in places.beside(near)]


def bare_symbol(finding: Finding) -> str:
    """The function or class a claim stands in, without what surrounds it."""
    return finding.symbol.rsplit(".", 1)[-1]


def said(finding: Finding) -> str:
    """All the claim says in words."""
    return f"{finding.title}\n{finding.scenario}\n{finding.recommendation}"
