"""Tables declared in Python: Django models and SQLAlchemy classes."""

from __future__ import annotations

import ast
import re

from reviewer.evidence.sql import pytree
from reviewer.evidence.sql.operation import Column, Default
from reviewer.evidence.sql.table import Table

_MODEL = re.compile(r"Model(?:Base|Mixin)?\s*[,)(#\\]")  # the end of a base class, or of what could be one

_ELSEWHERE = {"BaseModel", "RootModel", "SQLModel"}  # of pydantic, where nothing of Django is near


def python_tables(source: str) -> dict[str, Table]:
    """Tables of classes with `__tablename__` or a Django model as base."""
    if "__tablename__" not in source and _MODEL.search(source) is None:
        return {}
    module = pytree.parse(source)
    found: dict[str, Table] = {}
    for node in pytree.classes(module) if module is not None else ():
        bases = {pytree.tail(base) for base in node.bases}
        named = next(
            (
                pytree.string(item.value)
                for item in node.body
                if isinstance(item, ast.Assign)
                and any(pytree.tail(target) == "__tablename__" for target in item.targets)
            ),
            "",
        )
        django = "models." in source and any(
            base.endswith(("Model", "ModelBase")) and (base not in _ELSEWHERE or "django" in source) for base in bases
        )
        if not named and not django:
            continue
        columns = {}
        for item in node.body:
            target = (
                item.targets[0]
                if isinstance(item, ast.Assign)
                else item.target
                if isinstance(item, ast.AnnAssign)
                else None
            )
            value = getattr(item, "value", None)
            if isinstance(target, ast.Name) and isinstance(value, ast.Call):
                column = _python_column(target.id, value, getattr(item, "annotation", None), django=django)
                if column is not None:
                    columns[target.id.lower()] = (column, item.lineno)
        if columns:
            name = named or node.name
            found[name.lower()] = Table(name, node.lineno, columns)
    return found


def _python_column(name: str, call: ast.Call, annotation: ast.expr | None, *, django: bool) -> Column | None:
    kind = pytree.tail(call)
    if django:
        if kind == "Field" or (not kind.endswith("Field") and kind not in {"ForeignKey", "OneToOneField"}):
            return None
        if kind == "ManyToManyField":
            return None
        null = pytree.true(pytree.argument(call, "null"))
        has_default = pytree.argument(call, "default") is not None
        written = kind
    else:
        if kind not in {"Column", "mapped_column"}:
            return None
        declared = ast.unparse(annotation) if annotation is not None else ""
        optional = "Optional" in declared or "None" in declared
        primary = pytree.true(pytree.argument(call, "primary_key"))
        null = pytree.true(pytree.argument(call, "nullable"), default=optional or (not declared and not primary))
        has_default = pytree.argument(call, "default") is not None
        parts = [item for item in call.args if not isinstance(item, ast.Constant) and pytree.tail(item) != "ForeignKey"]
        written = ast.unparse(parts[0]) if parts else re.sub(r"^Mapped\[(.*)\]$", r"\1", declared)
    kept = pytree.server_default(pytree.argument(call, "server_default" if not django else "db_default"))
    default = kept if kept is not Default.NONE else Default.APPLICATION if has_default else Default.NONE
    return Column(
        name, written, not_null=not null, default=default, primary_key=pytree.true(pytree.argument(call, "primary_key"))
    )
