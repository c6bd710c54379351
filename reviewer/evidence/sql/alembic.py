"""Alembic migrations: `op.…` calls of `upgrade()` and `downgrade()`, batch mode included."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from reviewer.evidence.sql import pytree
from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.operation import Column, Default, Operation, OpKind


@dataclass(frozen=True)
class _Call:
    """One `op.x(...)`; in a batch the table comes from the `with`, so arguments sit one place further left."""

    node: ast.Call
    names: Mapping[str, str]
    table: str = ""

    def text(self, key: str, position: int) -> str:
        return pytree.string(self.get(key, position), self.names)

    def get(self, key: str, position: int = -1) -> ast.expr | None:
        return pytree.argument(self.node, key, position)

    def table_at(self, key: str, position: int) -> str:
        return self.table or self.text(key, position)

    def after(self, position: int) -> int:
        """Where an argument behind the table name stands."""
        return position - 1 if self.table else position


def looks_like(text: str) -> bool:
    """Whether a Python file holds an Alembic migration."""
    return "def upgrade" in text and "alembic" in text


def read(path: str, text: str) -> tuple[Operation, ...]:
    """The operations of an Alembic revision; () where it cannot be parsed."""
    module = pytree.parse(text)
    if module is None:
        return ()
    names = pytree.constants(module)
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    back = functions.get("downgrade")
    reversible = back is not None and not all(
        isinstance(node, ast.Pass | ast.Raise | ast.Expr) and not _calls_op(node) for node in back.body
    )
    found: list[Operation] = []
    for name, down in (("upgrade", False), ("downgrade", True)):
        function = functions.get(name)
        if function is None:
            continue
        for op, node, outside in _walk(function.body, names, {}, outside=False):
            found.append(
                replace(
                    op,
                    path=path,
                    line=op.line or node.lineno,
                    end_line=op.end_line or node.end_lineno or node.lineno,
                    text=op.text or pytree.source(text, node),
                    tool="alembic",
                    down=down,
                    reversible=reversible if op.reversible is None else op.reversible and reversible,
                    in_transaction=not outside,
                )
            )
    return tuple(found)


def _calls_op(node: ast.AST) -> bool:
    return any(isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) for item in ast.walk(node))


def _walk(
    body: list[ast.stmt], names: Mapping[str, str], batches: Mapping[str, str], *, outside: bool
) -> Iterator[tuple[Operation, ast.Call, bool]]:
    for statement in body:
        if isinstance(statement, ast.With):
            inner, free = _entered(statement, names, batches, outside=outside)
            yield from _walk(statement.body, names, inner, outside=free)
            continue
        nested = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
        if any(nested):
            for part in nested:
                yield from _walk(part, names, batches, outside=outside)
            continue
        for node in ast.walk(statement):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            ):
                owner = node.func.value.id
                reader = _READERS.get(node.func.attr)
                if reader is None or (
                    owner not in batches and owner not in {"op", "conn", "connection", "bind", "session"}
                ):
                    continue
                for op in reader(_Call(node, names, batches.get(owner, ""))):
                    yield op, node, outside


def _entered(
    statement: ast.With, names: Mapping[str, str], batches: Mapping[str, str], *, outside: bool
) -> tuple[Mapping[str, str], bool]:
    """Which names stand for which batch tables inside a `with`, and whether it left the transaction."""
    inner, free = dict(batches), outside
    for item in statement.items:
        call, name = item.context_expr, item.optional_vars
        if pytree.tail(call) == "batch_alter_table" and isinstance(call, ast.Call) and isinstance(name, ast.Name):
            inner[name.id] = pytree.string(pytree.argument(call, "table_name", 0), names)
        free = free or pytree.tail(call) == "autocommit_block"
    return inner, free


def _column(node: ast.expr | None, names: Mapping[str, str]) -> Column | None:
    """`sa.Column(name, type, ForeignKey(...), nullable=..., server_default=...)`."""
    if not isinstance(node, ast.Call) or pytree.tail(node) != "Column":
        return None
    type_ = next(
        (item for item in node.args[1:] if pytree.tail(item) not in {"ForeignKey", "Identity", "Computed", "Sequence"}),
        None,
    )
    foreign = next(
        (item for item in node.args if isinstance(item, ast.Call) and pytree.tail(item) == "ForeignKey"), None
    )
    filled = _filled(node)
    primary = pytree.true(pytree.argument(node, "primary_key"))
    return Column(
        name=pytree.string(node.args[0] if node.args else pytree.argument(node, "name"), names),
        type=ast.unparse(type_).removeprefix("sa.") if type_ is not None else "",
        not_null=not pytree.true(pytree.argument(node, "nullable"), default=not primary),
        default=filled or pytree.server_default(pytree.argument(node, "server_default")),
        primary_key=primary,
        references=pytree.string(foreign.args[0]).rpartition(".")[0].rpartition(".")[2]
        if foreign is not None and foreign.args
        else "",
        on_delete=pytree.string(pytree.argument(foreign, "ondelete")).upper() if foreign is not None else "",
        unique=pytree.true(pytree.argument(node, "unique")),
        indexed=pytree.true(pytree.argument(node, "index")),
    )


def _filled(node: ast.Call) -> Default | None:
    """A column the database computes: stored values are worked out for every row, which rewrites the table."""
    for item in node.args:
        if isinstance(item, ast.Call) and pytree.tail(item) in {"Identity", "Computed", "Sequence"}:
            virtual = not pytree.true(pytree.argument(item, "persisted"), default=True)
            return Default.CONSTANT if virtual else Default.VOLATILE
    return None


def _add_column(call: _Call) -> Iterator[Operation]:
    column = _column(call.get("column", call.after(1)), call.names)
    if column is not None:
        table = call.table_at("table_name", 0)
        yield Operation(
            OpKind.ADD_COLUMN,
            table,
            column.name,
            column=column,
            references=column.references,
            on_delete=column.on_delete,
        )


def _drop_column(call: _Call) -> Iterator[Operation]:
    name = call.text("column_name", call.after(1))
    yield Operation(OpKind.DROP_COLUMN, call.table_at("table_name", 0), name, reversible=False)


def _create_table(call: _Call) -> Iterator[Operation]:
    columns = tuple(column for item in call.node.args[1:] if (column := _column(item, call.names)) is not None)
    yield Operation(OpKind.CREATE_TABLE, call.text("table_name", 0), columns=columns)


def _drop_table(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.DROP_TABLE, call.text("table_name", 0), reversible=False)


def _rename_table(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.RENAME_TABLE, call.text("old_table_name", 0), new_name=call.text("new_table_name", 1))


def _create_index(call: _Call) -> Iterator[Operation]:
    yield Operation(
        OpKind.ADD_INDEX,
        call.table_at("table_name", 1),
        call.text("index_name", 0),
        keys=pytree.strings(call.get("columns", call.after(2)), call.names),
        unique=pytree.true(call.get("unique")),
        concurrently=pytree.true(call.get("postgresql_concurrently")),
    )


def _drop_index(call: _Call) -> Iterator[Operation]:
    concurrently = pytree.true(call.get("postgresql_concurrently"))
    yield Operation(
        OpKind.DROP_INDEX, call.table_at("table_name", 1), call.text("index_name", 0), concurrently=concurrently
    )


def _foreign_key(call: _Call) -> Iterator[Operation]:
    yield Operation(
        OpKind.ADD_FOREIGN_KEY,
        call.table_at("source_table", 1),
        call.text("constraint_name", 0),
        keys=pytree.strings(call.get("local_cols", call.after(3)), call.names),
        references=call.text("referent_table", call.after(2)),
        on_delete=pytree.string(call.get("ondelete")).upper(),
        validated=not pytree.true(call.get("postgresql_not_valid")),
    )


def _constraint(kind: OpKind) -> Callable[[_Call], Iterator[Operation]]:
    def read_constraint(call: _Call) -> Iterator[Operation]:
        keys = pytree.strings(call.get("columns", call.after(2)), call.names) if kind is not OpKind.ADD_CHECK else ()
        unique = kind is not OpKind.ADD_CHECK
        not_valid = pytree.true(call.get("postgresql_not_valid"))
        yield Operation(
            kind,
            call.table_at("table_name", 1),
            call.text("constraint_name", 0),
            keys=keys,
            unique=unique,
            validated=not not_valid,
        )

    return read_constraint


def _drop_constraint(call: _Call) -> Iterator[Operation]:
    yield Operation(OpKind.DROP_CONSTRAINT, call.table_at("table_name", 1), call.text("constraint_name", 0))


def _alter_column(call: _Call) -> Iterator[Operation]:
    table, name = call.table_at("table_name", 0), call.text("column_name", call.after(1))
    nullable = call.get("nullable")
    type_ = call.get("type_")
    renamed = pytree.string(call.get("new_column_name"), call.names)
    if renamed:
        yield Operation(OpKind.RENAME_COLUMN, table, name, new_name=renamed)
    if not pytree.is_none(type_) and type_ is not None:
        written = ast.unparse(type_).removeprefix("sa.")
        plain = "text" if written in {"Text()", "Text"} else written
        existing = call.get("existing_type")
        was = ast.unparse(existing) if existing is not None and not pytree.is_none(existing) else ""
        yield Operation(OpKind.ALTER_TYPE, table, name, column=Column(name, plain), was=was)
    if isinstance(nullable, ast.Constant):
        yield Operation(OpKind.DROP_NOT_NULL if nullable.value else OpKind.SET_NOT_NULL, table, name)
    default = call.get("server_default")
    if default is not None:
        yield Operation(OpKind.DROP_DEFAULT if pytree.is_none(default) else OpKind.SET_DEFAULT, table, name)


def _execute(call: _Call) -> Iterator[Operation]:
    node = call.get("sqltext", 0)
    sql = pytree.string(node, call.names)
    told = read_all(sql, first_line=(node or call.node).lineno)
    for op in told:
        unnamed = isinstance(node, ast.JoinedStr) and op.table == pytree.FILLED  # the program names the table
        placed = replace(op, end_line=max(op.line, op.end_line))
        yield replace(placed, table="", source="inferred") if unnamed else placed


_READERS: dict[str, Callable[[_Call], Iterator[Operation]]] = {
    "add_column": _add_column,
    "drop_column": _drop_column,
    "create_table": _create_table,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
    "create_index": _create_index,
    "drop_index": _drop_index,
    "create_foreign_key": _foreign_key,
    "create_unique_constraint": _constraint(OpKind.ADD_UNIQUE),
    "create_check_constraint": _constraint(OpKind.ADD_CHECK),
    "create_primary_key": _constraint(OpKind.ADD_PRIMARY_KEY),
    "drop_constraint": _drop_constraint,
    "alter_column": _alter_column,
    "execute": _execute,
}
