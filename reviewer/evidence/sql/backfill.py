"""Data moved by migration code: does it reach every row, and does it do so in batches?"""

from __future__ import annotations

import ast
import re

from reviewer.evidence.sql import pytree
from reviewer.evidence.sql.operation import Operation, OpKind

_BATCHES = re.compile(r"batch|chunk|islice|bulk_update|LIMIT|\[:\s*\w+\]|\[\w+\s*:\s*\w+", re.IGNORECASE)
_NARROWING = {"filter", "exclude", "get", "first", "last", "in_bulk"}


def django_code(function: ast.FunctionDef | None, text: str, app: str) -> Operation:
    """What a RunPython function does to the rows it reaches."""
    if function is None:
        return Operation(OpKind.RUN_CODE, name="python")
    whole = _loop_over_all(function) or _update_all(function)
    model = _model_of(function)
    place = whole or function
    return Operation(
        OpKind.RUN_CODE,
        f"{app}_{model.lower()}" if app and model else model.lower(),
        function.name,
        whole_table=whole is not None,
        batched=_BATCHES.search(ast.unparse(function)) is not None,
        line=place.lineno,
        end_line=(place.lineno if isinstance(place, ast.For | ast.FunctionDef) else place.end_lineno) or place.lineno,
        text=pytree.source(text, place),
    )


def _chain(node: ast.expr) -> list[str]:
    """The method names of `a.b().c()`, last first."""
    names = []
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        else:
            node = node.func
    return names


def _reaches_all(node: ast.expr) -> bool:
    names = _chain(node)
    return "objects" in names and not _NARROWING & set(names) and ("all" in names or "iterator" in names)


def _loop_over_all(function: ast.FunctionDef) -> ast.For | None:
    for node in ast.walk(function):
        if not isinstance(node, ast.For) or not _reaches_all(node.iter):
            continue
        body = ast.Module(body=node.body, type_ignores=[])
        if any(
            isinstance(call, ast.Call) and pytree.tail(call) in {"save", "update", "delete"} for call in ast.walk(body)
        ):
            return node
    return None


def _update_all(function: ast.FunctionDef) -> ast.Call | None:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and pytree.tail(node) in {"update", "delete"}
            and isinstance(node.func, ast.Attribute)
        ):
            names = _chain(node)
            if "objects" in names and not _NARROWING & set(names):
                return node
    return None


def _model_of(function: ast.FunctionDef) -> str:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and pytree.tail(node) == "get_model" and len(node.args) >= 2:
            return pytree.string(node.args[1])
    return ""
