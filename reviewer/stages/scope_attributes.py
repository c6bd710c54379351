"""`.gitattributes` as far as they tell what was not written by hand: `linguist-generated`, `-vendored`, `-documentation`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

NAME = ".gitattributes"
_KINDS = {"linguist-generated": "generated", "linguist-vendored": "vendored", "linguist-documentation": "docs"}
_LINE = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\S+)\s+(.*)')


class Attribute(NamedTuple):
    """One attribute of one line: below `folder`, paths that match are (or are not) of `kind`."""

    folder: str
    pattern: re.Pattern[str]
    kind: str
    value: bool | None  # None: unspecified again


class Marks(NamedTuple):
    """What attributes say of one path: the kind it is, and the kinds it is said not to be."""

    kind: str = ""
    never: frozenset[str] = frozenset()


def candidates(paths: Iterable[str]) -> list[str]:
    """The attribute files that can speak about these paths, outermost first."""
    folders = {""}
    for path in paths:
        parts = path.split("/")[:-1]
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    ordered = sorted(folders, key=lambda folder: (folder.count("/") + bool(folder), folder))
    return [f"{folder}/{NAME}" if folder else NAME for folder in ordered]


def read(files: Mapping[str, bytes]) -> tuple[Attribute, ...]:
    """The attributes in these files, in the order in which later ones win."""
    found: list[Attribute] = []
    for path in candidates(files):
        if path in files:
            folder = path.removesuffix(NAME)
            for line in files[path].decode("utf-8", "replace").splitlines():
                found.extend(_line(folder, line))
    return tuple(found)


def _line(folder: str, line: str) -> Iterable[Attribute]:
    match = _LINE.match(line)
    if match is None or match[1].startswith(("#", "[attr]")) or "linguist-" not in match[2]:
        return
    pattern = _compile(match[1].strip('"'))
    if pattern is None:
        return
    for word in match[2].split():
        name, _, value = word.lstrip("-!").partition("=")
        if name in _KINDS:
            truth = None if word.startswith("!") else not word.startswith("-") and value.lower() not in {"false", "0"}
            yield Attribute(folder, pattern, _KINDS[name], truth)


def _compile(glob: str) -> re.Pattern[str] | None:
    from pathspec.patterns.gitignore import GitIgnorePatternError
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        return GitIgnoreSpecPattern(glob).regex if not glob.startswith("!") else None
    except GitIgnorePatternError:
        return None  # git ignores such a line too


def marks(attributes: tuple[Attribute, ...], path: str) -> Marks:
    """What the attributes say of one path."""
    says = {
        kind: value
        for folder, pattern, kind, value in attributes
        if path.startswith(folder) and pattern.search(path[len(folder) :])
    }
    kind = next((kind for kind in ("vendored", "generated", "docs") if says.get(kind)), "")
    return Marks(kind, frozenset(kind for kind, value in says.items() if value is False))
