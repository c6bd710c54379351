"""Guards on loops: does this run once per item of a list nobody bounded?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from reviewer.evidence.hit import Hit

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_BOUNDED = re.compile(
    r"chunk|batch|page|slice|in_groups|offset|cursor|retr(?:y|ies)|attempt|shard|window|partition|range\(\s*\d+\s*\)|\btimes\b|enumerate\(\[",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"\b(?:config|configuration|settings)\.\w|(?:^|[.:])[A-Z][A-Z0-9]*_[A-Z0-9_]+(?:\.\w+)*$|\blazy\b"
)  # a list of the configuration, a constant; one read only until something is found
_CACHE = re.compile(r"(?:this\.|self\.|@)?\w*(?:cache|memo|known|seen)\w*\[", re.IGNORECASE)
_LITERAL = frozenset(
    {"list", "tuple", "array", "array_literal", "composite_literal", "set", "range", "string_array", "symbol_array"}
)
_JS_LOOPS = re.compile(r"\.(?:map|forEach|flatMap|filter|reduce|some|every|find)$")
_RUBY_LOOPS = re.compile(
    r"^(?:each|each_with_index|each_with_object|map|flat_map|collect|select|reject|filter_map|find_each|sum|inject|reduce|any\?|all\?|to_h|index_by|group_by|sort_by)$"
)
_JAVA_LOOPS = re.compile(r"^(?:map|forEach|flatMap|filter|peek|mapToObj|mapToInt|mapToLong|anyMatch|allMatch)$")
_WORD = re.compile(r"[A-Za-z_]\w*")


class Loop(NamedTuple):
    """What is looped over, the names that change each turn, and the part that runs each turn."""

    over: str
    names: frozenset[str]
    body: SgNode


def in_loop(hit: Hit, _argument: str) -> bool:
    """Inside a loop over items, in its body, with something of the item in the call, and not over batches or literals."""
    for inner, node in zip((hit.node, *hit.above), hit.above, strict=False):
        if node.kind() in _STOPS and not (hit.family == "typescript" and node.kind() in _CLOSURES):
            return False
        loop = _loop(hit, node)
        if loop is None:
            continue
        if not _within(loop.body, hit.node) or _BOUNDED.search(loop.over) or _FIXED.search(loop.over):
            return False
        if _ends(hit, node) or _remembered(hit):
            return False
        changing = loop.names | _assigned(loop.body)
        return bool(changing & set(_WORD.findall(hit.node.text()))) and inner is not None
    return False


_STOPS = frozenset(
    {"function_definition", "lambda", "function_declaration", "method_declaration", "func_literal", "method_definition", "method",
     "singleton_method", "arrow_function", "function_expression"}
)  # fmt: skip
_CLOSURES = frozenset({"arrow_function", "function_expression"})


_ONLY_ONCE = frozenset({"return_statement", "return"})


def _ends(hit: Hit, loop: SgNode) -> bool:
    """The call stands in a `return` that leaves the loop: it runs once, for the item that was looked for."""
    inside = [node.kind() for node in hit.above if _within(loop, node) and node.range() != loop.range()]
    returns = next((place for place, kind in enumerate(inside) if kind in _ONLY_ONCE), None)
    return returns is not None and not (_STOPS | _CLOSURES | {"lambda_expression"}) & set(inside[returns:])


def _remembered(hit: Hit) -> bool:
    """What is read goes into a cache by its key: the second time it is not asked for."""
    for node in hit.above:
        if node.kind() in {
            "assignment",
            "operator_assignment",
            "assignment_expression",
            "augmented_assignment_expression",
        }:
            left = node.field("left")
            return left is not None and _CACHE.match(left.text()) is not None
        if node.kind() in _STOPS or node.kind().endswith("_statement"):
            return False
    return False


def _loop(hit: Hit, node: SgNode) -> Loop | None:
    reader = {"python": _python, "go": _go, "typescript": _js, "java": _java, "ruby": _ruby}[hit.family]
    return reader(node)


def _python(node: SgNode) -> Loop | None:
    if node.kind() == "for_statement":
        return _header(node, "left", "right", "body")
    if node.kind() in {"list_comprehension", "set_comprehension", "generator_expression", "dictionary_comprehension"}:
        clause = next((child for child in node.children() if child.kind() == "for_in_clause"), None)
        body = node.field("body")
        if clause is not None and body is not None:
            left, right = clause.field("left"), clause.field("right")
            if left is not None and right is not None and right.kind() not in _LITERAL:
                return Loop(right.text(), frozenset(_WORD.findall(left.text())), body)
    return None


def _go(node: SgNode) -> Loop | None:
    if node.kind() != "for_statement":
        return None
    clause = next((child for child in node.children() if child.kind() == "range_clause"), None)
    body = node.field("body")
    if clause is None or body is None:
        return None
    left, right = clause.field("left"), clause.field("right")
    if left is None or right is None or right.kind() in _LITERAL:
        return None
    return Loop(right.text(), frozenset(_WORD.findall(left.text())), body)


def _js(node: SgNode) -> Loop | None:
    if node.kind() == "for_in_statement":
        return _header(node, "left", "right", "body")
    if node.kind() != "call_expression":
        return None
    callee, arguments = node.field("function"), node.field("arguments")
    if callee is None or arguments is None or not _JS_LOOPS.search(callee.text()):
        return None
    receiver = callee.field("object")
    callback = next((child for child in arguments.children() if child.kind() in _CLOSURES), None)
    if callback is None or receiver is None or receiver.kind() in _LITERAL:
        return None
    parameters = callback.field("parameters") or callback.field("parameter")
    return Loop(receiver.text(), frozenset(_WORD.findall(parameters.text())) if parameters else frozenset(), callback)


def _java(node: SgNode) -> Loop | None:
    if node.kind() == "enhanced_for_statement":
        return _header(node, "name", "value", "body")
    if node.kind() != "method_invocation":
        return None
    name, receiver, arguments = node.field("name"), node.field("object"), node.field("arguments")
    if name is None or receiver is None or arguments is None or not _JAVA_LOOPS.match(name.text()):
        return None
    if name.text() != "forEach" and not re.search(r"[sS]tream\(", receiver.text()):
        return None
    callback = next((child for child in arguments.children() if child.kind() == "lambda_expression"), None)
    parameters = callback.field("parameters") if callback else None
    if callback is None or parameters is None:
        return None
    return Loop(receiver.text(), frozenset(_WORD.findall(parameters.text())), callback)


def _ruby(node: SgNode) -> Loop | None:
    if node.kind() == "for":
        return _header(node, "pattern", "value", "body")
    if node.kind() != "call":
        return None
    method, receiver, block = node.field("method"), node.field("receiver"), node.field("block")
    if (
        method is None
        or receiver is None
        or block is None
        or not _RUBY_LOOPS.match(method.text())
        or receiver.kind() in _LITERAL
    ):
        return None
    parameters = block.field("parameters")
    return Loop(receiver.text(), frozenset(_WORD.findall(parameters.text())) if parameters else frozenset(), block)


def _header(node: SgNode, target: str, over: str, body: str) -> Loop | None:
    left, right, inner = node.field(target), node.field(over), node.field(body)
    if left is None or right is None or inner is None or right.kind() in _LITERAL:
        return None
    return Loop(right.text(), frozenset(_WORD.findall(left.text())), inner)


def _within(outer: SgNode, inner: SgNode) -> bool:
    return outer.range().start.index <= inner.range().start.index and inner.range().end.index <= outer.range().end.index


def _assigned(body: SgNode) -> frozenset[str]:
    """Names assigned in the loop's body: they too change each turn."""
    return frozenset(
        re.findall(r"(?:^|[\s;{(])(?:const |let |var |final )?(?:\w+ )?([a-z_]\w*)\s*:?=(?![=>~])", body.text())
    )
