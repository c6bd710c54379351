"""Is a table known to be large or busy? Nothing in a diff says so; the configuration does, or the team's own habit.

A team that once built an index on a table concurrently, or added a constraint to it as NOT VALID, has told that the
table must not be locked for long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reviewer.evidence.examined import Examined, Text
from reviewer.evidence.languages import language_of
from reviewer.evidence.sql.operation import Operation, OpKind, Reader
from reviewer.evidence.sql.where import is_migration_path
from reviewer.evidence.system import busy_in

_ONLINE = re.compile(
    r"CONCURRENTLY|\bNOT\s+VALID\b|validate:\s*false|not_valid|ALGORITHM\s*=|LOCK\s*=\s*NONE", re.IGNORECASE
)
_KINDS = (".sql", ".py", ".rb", ".ts", ".js", ".mjs")
MOST_FILES = 600  # migrations, newest names first
MOST_BYTES = 4_000_000


class Busy:
    """Answers for one change; earlier migrations are read at the first question that the configuration leaves open."""

    def __init__(self, examined: Examined, read: Reader) -> None:
        self._examined = examined
        self._operations = read
        self._careful: tuple[tuple[str, str], ...] | None = None

    def __call__(self, table: str) -> str:
        """Why the table is known to be large or busy, "" if nobody says so."""
        if not table:
            return ""
        said = busy_in(self._examined.switches.system, table)
        if said:
            return said
        for path, source in self._read():
            if table not in source:
                continue
            for op in self._operations(path, Text(source, language_of(path))):
                if op.table.lower() == table.lower() and (op.concurrently or not op.validated or op.online):
                    return f"an earlier migration took care not to lock this table ({path}:{op.line})"
        return ""

    def built_so_before(self, op: Operation) -> bool:
        """Whether an earlier migration of the same tool builds an index CONCURRENTLY and opens no way out of a transaction.

        It ran, so the project runs its migrations without one, whatever the tool does by default.
        """
        return any(
            other.concurrently and other.in_transaction and other.tool == op.tool and other.kind is OpKind.ADD_INDEX
            for path, source in self._read()
            if path != op.path
            for other in self._operations(path, Text(source, language_of(path)))
        )

    def checked(self, op: Operation) -> bool:
        """Whether an earlier migration has a CHECK that the column is not null: SET NOT NULL then scans nothing."""
        check = re.compile(rf"\b{re.escape(op.name)}[\"`\]]?\s+IS\s+NOT\s+NULL", re.IGNORECASE)
        return any(op.table in source and check.search(source) for _, source in self._read())

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
