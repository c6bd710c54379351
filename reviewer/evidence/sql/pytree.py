"""Python migrations as syntax: parsed, never imported; the few shapes their readers ask for."""

from __future__ import annotations

import ast
import threading
import warnings
from collections import deque
from collections.abc import Iterator, Mapping

from reviewer.evidence.sql.operation import Default

# Up to CPython 3.12 the depth counter of the AST builder and the list of warning filters belong to the whole process:
# two threads that parse at once make the one or the other raise SystemError or lose its filters.
_ONE_AT_A_TIME = threading.Lock()

FILLED = "x"  # what stands for a part of a string that the program fills in


def parse(text: str) -> ast.Module | None:
    """The module, or None where the text is not Python (or too deep to parse)."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def classes(module: ast.Module) -> Iterator[ast.ClassDef]:
    """All classes of a module, in the order `ast.walk` meets them, without a look at its expressions: they hold none."""
    waiting: deque[ast.AST] = deque([module])
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.ClassDef):
            yield node
        for name in ("body", "handlers", "cases", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                waiting.extend(inner)


def constants(module: ast.Module) -> Mapping[str, str]:
    """Module-level names bound once to a string."""
    found: dict[str, str] = {}
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = node.value.value
    return found


def string(node: ast.expr | None, names: Mapping[str, str] | None = None) -> str:
    """The text a string expression stands for: literal, concatenation, `text("…")`, known name; else ""."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.Name):
        return (names or {}).get(node.id, "")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return string(node.left, names) + string(node.right, names)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else FILLED
            for part in node.values
        )
    if isinstance(node, ast.Call) and tail(node.func) in {"text", "dedent", "DDL", "f"} and node.args:
        return string(node.args[0], names)
    return ""


def strings(node: ast.expr | None, names: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The strings of a list or tuple expression."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return tuple(string(item, names) for item in node.elts)
    one = string(node, names)
    return (one,) if one else ()


def tail(node: ast.expr | None) -> str:
    """The last name of `a.b.c`, or of a call of it."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def argument(call: ast.Call, name: str, position: int = -1) -> ast.expr | None:
    """An argument by keyword or by position."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if 0 <= position < len(call.args) else None


def true(node: ast.expr | None, *, default: bool = False) -> bool:
    """A literal True or False; `default` where it is neither."""
    return bool(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, bool) else default


def is_none(node: ast.expr | None) -> bool:
    """Whether the expression is absent or literally None."""
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def server_default(node: ast.expr | None) -> Default:
    """What a database default amounts to."""
    if is_none(node):
        return Default.NONE
    written = ast.unparse(node) if node is not None else ""
    return (
        Default.VOLATILE
        if any(word in written for word in ("uuid", "random", "clock_timestamp", "nextval"))
        else Default.CONSTANT
    )


def source(text: str, node: ast.AST) -> str:
    """The lines a node stands on, verbatim."""
    lines = text.split("\n")
    return "\n".join(lines[getattr(node, "lineno", 1) - 1 : getattr(node, "end_lineno", 1)]).strip()
