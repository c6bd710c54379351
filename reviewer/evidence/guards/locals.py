"""What a local name is assigned in the function around a hit: one step of reading back, no data flow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.evidence.hit import Hit

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# family -> (kind, field of the target, field of the value)
_ASSIGNMENTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "python": (("assignment", "left", "right"), ("named_expression", "name", "value")),
    "go": (
        ("short_var_declaration", "left", "right"),
        ("assignment_statement", "left", "right"),
        ("var_spec", "name", "value"),
    ),
    "typescript": (("variable_declarator", "name", "value"), ("assignment_expression", "left", "right")),
    "java": (("variable_declarator", "name", "value"), ("assignment_expression", "left", "right")),
    "ruby": (("assignment", "left", "right"),),
}
_AUGMENTED: dict[str, tuple[str, ...]] = {
    "python": ("augmented_assignment",),
    "go": (),
    "typescript": ("augmented_assignment_expression",),
    "java": (),
    "ruby": ("operator_assignment",),
}


def assignments(hit: Hit, name: str) -> list[SgNode]:
    """Values assigned to a name in the outermost enclosing function, destructuring included, in the text's order."""
    scope = hit.outer_function
    if scope is None or not re.fullmatch(r"[A-Za-z_]\w*", name):
        return []
    word = re.compile(rf"(?<![\w.$@]){name}(?![\w.(\[])")
    values = []
    for kind, target, value in _ASSIGNMENTS[hit.family]:
        for node in scope.find_all(kind=kind):
            left, right = node.field(target), node.field(value)
            if left is not None and right is not None and word.search(left.text()):
                values.append(right)
    return values


def additions(hit: Hit, name: str) -> list[SgNode]:
    """What is added to a name (`q += …`), in the text's order."""
    scope = hit.outer_function
    if scope is None:
        return []
    found = []
    for kind in _AUGMENTED[hit.family]:
        for node in scope.find_all(kind=kind):
            left, right = node.field("left"), node.field("right")
            if left is not None and right is not None and left.text() == name:
                found.append(right)
    return found
