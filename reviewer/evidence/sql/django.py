"""Django migrations: `operations = [...]` read from the syntax tree.

Table names follow Django's rule (`app_model`), with the app taken from the path: such rows say `inferred`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from reviewer.evidence.sql import pytree
from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.django_types import indexed, stored_type
from reviewer.evidence.sql.operation import Column, Default, Operation, OpKind

IDLE = "noop"  # the name of a way back that does nothing
_NO_COLUMN = {"ManyToManyField", "GenericRelation", "GenericForeignKey"}
_ONLY_AN_INDEX = {"condition", "include", "opclasses", "nulls_distinct"}
_AUTOMATIC = {"AutoField", "BigAutoField", "SmallAutoField"}
_TEXTS = {"CharField", "TextField", "SlugField", "EmailField", "URLField", "FileField", "ImageField"}


@dataclass(frozen=True)
class _File:
    path: str
    text: str
    app: str
    atomic: bool
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def table(self, model: str) -> str:
        return f"{self.app}_{model.lower()}" if self.app else model.lower()


def looks_like(text: str) -> bool:
    """Whether a Python file holds a Django migration."""
    return "migrations.Migration" in text or ("django.db" in text and "class Migration" in text)


def read(path: str, text: str) -> tuple[Operation, ...]:
    """The operations of a Django migration, in order; () where it cannot be parsed."""
    module = pytree.parse(text)
    if module is None:
        return ()
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    names = dict(pytree.constants(module))
    found: list[Operation] = []
    for node in module.body:
        if not isinstance(node, ast.ClassDef):
            continue
        attributes = {
            target.id: item.value
            for item in node.body
            if isinstance(item, ast.Assign)
            for target in item.targets
            if isinstance(target, ast.Name)
        }
        operations = attributes.get("operations")
        if isinstance(operations, ast.List | ast.Tuple):
            atomic = pytree.true(attributes.get("atomic"), default=True)
            file = _File(path, text, _app_of(path), atomic, functions, names)
            found.extend(_all(operations.elts, file))
    return tuple(found)


def _app_of(path: str) -> str:
    parts = PurePosixPath(path).parts
    index = next((i for i in range(len(parts) - 2, -1, -1) if parts[i].endswith("migrations")), 0)
    return parts[index - 1].lower() if index > 0 else ""


def _all(nodes: list[ast.expr], file: _File) -> Iterator[Operation]:
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = pytree.tail(node)
        if name == "SeparateDatabaseAndState":
            yield from _separate(node, file)
            continue
        reader = _READERS.get(name) or (_extension if name.endswith("Extension") else None)
        if reader is None:
            continue
        for op in reader(node, file):
            yield replace(
                op,
                path=file.path,
                line=op.line or node.lineno,
                end_line=op.end_line or node.end_lineno or node.lineno,
                text=op.text or pytree.source(file.text, node),
                tool="django",
                source="inferred",
                in_transaction=file.atomic,
                reversible=True if op.reversible is None and op.kind is not OpKind.RUN_CODE else op.reversible,
            )


def _extension(node: ast.Call, file: _File) -> Iterator[Operation]:
    """`TrigramExtension()`, `CreateExtension("hstore")` of `django.contrib.postgres`."""
    del file
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", pytree.tail(node).removesuffix("Extension")).lower()
    yield Operation(
        OpKind.OTHER, (pytree.string(node.args[0]) if node.args else "") or words, new_name="create extension"
    )


def _separate(node: ast.Call, file: _File) -> Iterator[Operation]:
    database = pytree.argument(node, "database_operations", 0)
    state = pytree.argument(node, "state_operations", 1)
    if isinstance(database, ast.List | ast.Tuple):
        yield from _all(database.elts, file)
    if isinstance(state, ast.List | ast.Tuple):
        for op in _all(state.elts, file):
            yield replace(op, state_only=True)


_DJANGOS = re.compile(r"(?:django\.|(?:\w+_)?models\.|(?:Array|JSON|HStore|Point|Polygon)Field$)")


def _model(node: ast.Call, file: _File, position: int = 0, key: str = "model_name") -> str:
    return file.table(pytree.string(pytree.argument(node, key, position), file.names))


def _column(name: str, node: ast.expr | None) -> Column | None:
    """The column a field makes; None for fields that make none."""
    if not isinstance(node, ast.Call) or pytree.tail(node) in _NO_COLUMN:
        return None
    kind = pytree.tail(node)
    relation = kind in {"ForeignKey", "OneToOneField"}
    default = pytree.argument(node, "default")
    database = pytree.server_default(pytree.argument(node, "db_default"))
    if database is Default.NONE and default is not None:
        database = Default.NONE if pytree.is_none(default) else Default.APPLICATION
    if kind == "GeneratedField":  # a stored one is computed for every row: the table is rewritten
        database = Default.VOLATILE if pytree.true(pytree.argument(node, "db_persist")) else Default.CONSTANT
    if pytree.true(pytree.argument(node, "auto_now")) or pytree.true(pytree.argument(node, "auto_now_add")):
        database = Default.APPLICATION
    not_null = not pytree.true(pytree.argument(node, "null"))
    if not_null and pytree.true(pytree.argument(node, "blank")) and kind in _TEXTS and database is Default.NONE:
        database = Default.APPLICATION  # the empty string
    if database is Default.NONE and _DJANGOS.match(ast.unparse(node.func)) is None:
        database = Default.APPLICATION  # a class of the project's own may allow NULL or bring a default: not known here
    written = pytree.string(pytree.argument(node, "db_column")) or (f"{name}_id" if relation else name)
    target = pytree.argument(node, "to", 0) if relation else None
    return Column(
        name=written,
        type=kind,
        not_null=not_null,
        default=database,
        primary_key=pytree.true(pytree.argument(node, "primary_key")) or kind in _AUTOMATIC,
        references=pytree.string(target).replace(".", "_").lower() if relation else "",
        on_delete="",  # Django cascades in Python: the database has no ON DELETE
        unique=pytree.true(pytree.argument(node, "unique")) or kind == "OneToOneField",
        indexed=indexed(node),
        stored=stored_type(node),
    )


def _add_field(node: ast.Call, file: _File) -> Iterator[Operation]:
    name = pytree.string(pytree.argument(node, "name", 1), file.names)
    column = _column(name, pytree.argument(node, "field", 2))
    if column is not None:
        yield Operation(OpKind.ADD_COLUMN, _model(node, file), column.name, column=column, references=column.references)


def _alter_field(node: ast.Call, file: _File) -> Iterator[Operation]:
    """What the field becomes; what it was, the migration does not say, so no type change is claimed."""
    name = pytree.string(pytree.argument(node, "name", 1), file.names)
    column = _column(name, pytree.argument(node, "field", 2))
    if column is not None:
        yield Operation(OpKind.OTHER, _model(node, file), column.name, column=column, new_name="alter field")


def _remove_field(node: ast.Call, file: _File) -> Iterator[Operation]:
    name = pytree.string(pytree.argument(node, "name", 1), file.names)
    yield Operation(OpKind.DROP_COLUMN, _model(node, file), name, reversible=False)


def _rename_field(node: ast.Call, file: _File) -> Iterator[Operation]:
    old = pytree.string(pytree.argument(node, "old_name", 1), file.names)
    new = pytree.string(pytree.argument(node, "new_name", 2), file.names)
    yield Operation(OpKind.RENAME_COLUMN, _model(node, file), old, new_name=new)


def _create_model(node: ast.Call, file: _File) -> Iterator[Operation]:
    fields = pytree.argument(node, "fields", 1)
    columns = []
    if isinstance(fields, ast.List | ast.Tuple):
        for item in fields.elts:
            if isinstance(item, ast.Tuple) and len(item.elts) == 2:
                column = _column(pytree.string(item.elts[0]), item.elts[1])
                if column is not None:
                    columns.append(column)
    yield Operation(OpKind.CREATE_TABLE, _model(node, file, 0, "name"), columns=tuple(columns))


def _delete_model(node: ast.Call, file: _File) -> Iterator[Operation]:
    yield Operation(OpKind.DROP_TABLE, _model(node, file, 0, "name"), reversible=False)


def _rename_model(node: ast.Call, file: _File) -> Iterator[Operation]:
    yield Operation(OpKind.RENAME_TABLE, _model(node, file, 0, "old_name"), new_name=_model(node, file, 1, "new_name"))


def _add_index(node: ast.Call, file: _File) -> Iterator[Operation]:
    index = pytree.argument(node, "index", 1)
    if isinstance(index, ast.Call):
        yield Operation(
            OpKind.ADD_INDEX,
            _model(node, file),
            pytree.string(pytree.argument(index, "name")),
            keys=pytree.strings(pytree.argument(index, "fields"), file.names),
            concurrently=pytree.tail(node) == "AddIndexConcurrently",
        )


def _remove_index(node: ast.Call, file: _File) -> Iterator[Operation]:
    name = pytree.string(pytree.argument(node, "name", 1), file.names)
    yield Operation(
        OpKind.DROP_INDEX, _model(node, file), name, concurrently=pytree.tail(node) == "RemoveIndexConcurrently"
    )


def _add_constraint(node: ast.Call, file: _File) -> Iterator[Operation]:
    constraint = pytree.argument(node, "constraint", 1)
    if not isinstance(constraint, ast.Call):
        return
    kind = OpKind.ADD_UNIQUE if pytree.tail(constraint) == "UniqueConstraint" else OpKind.ADD_CHECK
    parts = {keyword.arg for keyword in constraint.keywords}
    if kind is OpKind.ADD_UNIQUE and (parts & _ONLY_AN_INDEX or constraint.args):
        kind = OpKind.ADD_INDEX  # databases know no constraint of a part of the rows or of an expression
    yield Operation(
        kind,
        _model(node, file),
        pytree.string(pytree.argument(constraint, "name")),
        keys=pytree.strings(pytree.argument(constraint, "fields"), file.names),
        unique=kind is not OpKind.ADD_CHECK,
        validated=pytree.tail(node) != "AddConstraintNotValid",
    )


def _remove_constraint(node: ast.Call, file: _File) -> Iterator[Operation]:
    yield Operation(
        OpKind.DROP_CONSTRAINT, _model(node, file), pytree.string(pytree.argument(node, "name", 1), file.names)
    )


def _unique_together(node: ast.Call, file: _File) -> Iterator[Operation]:
    wanted = pytree.argument(node, "unique_together", 1)
    groups = wanted.elts if isinstance(wanted, ast.Set | ast.List | ast.Tuple) else []
    for group in groups:
        keys = pytree.strings(group, file.names)
        if keys:
            yield Operation(OpKind.ADD_UNIQUE, _model(node, file, 0, "name"), "_".join(keys), keys=keys, unique=True)


def _run_sql(node: ast.Call, file: _File) -> Iterator[Operation]:
    sql = pytree.argument(node, "sql", 0)
    back = pytree.argument(node, "reverse_sql", 1)
    for text in pytree.strings(sql, file.names):
        for op in read_all(text, file.path, first_line=(sql or node).lineno):
            yield replace(op, reversible=back is not None)


def _run_python(node: ast.Call, file: _File) -> Iterator[Operation]:
    from reviewer.evidence.sql.backfill import django_code

    code = pytree.argument(node, "code", 0)
    back = pytree.argument(node, "reverse_code", 1)
    function = file.functions.get(code.id) if isinstance(code, ast.Name) else None
    idle = pytree.tail(back) == "noop"
    op = django_code(function, file.text, file.app)
    yield replace(op, reversible=back is not None, new_name=IDLE if idle else "")


_READERS: dict[str, Callable[[ast.Call, _File], Iterator[Operation]]] = {
    "AddField": _add_field,
    "AlterField": _alter_field,
    "RemoveField": _remove_field,
    "RenameField": _rename_field,
    "CreateModel": _create_model,
    "DeleteModel": _delete_model,
    "RenameModel": _rename_model,
    "AddIndex": _add_index,
    "AddIndexConcurrently": _add_index,
    "RemoveIndex": _remove_index,
    "RemoveIndexConcurrently": _remove_index,
    "AddConstraint": _add_constraint,
    "AddConstraintNotValid": _add_constraint,
    "RemoveConstraint": _remove_constraint,
    "AlterUniqueTogether": _unique_together,
    "RunSQL": _run_sql,
    "RunPython": _run_python,
}
