"""The schema operations of a changed file, whatever tool wrote it, and which of them are new."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from reviewer.evidence.examined import Examined, ExaminedFile, Text
from reviewer.evidence.reading import Reading
from reviewer.evidence.sql import alembic, django, go, javascript, liquibase, rails, remade
from reviewer.evidence.sql.busy import Busy
from reviewer.evidence.sql.judged import Setting
from reviewer.evidence.sql.narrowing import History
from reviewer.evidence.sql.operation import Operation, OpKind
from reviewer.evidence.sql.usage import Finder
from reviewer.evidence.sql.where import SqlRole, engine_of, is_down, is_migration_path, sql_role


class Migration(NamedTuple):
    """A changed file that changes a database: `new` are its operations that base does not have."""

    file: ExaminedFile
    role: SqlRole
    new: tuple[Operation, ...]
    gone: tuple[Operation, ...]  # in base, no longer in head


def operations(path: str, text: Text | None) -> tuple[Operation, ...]:  # noqa: PLR0911  one line a tool
    """The operations one version of a file states, in order; () for a file that states none."""
    if text is None:
        return ()
    source = text.text
    if path.endswith((".sql", ".ddl")):
        down = is_down(path)
        return tuple(op.but(path=path, down=op.down or down) for op in text.sql)
    if path.endswith(".py") and django.looks_like(source):
        return django.read(path, source)
    if path.endswith(".py") and alembic.looks_like(source):
        return alembic.read(path, source)
    if path.endswith(".rb") and rails.looks_like(source):
        return rails.read(path, source, text.root)
    if (
        path.endswith((".ts", ".js", ".mjs", ".cjs", ".mts", ".cts"))
        and is_migration_path(path)
        and javascript.looks_like(source)
    ):
        return javascript.read(path, source, text.root)
    if path.endswith(".go") and go.looks_like(path, source):
        return go.read(path, source, text.root)
    if path.endswith((".xml", ".yaml", ".yml", ".json")) and liquibase.looks_like(source):
        return liquibase.read(path, source)
    return ()


@dataclass(frozen=True)
class SchemaChange:
    """What a change does to databases, read once and shared by the detector and the tables.

    `usage` answers whether the running release names something.
    """

    migrations: tuple[Migration, ...]
    new_tables: frozenset[str]
    usage: Finder
    engines: frozenset[str]
    busy: Busy
    history: History

    def setting(self, path: str) -> Setting:
        """The circumstances under which the operations of one file are judged."""
        return Setting(
            self._engine(path),
            self.new_tables,
            self.usage,
            self._new_columns,
            self._replaced,
            self.busy,
            self._checked,
            self.busy.built_so_before,
            lambda op: remade.heir(op, self._forward),
            self._copied,
            self._proven,
            self.history,
        )

    @cached_property
    def _new_columns(self) -> dict[tuple[str, str], tuple[str, int]]:
        added = (op for op in self._forward if op.kind is OpKind.ADD_COLUMN)
        return {(op.table.lower(), op.name.lower()): (op.path, op.line) for op in added}

    @cached_property
    def _replaced(self) -> frozenset[str]:
        return frozenset(op.new_name.lower() for op in self._forward if op.kind is OpKind.RENAME_TABLE)

    def _checked(self, op: Operation) -> bool:
        """By an earlier migration, or by this change, which adds, validates or then drops the CHECK."""
        kinds = {OpKind.ADD_CHECK, OpKind.VALIDATE_CONSTRAINT, OpKind.DROP_CONSTRAINT}
        here = any(other.kind in kinds and other.table.lower() == op.table.lower() for other in self._forward)
        return here or self.busy.checked(op)

    def _copied(self, op: Operation) -> bool:
        rows = (other for other in self._forward if other.kind in {OpKind.UPDATE, OpKind.INSERT})
        return any(op.name and op.name in other.text for other in rows)

    def _proven(self, op: Operation) -> bool:
        """By a CHECK that this change or an earlier migration states on the very column."""
        check = re.compile(rf"\b{re.escape(op.name)}[\"`\]]?\s+IS\s+NOT\s+NULL", re.IGNORECASE)
        kinds = {OpKind.ADD_CHECK, OpKind.VALIDATE_CONSTRAINT}
        stated = (other for change in self.migrations for other in change.new)  # the way back may name the CHECK, too
        near = (other for other in stated if other.kind in kinds and other.table.lower() == op.table.lower())
        return any(check.search(other.text) for other in near) or self.busy.checked(op)

    @property
    def _forward(self) -> Iterator[Operation]:
        return (op for change in self.migrations for op in change.new if not op.down)

    def _engine(self, path: str) -> str:
        """The engine a file is for. A plain file beside `x.postgres.up.sql` is for the engines that have none of their own."""
        found = engine_of(path, self.engines)
        plain = found in {"", "postgresql"} and not engine_of(path, frozenset())
        return "other" if plain and path.partition(".")[0] in self._for_postgresql else found

    @cached_property
    def _for_postgresql(self) -> frozenset[str]:
        """What the names of migrations begin with that are for PostgreSQL by name."""
        paths = (change.file.path for change in self.migrations)
        return frozenset(path.partition(".")[0] for path in paths if engine_of(path, frozenset()) == "postgresql")


def schema_change(examined: Examined) -> SchemaChange:
    """Every schema operation of the change, with what is needed to judge it."""
    changes = _migrations(examined)
    return SchemaChange(
        changes,
        _new_tables(changes),
        Finder(examined),
        examined.facts.engines,
        Busy(examined, operations),
        History(examined, operations),
    )


def _migrations(examined: Examined) -> tuple[Migration, ...]:
    """Every changed file that states schema operations, with what is new and what is gone."""
    found = []
    for file in examined.files:
        if file.skipped:
            continue
        role = sql_role(file.path) if file.path.endswith((".sql", ".ddl")) else SqlRole.MIGRATION
        new, gone = stated(examined, file)
        if new or gone:
            found.append(Migration(file, role, new, gone))
    return tuple(found)


class Stated(NamedTuple):
    """The operations only head states, and those only base does."""

    new: tuple[Operation, ...]
    gone: tuple[Operation, ...]


def _stated(_examined: Examined, file: ExaminedFile) -> Stated:
    if file.skipped:
        return Stated((), ())
    head = operations(file.path, file.head)
    base = operations(file.change.old_path or file.path, file.base)
    return Stated(_minus(head, base), _minus(base, head))


stated = Reading("operations", _stated)


def _minus(some: Iterable[Operation], others: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations of `some` that `others` lacks, counting repeats."""
    left = Counter(op.identity for op in others)
    kept = []
    for op in some:
        if left[op.identity] > 0:
            left[op.identity] -= 1
        else:
            kept.append(op)
    return tuple(kept)


def _new_tables(changes: Iterable[Migration]) -> frozenset[str]:
    """Tables the change creates (lower case): nothing reads or fills them yet."""
    return frozenset(
        op.table.lower()
        for change in changes
        if change.role is SqlRole.MIGRATION
        for op in change.new
        if op.kind is OpKind.CREATE_TABLE and not op.down and op.table not in _tables_edited(change)
    )


def _tables_edited(change: Migration) -> frozenset[str]:
    """Tables whose CREATE the base file has already, in other words: earlier releases have made them."""
    return frozenset(op.table for op in change.gone if op.kind is OpKind.CREATE_TABLE)
