"""The reviewer's limits as data: the ordered table in `prompts/scope.toml`, and what its kinds mean."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import translate
from functools import cache
from typing import NamedTuple

from reviewer.resources import prompts

# Kinds the backend persona leaves alone unless its front matter says otherwise.
PERSONA_LIMITS = frozenset({"frontend", "infrastructure", "docs", "i18n", "test", "manifest", "dump", "other"})

# Nothing of these can be read as a design: no persona reviews them.
UNREVIEWABLE = frozenset({"binary", "lock", "vendored", "generated", "symlink", "submodule", "unchanged", "excluded"})

# Of these, not even the user can have lines reviewed: there are none.
WITHOUT_LINES = frozenset({"binary", "symlink", "submodule", "unchanged"})

_WILD = re.compile(r"[*?\[]")
_NEVER = re.compile(r"(?!)")


class Row(NamedTuple):
    """One row of the table, its globs and patterns made ready."""

    kind: str
    exts: frozenset[str]
    dirs: frozenset[str]
    dir_exts: frozenset[str]
    not_exts: frozenset[str]
    exact: frozenset[str]  # names without wildcards: compiling a pattern for each would cost every run time
    names: re.Pattern[str]
    not_names: re.Pattern[str]
    paths: re.Pattern[str]

    def matches(self, path: str, name: str, ext: str, dirs: frozenset[str]) -> bool:
        if ext in self.not_exts or self.not_names.match(name):
            return False
        if ext in self.exts or name in self.exact or self.names.match(name) or self.paths.match(path):
            return True
        return not dirs.isdisjoint(self.dirs) and (not self.dir_exts or ext in self.dir_exts)


class Table(NamedTuple):
    """The rows in order, and by kind what a reader is told about files left out."""

    rows: tuple[Row, ...]
    reasons: Mapping[str, str]

    def reason(self, kind: str) -> str:
        return self.reasons.get(kind, f"{kind}: left out by this persona")


@cache
def table() -> Table:
    """The table, read once."""
    data = tomllib.loads((prompts() / "scope.toml").read_text("utf-8"))
    groups: dict[str, str] = data["extensions"]
    rows = tuple(_row(row, groups) for row in data["row"])
    return Table(rows, data["reasons"])


def _row(row: Mapping[str, str | list[str]], groups: Mapping[str, str]) -> Row:
    def words(key: str) -> list[str]:
        return str(row.get(key, "")).split()

    def extensions(key: str) -> frozenset[str]:
        named = (groups[word[1:]].split() if word.startswith("@") else [word] for word in words(key))
        return frozenset("" if ext == "-" else ext for part in named for ext in part)

    return Row(
        kind=str(row["kind"]),
        exts=extensions("exts"),
        dirs=frozenset(words("dirs")),
        dir_exts=extensions("dir_exts"),
        not_exts=extensions("not_exts"),
        exact=frozenset(name for name in words("names") if not _WILD.search(name)),
        names=_any(translate(name) for name in words("names") if _WILD.search(name)),
        not_names=_any(map(translate, words("not_names"))),
        paths=_any(row.get("paths", ())),
    )


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    alternatives = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(alternatives, re.DOTALL) if alternatives else _NEVER
