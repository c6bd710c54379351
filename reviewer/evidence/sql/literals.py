"""SQL written inside program code: statements that reach every row because nothing narrows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from reviewer.evidence.examined import Text
from reviewer.evidence.hit import FUNCTIONS, name_of
from reviewer.evidence.sieve import folded
from reviewer.evidence.sql.dml import unbounded

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_STARTS = re.compile(r"\b(?:UPDATE\s+[\w\"`.\[\]]+\s+SET\s|DELETE\s+FROM\s+[\w\"`.\[\]]+)", re.IGNORECASE)
_LITERALS = {
    "python": ("string",),
    "go": ("interpreted_string_literal", "raw_string_literal"),
    "typescript": ("string", "template_string"),
    "tsx": ("string", "template_string"),
    "javascript": ("string", "template_string"),
    "java": ("string_literal",),
    "ruby": ("string", "heredoc_body"),
}
_GROWS = {
    "binary_expression",
    "binary_operator",
    "concatenated_string",
    "augmented_assignment",
    "operator_assignment",
    "assignment_expression_plus",
}
_CALLS = re.compile(r"exec|query|raw|sql|prepare|run\b|statement|text\b|update\b", re.IGNORECASE)


class SqlLiteral(NamedTuple):
    """An unbounded statement in code: the table, the verb, and its lines."""

    table: str
    verb: str
    line: int
    end_line: int
    text: str
    dynamic: bool  # something may be appended: not certain


def unbounded_literals(text: Text) -> tuple[SqlLiteral, ...]:
    """Literals that are a whole UPDATE or DELETE with nothing to narrow it and nothing added to them."""
    if text.language not in _LITERALS or not _may_state(text.text) or text.root is None:
        return ()
    found = []
    for kind in _LITERALS[text.language]:
        for node in text.root.find_all(kind=kind):
            written = node.text()
            if _STARTS.search(written) is None:
                continue
            sql = _plain(written)
            if _built_up(node) or not _STARTS.match(sql.strip()) or not _goes_to_a_database(node) or _meant(node):
                continue
            hit = unbounded(sql)
            if hit is not None:
                span = node.range()
                found.append(
                    SqlLiteral(hit.table, hit.verb, span.start.line + 1, span.end.line + 1, written, dynamic=False)
                )
    return tuple(sorted(found, key=lambda item: (item.line, item.end_line)))


def _may_state(text: str) -> bool:
    """Whether a statement can be there: the words first, the expression only where they stand."""
    low = folded(text)
    update, delete = "update" in low and "set" in low, "delete" in low and "from" in low
    return (update or delete) and _STARTS.search(text) is not None


def _plain(written: str) -> str:
    stripped = re.sub(r"^[rRbBuUfF]{0,2}(\"\"\"|'''|\"|'|`)", "", written.strip())
    return re.sub(r"(\"\"\"|'''|\"|'|`)$", "", stripped)


def _built_up(node) -> bool:  # type: ignore[no-untyped-def]  # noqa: ANN001  SgNode is untyped at run time
    """Whether anything is joined to the literal, or put into it, on the way to the database."""
    if re.search(r"\$\{|#\{|%s\s*$|%v|\{\w*\}\s*$", node.text()):
        return True
    for depth, parent in enumerate(node.ancestors()):
        if depth > 3:
            break
        if parent.kind() in _GROWS:
            return True
        if parent.kind() in {
            "assignment",
            "assignment_statement",
            "short_var_declaration",
            "variable_declarator",
            "local_variable_declaration",
        }:
            return _appended(parent)
    return False


def _appended(declaration) -> bool:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """A variable that is added to later in the same function."""
    name = re.match(r"\s*(?:(?:const|let|var|String|final)\s+)*([\w.$]+)", declaration.text())
    if name is None:
        return False
    for parent in declaration.ancestors():
        if re.search(r"function|method|block_mapping|program|module|source_file", parent.kind()):
            return (
                re.search(
                    rf"\b{re.escape(name[1])}\s*(?:\+=|<<|=\s*{re.escape(name[1])}\b|\.(?:append|concat)\b)|\+\s*{re.escape(name[1])}\b|\b{re.escape(name[1])}\s*\+|\{{{re.escape(name[1])}\}}",
                    parent.text(),
                )
                is not None
            )
    return False


def _goes_to_a_database(node) -> bool:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """The literal is an argument of a call that runs SQL, or is bound to a name that says so."""
    for depth, parent in enumerate(node.ancestors()):
        if depth > 5:
            return False
        kind = parent.kind()
        if kind in {
            "call",
            "call_expression",
            "method_invocation",
            "annotation",
            "decorator",
            "object_creation_expression",
        }:
            return _CALLS.search(parent.text().split(node.text(), maxsplit=1)[0]) is not None
        if kind in {
            "assignment",
            "assignment_statement",
            "short_var_declaration",
            "variable_declarator",
            "const_spec",
            "var_spec",
        }:
            return re.match(r"\s*\w*(?:sql|query|stmt|statement|dml)\w*", parent.text(), re.IGNORECASE) is not None
    return False


def _meant(node: SgNode) -> bool:
    """In a function whose name says that every row is meant: `delete_all`, `reset`, `truncate`."""
    return any(_ALL_ROWS.search(name_of(above)) for above in node.ancestors() if above.kind() in FUNCTIONS)


_ALL_ROWS = re.compile(
    r"(?i)(?:^|_)(?:delete|remove|drop|clear|update)_?all|reset|truncate|purge|wipe|flush|rebuild|recount|tear_?down|clean_?up"
)
