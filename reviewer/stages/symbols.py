"""Which function or class a line belongs to, read from the syntax tree of its file.

ast-grep's grammars do the parsing: they recover from broken code, need no toolchain and run nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from reviewer.stages.grammars import GRAMMARS, Grammar, language

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_MAX_BYTES = 1_000_000
_MAX_LINE = 5_000  # minified: parsing is slow and nobody reviews it


class Symbol(NamedTuple):
    """A named function, method, class or the like. Lines are 1-based and inclusive, decorators included.

    `name` is qualified by what surrounds it: `OrderService.place`. `kind` is `function` or `type`.
    """

    name: str
    kind: str
    start_line: int
    end_line: int


def enclosing(path: str, source_text: str, line: int) -> Symbol | None:
    """The innermost symbol around a 1-based line, or None (top level, unknown language, unreadable file)."""
    around = [symbol for symbol in outline(path, source_text) if symbol.start_line <= line <= symbol.end_line]
    return min(around, key=lambda symbol: (symbol.end_line - symbol.start_line, -symbol.start_line), default=None)


@lru_cache(maxsize=128)
def outline(path: str, source_text: str) -> tuple[Symbol, ...]:
    """All symbols of a file in the order they begin. Cached: several stages ask about the same files."""
    name = language(path)
    if name is None or len(source_text) > _MAX_BYTES or _minified(source_text):
        return ()
    grammar = GRAMMARS[name]
    root = _parse(source_text.encode("utf-8", "replace").decode("utf-8"), grammar.parser)
    if root is None:
        return ()
    nodes = root.find_all(any=[{"kind": kind} for kind in grammar.kinds])
    spans = [span for node in nodes if (span := _span(node, grammar)) is not None]
    return _qualified(spans)


def _minified(text: str) -> bool:
    """Whether a line is beyond what a person writes. The average rules most files out without a scan."""
    return any(len(line) > _MAX_LINE for line in text.split("\n")) if len(text) > _MAX_LINE else False


def _parse(text: str, parser: str) -> SgNode | None:
    """The root node, or None where the parser gives up.

    It is Rust underneath: a panic arrives as a BaseException of its own type, and only that one is ours to stop.
    """
    from ast_grep_py import SgRoot

    try:
        return SgRoot(text, parser).root()
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return None


def _span(node: SgNode, grammar: Grammar) -> Symbol | None:
    kind = node.kind()
    name = _name(node, grammar)
    if not name:
        return None
    outer = node
    parent = node.parent()
    while parent is not None and parent.kind() in grammar.wrappers:
        outer, parent = parent, parent.parent()
    span = outer.range()
    end = span.end.line + (1 if span.end.column or span.end.line == span.start.line else 0)
    return Symbol(name, grammar.kinds[kind], span.start.line + 1, end)


def _name(node: SgNode, grammar: Grammar) -> str:
    """What the symbol is called: its name field, or the first child that can be a name in this grammar."""
    if node.kind() in grammar.valued and not _is_function(node.field("value")):
        return ""
    for field in grammar.name_fields:
        found = node.field(field)
        if found is not None:
            return _receiver(node) + found.text().split("(")[0].strip(" *&\n\t")[:120]
    for child in node.children():
        if child.kind() in grammar.name_kinds:
            return child.text()[:120]
    return ""


def _receiver(node: SgNode) -> str:
    """`Server.` for a Go method on `*Server`; empty for anything else."""
    receiver = node.field("receiver") if node.kind() == "method_declaration" else None
    words = re.findall(r"\w+", receiver.text().split("[")[0]) if receiver is not None else []
    return f"{words[-1]}." if words else ""


def _is_function(node: SgNode | None) -> bool:
    return node is not None and node.kind() in {"arrow_function", "function_expression", "function", "class"}


def _qualified(spans: list[Symbol]) -> tuple[Symbol, ...]:
    """Put the names of surrounding symbols in front."""
    spans = sorted(dict.fromkeys(spans), key=lambda span: (span.start_line, -span.end_line))
    found: list[Symbol] = []
    stack: list[Symbol] = []
    for span in spans:
        while stack and stack[-1].end_line < span.start_line:
            stack.pop()
        outer = next((symbol for symbol in reversed(stack) if symbol.end_line >= span.end_line), None)
        symbol = span if outer is None else span._replace(name=f"{outer.name}.{span.name}")
        found.append(symbol)
        stack.append(symbol)
    return tuple(found)
