"""What changed lines speak of: functions called, types used or inherited, tables touched."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from reviewer.nouns.changeset import FileChange


class Mentions(NamedTuple):
    """Names in the order of their weight: those that say most about what the change relies on come first."""

    names: tuple[str, ...]
    tables: tuple[str, ...]


_CALL = re.compile(r"(?<![\w$])([A-Za-z_][\w]{2,60})[ ]?\(")
_TYPE = re.compile(r"(?<![\w$\"'/])([A-Z][a-z0-9]+(?:[A-Z]\w*)?)\b")
_BASE = re.compile(
    r"\bclass\s+\w+\s*(?:\(\s*([\w.]+)|<\s*([\w:]+)|extends\s+([\w.]+))|\b(?:extends|implements)\s+([\w.]+)"
    r"|\bclass\s+\w+\s*:\s*(?:public\s+)?([\w.]+)"
)
_DEFINES = re.compile(
    r"\b(?:def|func|fn|fun|function|class|interface|struct|trait|module|type|record|enum|object)\s+(?:\([^)]*\)\s*)?(?:self\.)?(\w+)"
)
_TABLE = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE(?: IF (?:NOT )?EXISTS)?|REFERENCES|ON)\s+[\"'`\[]?(?:\w+[\"'`]?\.[\"'`]?)?([A-Za-z_]\w{2,60})"
    r"|\b(?:create_table|add_column|remove_column|change_column|add_index|add_reference|add_foreign_key|rename_column|drop_table)"
    r"[\s(]+[:\"']([A-Za-z_]\w+)"
    r"|(?:__tablename__|db_table|tableName|@Table\(\s*name)\s*[=:]\s*[\"'](\w+)"
    r"|\b(?:op\.\w+)\(\s*[\"'](\w+)[\"']",
)
_TABLE_SIGNS = (
    *(
        "FROM",
        "JOIN",
        "INTO",
        "UPDATE",
        "TABLE",
        "REFERENCES",
        "ON ",
        "create_table",
        "_column",
        "add_index",
        "add_reference",
    ),
    *("foreign_key", "drop_table", "tablename", "db_table", "tableName", "@Table", "op."),
)
# Words before a parenthesis, and types, that no repository defines for itself.
_COMMON_WORDS = """
if for while switch catch return function with elif and not except lambda print len str int float bool dict list set
tuple range enumerate zip map filter sorted sum min max any all super self this require import include extend raise
throw new typeof instanceof await async yield assert isinstance hasattr getattr setattr open iter next repr type
append push pop get put post delete patch update create save find then catch finally resolve reject log info warn
error debug make copy panic recover string println printf sprintf errorf join split format replace strip trim
String Integer Long Boolean Object List Map Set Optional Promise Array Date Error Exception Override True False None
Self Result Option Some Vec Box Arc Ok Err Test Response Request Any Dict Context Bearer Content Type Table Column
values varchar numeric text decimal unique primary key check default coalesce count exists
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_NO_TABLE = frozenset(
    ["select", "where", "set", "values", "each", "the", "this", "that", "conflict", "delete", "update", "cascade"]
)
_MOST_NAMES = 24
_MOST_TABLES = 6
_MOST_TEXT = 20_000  # characters of changed lines looked at; beyond that names repeat


def mentions(file: FileChange, hunks: Iterable[int]) -> Mentions:
    """Names on the changed lines of these hunks that the change does not define itself."""
    text = "\n".join(line.text for index in hunks for line in file.hunks[index].lines if line.kind != " ")[:_MOST_TEXT]
    weights: Counter[str] = Counter()
    for match in _BASE.finditer(text):
        base = next(group for group in match.groups() if group)
        weights[re.split(r"[.:]+", base)[-1]] += 5
    for name in _CALL.findall(text):
        weights[name] += 2
    for name in _TYPE.findall(text):
        weights[name] += 2 if name[1:] != name[1:].lower() else 1
    own = set(_DEFINES.findall(text))
    ranked = sorted(
        (name for name in weights if name not in _COMMON and name not in own), key=lambda name: (-weights[name], name)
    )
    tables = Counter(
        table
        for match in (_TABLE.finditer(text) if any(sign in text for sign in _TABLE_SIGNS) else ())
        if (table := next(group for group in match.groups() if group)).lower() not in _NO_TABLE
    )
    return Mentions(tuple(ranked[:_MOST_NAMES]), tuple(name for name, _ in tables.most_common(_MOST_TABLES)))
