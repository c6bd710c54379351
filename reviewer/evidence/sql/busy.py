"""Is a table known to be large or busy? Nothing in a diff says so; the configuration does, or the team's own habit.

A team that once built an index on a table concurrently, or added a constraint to it as NOT VALID, has told that the
table must not be locked for long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reviewer.evidence.examined import Examined
from reviewer.evidence.sql.where import is_migration_path
from reviewer.evidence.system import busy_in

_ONLINE = re.compile(
    r"CONCURRENTLY|algorithm:\s*:concurrently|postgresql_concurrently\s*=\s*True|IndexConcurrently\(|\bNOT\s+VALID\b"
    r"|validate:\s*false|concurrently:\s*true|pt-online-schema-change|gh-ost|disable_ddl_transaction!|LOCK\s*=\s*NONE",
    re.IGNORECASE,
)
_KINDS = (".sql", ".py", ".rb", ".ts", ".js", ".mjs", ".go")
MOST_FILES = 600  # migrations, newest names first
MOST_BYTES = 4_000_000


class Busy:
    """Answers for one change; earlier migrations are read at the first question that the configuration leaves open."""

    def __init__(self, examined: Examined) -> None:
        self._examined = examined
        self._careful: tuple[tuple[str, str], ...] | None = None

    def __call__(self, table: str) -> str:
        """Why the table is known to be large or busy, "" if nobody says so."""
        if not table:
            return ""
        said = busy_in(self._examined.switches.system, table)
        if said:
            return said
        pattern = re.compile(rf"(?<![\w.]){re.escape(table)}(?![\w.])")
        for path, text in self._read():
            for match in _ONLINE.finditer(text):
                around = text[max(match.start() - 160, 0) : match.end() + 160]
                if pattern.search(around):
                    line = text.count("\n", 0, match.start()) + 1
                    return f"an earlier migration took care not to lock this table ({path}:{line})"
        return ""

    def _read(self) -> tuple[tuple[str, str], ...]:
        if self._careful is None:
            base = self._examined.base
            found = base.read_many(list(_migrations(base.paths())))
            self._careful = tuple(_careful(sorted(found.items(), reverse=True)))
        return self._careful


def _migrations(paths: Iterable[str]) -> list[str]:
    wanted = sorted((path for path in paths if path.endswith(_KINDS) and is_migration_path(path)), reverse=True)
    return wanted[:MOST_FILES]


def _careful(contents: Iterable[tuple[str, bytes]]) -> Iterable[tuple[str, str]]:
    size = 0
    for path, data in contents:
        size += len(data)
        if size > MOST_BYTES:
            return
        text = data.decode("utf-8", "replace")
        if _ONLINE.search(text):
            yield path, text
