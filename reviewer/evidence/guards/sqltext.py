"""Guards on SQL built from pieces: which pieces are dynamic, where in the statement they stand, what they are.

Most interpolation into SQL is harmless: table names from constants, placeholder lists, whole clauses built elsewhere.
What hurts is a *value* written into the text, so a piece counts only where a value belongs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from reviewer.evidence.guards.locals import additions, assignments
from reviewer.evidence.guards.names import snake
from reviewer.evidence.guards.taint import expression_tainted, is_parameter
from reviewer.evidence.hit import Hit

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_SQL = re.compile(
    r"^\s*[\"'`(]*\s*(?:SELECT\b[\s\S]*\bFROM\b|INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?INTO\b|REPLACE\s+INTO\b|UPDATE\b[\s\S]*\bSET\b|DELETE\s+FROM\b"
    r"|WITH\s+\w+\s+AS\b|MERGE\s+INTO\b|CALL\s+\w|FROM\s+\w+\s+\w+\s+WHERE\b|EXEC\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?:\b(?:WHERE|AND|OR|SET|HAVING)\b|[=<>]|\bLIKE\b|\bIN\s*\()", re.IGNORECASE)
_VALUE = re.compile(
    r"(?:(?:=|<|>|\bI?LIKE|\bBETWEEN|\bANY\s*\(|\bIN\s*\(|\bVALUES\s*\((?:[^()]|\([^()]*\))*|\bMATCH|\bAGAINST\s*\()\s*\(?\s*(?:E?['\"]\W{0,2})?"
    r"|[\s(,=]'%?|\bLIMIT\s+|\bOFFSET\s+)$",
    re.IGNORECASE,
)
# Words of names that hold a part of a statement, not a value.
_STRUCTURE = frozenset(
    "table tables tbl column columns col cols field fields schema placeholder placeholders marks ident identifier params suffix prefix clause clauses"
    " where condition conditions cond conds join joins order sort direction sql query subquery subq database dbname db fragment filter filters select"
    " alias index partition expr expression operator op interval keys dialect lang cte view engine constraint quoted escaped literal tablename"
    " now timestamp offset limit batch page pagination total version role migration key_list group model entity meta setters assignments values".split()
)
_VALUES = frozenset("id email value text term search keyword token code slug phone title message".split())
_QUOTED = re.compile(
    r"quote|escape|sanitize|literal|placeholder|[\"']\s*[?$%:]\w*\s*[\"']|repeat\(|\.join\(|\bjoin\(|\.map\(|\blen\(|\bint\(|\bNumber\(|[pP]arse(?:Int|Long)|to_i\b|to_sql|arel"
    r"|getValue\(\)|ordinal\(|Atoi|FormatInt|Itoa|\.name\(\)|__name__|_meta\b|table_?[nN]ame|\.class\b|constantize|connection\.|now\(|[dD]ate|[tT]ime|uuid|UUID",
)
_CONSTANT = re.compile(
    r"^[A-Z][A-Z0-9_]*$|^[A-Z]\w*(?:::|\.)[A-Z][A-Z0-9_]+$|^\d+$|^(?:this\.|self\.)?_?[A-Z][A-Z0-9_]+$"
)
_SHELL_SAFE = re.compile(r"shlex|quote|escape|sys\.executable|__dirname|__file__|process\.execPath|Shellwords")
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


class Hole(NamedTuple):
    """A dynamic part of a statement: its source and the statement's text before it."""

    expression: str
    before: str
    number: bool


def holes(hit: Hit, capture: str, *, clause: bool = False) -> list[Hole]:
    """The dynamic parts of the SQL text in a capture; none if it is no SQL. `clause`: a WHERE clause alone is SQL too."""
    node = hit.node.get_match(capture)
    if node is None:
        return []
    found = parts(hit, node)
    whole = "".join(part.text if part.literal else "\0" for part in found)
    if not _SQL.search(whole) and not (clause and _CLAUSE.search(whole)):
        return []
    result = []
    before = ""
    for part in found:
        if part.literal:
            before += part.text
        else:
            result.append(Hole(part.text, before, part.number))
            before += "\0"
    return result


def value_position(before: str) -> bool:
    """A value, not a name, belongs after this much of a statement."""
    return bool(_VALUE.search(before))


def harmless(expression: str) -> bool:
    """Constants, identifiers, placeholder lists and whole clauses: no value of anyone's."""
    if _CONSTANT.match(expression.strip()) or _QUOTED.search(expression):
        return True
    return any(_structural(name) for name in re.findall(r"[A-Za-z_]\w*", expression))


def _structural(name: str) -> bool:
    """`order_by` and `table_name` hold a part of a statement, `order_id` a value."""
    parts_of_name = snake(name).split("_")
    return parts_of_name[-1] not in _VALUES and bool(set(parts_of_name) & _STRUCTURE)


def sql_tainted(hit: Hit, capture: str) -> bool:
    """A value from the request is written into the statement."""
    return any(
        not hole.number and expression_tainted(hit, hole.expression) for hole in holes(hit, capture, clause=True)
    )


def sql_parameter(hit: Hit, capture: str) -> bool:
    """A free-text parameter of the function is written where a value belongs."""
    return any(
        not hole.number
        and value_position(hole.before)
        and re.fullmatch(r"\w+", hole.expression.strip()) is not None
        and not harmless(hole.expression)
        and is_parameter(hit, hole.expression.strip())
        for hole in holes(hit, capture, clause=hit.family == "ruby")
    )


def sql_dynamic(hit: Hit, capture: str) -> bool:
    """Some value is written into the statement, wherever it comes from."""
    return any(
        not hole.number
        and value_position(hole.before)
        and not harmless(hole.expression)
        and not constant_local(hit, hole.expression.strip())
        for hole in holes(hit, capture)
    )


def has_dynamic_part(hit: Hit, capture: str) -> bool:
    """The string in the capture (or in its one local variable) is built from something that is not a constant."""
    node = hit.node.get_match(capture)
    if node is None:
        return False
    found = parts(hit, node)
    if not any(part.literal and part.text.strip() for part in found):
        return False
    return any(
        not part.literal
        and not part.number
        and not _CONSTANT.match(part.text.strip())
        and not _SHELL_SAFE.search(part.text)
        and not constant_local(hit, part.text.strip())
        for part in found
    )


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
