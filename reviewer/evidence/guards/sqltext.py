"""Guards on SQL built from pieces: which pieces are dynamic, where in the statement they stand, what they are.

Most interpolation into SQL is harmless: table names from constants, placeholder lists, whole clauses built elsewhere.
What hurts is a *value* written into the text, so a piece counts only where a value belongs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from reviewer.evidence.guards.built import CONSTANT, constant_local, parts
from reviewer.evidence.guards.names import snake
from reviewer.evidence.guards.taint import expression_tainted, is_parameter
from reviewer.evidence.hit import Hit

_SQL = re.compile(
    r"^\s*[\"'`(]*\s*(?:SELECT\b[\s\S]*\bFROM\b|INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?INTO\b|REPLACE\s+INTO\b|UPDATE\b[\s\S]*\bSET\b|DELETE\s+FROM\b"
    r"|WITH\s+\w+\s+AS\b|MERGE\s+INTO\b|CALL\s+\w|FROM\s+\w+\s+\w+\s+WHERE\b|EXEC\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?:\b(?:WHERE|AND|OR|SET|HAVING)\b|[=<>]|\bI?LIKE\b|\bIN\s*\()", re.IGNORECASE)
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
_SHELL_SAFE = re.compile(r"shlex|quote|escape|sys\.executable|__dirname|__file__|process\.execPath|Shellwords")


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
    if CONSTANT.match(expression.strip()) or _QUOTED.search(expression):
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
    return _parameter_written(hit, capture, clause=hit.family == "ruby")


def sql_clause_parameter(hit: Hit, capture: str) -> bool:
    """As `sql_parameter`, where the text may be a WHERE clause alone (gorm, query builders)."""
    return _parameter_written(hit, capture, clause=True)


def _parameter_written(hit: Hit, capture: str, *, clause: bool) -> bool:
    return any(
        not hole.number
        and value_position(hole.before)
        and re.fullmatch(r"\w+", hole.expression.strip()) is not None
        and not harmless(hole.expression)
        and is_parameter(hit, hole.expression.strip())
        for hole in holes(hit, capture, clause=clause)
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
        and not CONSTANT.match(part.text.strip())
        and not _SHELL_SAFE.search(part.text)
        and not constant_local(hit, part.text.strip())
        for part in found
    )
