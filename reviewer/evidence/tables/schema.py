"""The schema table: what the change does to each table, at what price, and the way that keeps the system up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from reviewer.evidence.examined import Examined, ExaminedFile
from reviewer.evidence.sql.django_fields import FieldHistory
from reviewer.evidence.sql.effect import Known
from reviewer.evidence.sql.judged import Setting
from reviewer.evidence.sql.locks import EDITED, effect
from reviewer.evidence.sql.models import delta, remodelled
from reviewer.evidence.sql.operation import Operation, OpKind
from reviewer.evidence.sql.read import SchemaChange
from reviewer.evidence.sql.table import Table
from reviewer.evidence.sql.where import SqlRole, is_down, is_embedded, is_migration_path
from reviewer.evidence.tables.described import describe
from reviewer.evidence.tables.diagram import er_diagram
from reviewer.evidence.tables.rebuilt import folded
from reviewer.evidence.tables.rollout import Added, old_code_safe, reversible
from reviewer.nouns.review import Deliverable, Row
from reviewer.nouns.signal import Signal

COLUMNS = ("object", "operation", "lock", "rewrite or scan", "backfill", "old code safe", "reversible", "safe sequence")
MOST_ROWS = 200
_MIGRATED = frozenset(
    {
        OpKind.CREATE_TABLE,
        OpKind.DROP_TABLE,
        OpKind.RENAME_TABLE,
        OpKind.ADD_COLUMN,
        OpKind.DROP_COLUMN,
        OpKind.RENAME_COLUMN,
        OpKind.ALTER_TYPE,
        OpKind.SET_NOT_NULL,
        OpKind.DROP_NOT_NULL,
    }
)


def table(examined: Examined, signals: tuple[Signal, ...]) -> Deliverable:
    """The schema delta of a change, from migrations first and from declared models where no migration comes with them."""
    schema = examined.schema_change
    stated = [*_migrated(examined, schema), *((op, True) for op in _declared(examined, schema))]
    stated.sort(key=lambda item: item[0].tool == EDITED)  # what no living database runs comes last
    added = Added(
        {
            (op.table.lower(), op.name.lower()): op.column
            for op, _ in stated
            if op.kind is OpKind.ADD_COLUMN and op.column
        }
    )
    rows = tuple(_row(op, schema.setting(op.path), signals, added, back=back) for op, back in stated[:MOST_ROWS])
    cut = f"; {len(stated) - MOST_ROWS} more rows not shown" if len(stated) > MOST_ROWS else ""
    return Deliverable(
        "Schema delta",
        COLUMNS if rows else (),
        rows,
        inspected=_inspected(examined, schema) + cut,
        diagram=er_diagram(op for op, _ in stated),
    )


def _migrated(examined: Examined, schema: SchemaChange) -> Iterator[tuple[Operation, bool]]:
    """The operations migrations state on the way up, each with whether a way back is stated."""
    fields = FieldHistory(examined)
    for change in schema.migrations:
        path = change.file.path
        if change.role not in {SqlRole.MIGRATION, SqlRole.QUERY} or is_down(path):
            continue
        back = _has_way_back(examined, path) or any(op.down for op in change.new)
        upward = (op for op in _apart(change.new, change.gone) if not op.down)
        for stated in folded(upward):
            if change.role is SqlRole.MIGRATION or stated.kind in _MIGRATED:
                yield from ((op, back) for op in fields.altered(stated))


def _apart(new: Iterable[Operation], gone: Iterable[Operation]) -> Iterator[Operation]:
    """A CREATE TABLE that is edited in place is told by the columns that differ."""
    before = {op.table: op for op in gone if op.kind is OpKind.CREATE_TABLE}
    for op in new:
        was = before.get(op.table) if op.kind is OpKind.CREATE_TABLE else None
        if was is None:
            yield op
            continue
        sides = (_as_table(was), _as_table(op))
        found = delta(op.path, *sides)
        yield from (replace(part, line=op.line, tool=EDITED, text=op.text) for part in found)
        if not found:
            yield op


def _as_table(op: Operation) -> dict[str, Table]:
    return {op.table: Table(op.table, op.line, {column.name: (column, op.line) for column in op.columns})}


def _inspected(examined: Examined, schema: SchemaChange) -> str:
    models = sum(
        1 for file in examined.files if not is_migration_path(file.path) and remodelled(examined, file).declares
    )
    return f"{len(schema.migrations)} changed migration or SQL files, {models} changed files with models or schema; database engine: {_engines(schema)}"


def _engine(path: str, setting: Setting) -> str:
    return "other" if is_embedded(path) else setting.engine


def _engines(schema: SchemaChange) -> str:
    """What the repository names, and how its files are judged where that leaves a choice."""
    named = ", ".join(sorted(schema.engines)) or "not known"
    paths = [change.file.path for change in schema.migrations]
    judged = dict.fromkeys(_engine(path, schema.setting(path)) for path in paths)
    words = ", ".join(_ENGINES.get(engine, engine) for engine in judged)
    return named if not words or {named} == set(judged) else f"{named}; judged as {words}"


_ENGINES = {
    "": "PostgreSQL, as nothing tells which",
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "sqlite": "SQLite",
    "other": "another one, of which no locks are known",
}


def _row(op: Operation, setting: Setting, signals: Iterable[Signal], added: Added, *, back: bool) -> Row:
    new = op.table.lower() in setting.new_tables and op.kind is not OpKind.DROP_TABLE
    was = setting.type_before(op) if op.kind is OpKind.ALTER_TYPE and not new else ""
    checked = op.kind is OpKind.SET_NOT_NULL and setting.proven(op)
    result = effect(op, op.engine or _engine(op.path, setting), Known(new, added.all_of(op), checked, was))
    named = tuple(
        signal.id
        for signal in signals
        if signal.path == op.path
        and signal.symbol == op.object
        and op.line <= signal.end_line
        and signal.start_line <= op.end_line
    )
    return Row(
        cells=(
            op.object,
            describe(op, was),
            result.lock,
            result.work,
            result.backfill,
            old_code_safe(op, setting, added, was, new_table=new),
            reversible(op, added, was, back=back),
            " → ".join(result.safe),
        ),
        path=op.path,
        line=op.line,
        source=op.source,
        signals=named,
    )


def _has_way_back(examined: Examined, path: str) -> bool:
    """A down file beside it in this change, or at head."""
    pure = PurePosixPath(path)
    others: tuple[str, ...] = ()
    if path.endswith(".up.sql"):
        plain = str(pure.with_name(pure.name.partition(".")[0] + ".down.sql"))
        others = (path.removesuffix(".up.sql") + ".down.sql", plain)
    elif pure.name == "up.sql":
        others = (str(pure.with_name("down.sql")),)
    elif "/deploy/" in path:
        others = (path.replace("/deploy/", "/revert/"),)
    elif re.match(r"^V\d", pure.name):
        others = (str(pure.with_name("U" + pure.name[1:])),)
    if not others:
        return False  # as for most: no look at all paths of the change for each of its migrations
    changed = {file.path for file in examined.everything.files}
    return any(other in changed or other in examined.facts.paths for other in others)


def _declared(examined: Examined, schema: SchemaChange) -> tuple[Operation, ...]:
    """Changes of declared models that no migration of this change covers."""
    migrated = [op for change in schema.migrations if change.role is SqlRole.MIGRATION for op in change.new]
    moved = {
        name.lower() for op in migrated for name in (op.table, op.new_name if op.kind is OpKind.RENAME_TABLE else "")
    }
    columns = {_bare(op.name) for op in migrated if op.kind in _OF_COLUMNS}
    any_migration = any(change.role is SqlRole.MIGRATION for change in schema.migrations)
    found: list[Operation] = []
    for file in examined.files:
        if file.skipped or is_migration_path(file.path) or (file.head is None and file.base is None):
            continue
        if any(text is not None and not text.complete for text in (file.head, file.base)):
            continue
        if file.path.endswith(("schema.rb", "structure.sql", "schema.sql")) and any_migration:
            continue
        if file.path.endswith(".sql") and not any(
            change.file.path == file.path and change.role is SqlRole.SCHEMA for change in schema.migrations
        ):
            continue
        declared = remodelled(examined, file).operations
        found.extend(op for op in declared if not (_covered(op, moved, columns) or _mapped(op, file)))
    return tuple(found)


def _mapped(op: Operation, file: ExaminedFile) -> bool:
    """A Java class that was there and is annotated now: its table is as old as its mapping elsewhere."""
    return op.kind is OpKind.CREATE_TABLE and file.path.endswith(".java") and file.base is not None


_OF_COLUMNS = frozenset(
    {OpKind.ADD_COLUMN, OpKind.DROP_COLUMN, OpKind.ALTER_TYPE, OpKind.SET_NOT_NULL, OpKind.DROP_NOT_NULL}
)


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


def _covered(op: Operation, moved: set[str], columns: set[str]) -> bool:
    """A migrated table of this name, allowing for plurals, spelling and Django's app prefix; or, as an abstract model's
    table has another name, a migrated column of this name.
    """
    name = _bare(op.table)
    variants = {name, f"{name}s", name.rstrip("s"), re.sub(r"y$", "ies", name)}
    if any(_bare(table) in variants or table.endswith(f"_{op.table.lower()}") for table in moved if table):
        return True
    return op.kind in _OF_COLUMNS and _bare(op.name) in columns
