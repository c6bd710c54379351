"""A place where a rule's pattern matched, with the questions guards ask about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reviewer.evidence.examined import Text
from reviewer.evidence.languages import family_of
from reviewer.evidence.repo import RepoFacts
from reviewer.evidence.rule import Rule

if TYPE_CHECKING:
    from ast_grep_py import SgNode

FUNCTIONS = frozenset(
    {
        "function_definition", "lambda",  # python
        "function_declaration", "method_declaration", "func_literal",  # go
        "method_definition", "arrow_function", "function_expression", "generator_function_declaration",
        "generator_function",  # js
        "constructor_declaration", "lambda_expression",  # java
        "method", "singleton_method",  # ruby
    }
)  # fmt: skip
CLASSES = frozenset(
    {
        "class_definition", "class_declaration", "abstract_class_declaration", "class", "module",
        "interface_declaration", "enum_declaration", "record_declaration",
    }
)  # fmt: skip
_ROOTS = frozenset({"module", "program", "source_file"})
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Hit:
    """One match of `rule` in `text`. Compare hits by `print`, not by identity."""

    rule: Rule
    node: SgNode
    text: Text
    path: str
    facts: RepoFacts

    @property
    def family(self) -> str:
        return family_of(self.text.language)

    @cached_property
    def place(self) -> SgNode:
        """The node that is reported: the rule's anchor capture, or the match."""
        return (self.rule.anchor and self.node.get_match(self.rule.anchor)) or self.node

    @property
    def start(self) -> int:
        """First line of the place, 1-based."""
        return self.place.range().start.line + 1

    @property
    def end(self) -> int:
        return self.place.range().end.line + 1

    @cached_property
    def above(self) -> tuple[SgNode, ...]:
        """Enclosing nodes, nearest first, the file itself left out."""
        return tuple(node for node in self.node.ancestors() if node.parent() is not None)

    @cached_property
    def function(self) -> SgNode | None:
        """The nearest enclosing function, method, closure or lambda."""
        return next((node for node in self.above if node.kind() in FUNCTIONS), None)

    @cached_property
    def outer_function(self) -> SgNode | None:
        """The outermost enclosing function below the class or file."""
        found = None
        for node in self.above:
            if node.kind() in CLASSES:
                break
            if node.kind() in FUNCTIONS:
                found = node
        return found

    @cached_property
    def symbol(self) -> str:
        """`Class.method` as far as names are to be had."""
        names = [name for node in self.above if node.kind() in FUNCTIONS | CLASSES and (name := name_of(node))]
        return ".".join(reversed(names))

    def capture(self, name: str) -> str:
        """Text of a single capture, "" if it did not take part."""
        found = self.node.get_match(name)
        return found.text() if found else ""

    def captures(self, name: str) -> tuple[SgNode, ...]:
        """Nodes of a `$$$` capture, punctuation left out."""
        return tuple(node for node in self.node.get_multiple_matches(name) if node.is_named())

    @property
    def print(self) -> str:
        """What the place is, whatever line it stands on: its text with white space folded.

        Of a long node only the first line counts: a hazard is not new because something in its body changed.
        """
        text = self.place.text()
        if text.count("\n") > 5:
            text = text.partition("\n")[0]
        return _SPACE.sub(" ", text).strip()


def name_of(node: SgNode) -> str:
    """The name of a function or class node; of a closure, the variable it is assigned to."""
    field = node.field("name")
    if field is not None:
        return field.text()
    parent = node.parent()
    if parent is not None and parent.kind() in {"variable_declarator", "pair", "public_field_definition"}:
        named = parent.field("name") or parent.field("key")
        return named.text() if named else ""
    return ""
