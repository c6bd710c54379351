"""Strings built from pieces, in five languages: taken apart into literal text and dynamic expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from reviewer.evidence.guards.locals import additions, assignments
from reviewer.evidence.hit import Hit

if TYPE_CHECKING:
    from ast_grep_py import SgNode

CONSTANT = re.compile(
    r"^[A-Z][A-Z0-9_]*$|^[A-Z]\w*(?:::|\.)[A-Z][A-Z0-9_]+$|^\d+$|^(?:this\.|self\.)?_?[A-Z][A-Z0-9_]+$"
)
_PERCENT = re.compile(r"%(?:\(\w+\))?[-+ #0-9.*]*([sdvqrfixt])")
_BRACE = re.compile(r"\{[^{}]*\}")


class Part(NamedTuple):
    """A piece of a built string: literal text, or the source of a dynamic expression. `number`: cannot hold text."""

    literal: bool
    text: str
    number: bool = False


def parts(hit: Hit, node: SgNode, depth: int = 0) -> list[Part]:  # noqa: PLR0911  one return for each kind of node
    """A string expression taken apart, through the one local variable it may be kept in."""
    kind = node.kind()
    if depth > 12:
        return [Part(False, node.text())]
    if kind in {"parenthesized_expression", "expression_list", "argument"}:
        inner = [child for child in node.children() if child.is_named()]
        return parts(hit, inner[0], depth + 1) if len(inner) == 1 else [Part(False, node.text())]
    if kind in {"string", "template_string", "string_literal", "interpreted_string_literal", "raw_string_literal", "concatenated_string",
                "chained_string", "subshell"}:  # fmt: skip
        return _literal(hit, node, depth)
    if kind in {"binary_operator", "binary_expression", "binary"}:
        return _binary(hit, node, depth)
    if kind in {"call", "call_expression", "method_invocation"}:
        return _format(hit, node, depth)
    if kind == "identifier" and depth < 2:
        return _variable(hit, node, depth)
    return [Part(False, node.text())]


def _variable(hit: Hit, node: SgNode, depth: int) -> list[Part]:
    """A local: the one value it is assigned, and what is added to it after."""
    values = assignments(hit, node.text())
    if len(values) != 1:
        return [Part(False, node.text())]
    found = parts(hit, values[0], depth + 2)
    for more in additions(hit, node.text()):
        found += parts(hit, more, depth + 2)
    return found


def _literal(hit: Hit, node: SgNode, depth: int) -> list[Part]:
    result: list[Part] = []
    children = [child for child in node.children() if child.kind() not in {"string_start", "string_end"}]
    if not any(child.is_named() for child in children):
        return [Part(True, node.text().strip("\"'`"))]
    for child in children:
        kind = child.kind()
        if kind in {"interpolation", "template_substitution"}:
            inner = [grand for grand in child.children() if grand.is_named()]
            result.append(Part(False, inner[0].text() if inner else child.text()))
        elif kind in {"string", "template_string", "concatenated_string"}:
            result += _literal(hit, child, depth + 1)
        elif child.is_named():
            result.append(Part(True, child.text()))
    return result


def _binary(hit: Hit, node: SgNode, depth: int) -> list[Part]:
    left, right = node.field("left"), node.field("right")
    operator = node.field("operator")
    if left is None or right is None:
        return [Part(False, node.text())]
    symbol = operator.text() if operator else "+"
    if symbol == "+":
        return parts(hit, left, depth + 1) + parts(hit, right, depth + 1)
    if symbol == "%":
        values = (
            [child.text() for child in right.children() if child.is_named()]
            if right.kind() == "tuple"
            else [right.text()]
        )
        return _fill(parts(hit, left, depth + 1), _PERCENT, values)
    return [Part(False, node.text())]


def _format(hit: Hit, node: SgNode, depth: int) -> list[Part]:
    """`"…".format(x)`, `fmt.Sprintf("…", x)`, `String.format("…", x)`, `"…".formatted(x)`, `sa.text("…")`."""
    callee = node.text().partition("(")[0]
    arguments = node.field("arguments")
    values = [child for child in arguments.children() if child.is_named()] if arguments else []
    if re.search(r"\b(?:Sprintf|String\.format)$", node.text()[: len(callee)]) and values:
        return _fill(parts(hit, values[0], depth + 1), _PERCENT, [value.text() for value in values[1:]])
    function = node.field("function")
    if (
        node.kind() == "call"
        and function is not None
        and function.kind() == "attribute"
        and function.text().endswith(".format")
    ):
        receiver = function.field("object")
        if receiver is not None:
            return _fill(parts(hit, receiver, depth + 1), _BRACE, [value.text() for value in values])
    if node.kind() == "method_invocation" and (receiver := node.field("object")) is not None:
        name = node.field("name")
        if name is not None and name.text() == "formatted":
            return _fill(parts(hit, receiver, depth + 1), _PERCENT, [value.text() for value in values])
    if re.search(r"(?:^|\.)text$", callee) and len(values) == 1:
        return parts(hit, values[0], depth + 1)
    return [Part(False, node.text())]


def _fill(template: list[Part], hole: re.Pattern[str], values: list[str]) -> list[Part]:
    """Literal parts with their holes replaced by the values, in order; a value that is missing is the hole itself."""
    result: list[Part] = []
    queue = list(values)
    for part in template:
        if not part.literal:
            result.append(part)
            continue
        last = 0
        for match in hole.finditer(part.text):
            result.append(Part(True, part.text[last : match.start()]))
            number = match.lastindex is not None and match[1] in "dfixt"
            result.append(Part(False, queue.pop(0) if queue else match[0], number))
            last = match.end()
        result.append(Part(True, part.text[last:]))
    return result


def constant_local(hit: Hit, name: str, depth: int = 0) -> bool:
    """A local whose only value is a literal, or a path under the program's own root."""
    values = assignments(hit, name) if re.fullmatch(r"[a-z_]\w*", name) else []
    if len(values) != 1:
        return False
    if re.match(r"Rails\.root|__dir__|File\.join\(Rails|Path\(__file__\)|path\.join\(__dirname", values[0].text()):
        return True
    return depth < 3 and all(
        part.literal or constant_local(hit, part.text, depth + 1) for part in parts(hit, values[0])
    )
