"""Column definitions as SQL writes them: names, types, defaults, references."""

from __future__ import annotations

import re
from typing import NamedTuple

from reviewer.evidence.sql.operation import Column, Default

ID = r"(?:\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|[A-Za-z_][\w$]*)"
_DEFINITION = re.compile(rf"\s*(?P<name>{ID})\s*(?P<rest>.*)", re.DOTALL)
_TABLE_PART = re.compile(
    r"\s*(?:CONSTRAINT|PRIMARY\s+KEY|FOREIGN\s+KEY|UNIQUE(?:\s+(?:KEY|INDEX)|\s*\()|CHECK\s*\(|EXCLUDE|LIKE\s|PERIOD\s+FOR|FULLTEXT|SPATIAL|(?:KEY|INDEX)\s+[\"`\w]+\s*(?:USING\s+\w+\s*)?\()",
    re.IGNORECASE,
)
_END_OF_TYPE = re.compile(
    r"\b(?:NOT\s+NULL|NULL|DEFAULT|PRIMARY|UNIQUE|REFERENCES|CHECK|CONSTRAINT|GENERATED|COLLATE|AUTO_INCREMENT|AUTOINCREMENT|IDENTITY|COMMENT|AFTER|FIRST|ON\s+UPDATE|CHARACTER\s+SET|KEY|AS\s*\(|USING|STORED|VIRTUAL|ENCODE)\b",
    re.IGNORECASE,
)
_DEFAULT = re.compile(r"\bDEFAULT\s+(?P<value>.+)", re.IGNORECASE | re.DOTALL)
_VOLATILE = re.compile(
    r"\(?\s*(?:gen_random_uuid|uuid_generate_v\d\w*|random|clock_timestamp|timeofday|nextval|newid|uuid|rand)\s*\(",
    re.IGNORECASE,
)
_REFERENCES = re.compile(rf"\bREFERENCES\s+(?P<table>{ID}(?:\s*\.\s*{ID})*)", re.IGNORECASE)
_ON_DELETE = re.compile(
    r"\bON\s+DELETE\s+(?P<action>CASCADE|SET\s+NULL|SET\s+DEFAULT|RESTRICT|NO\s+ACTION)", re.IGNORECASE
)
_FILLED = re.compile(r"\bGENERATED\b|\bAUTO_?INCREMENT\b|\bIDENTITY\b|\bAS\s*\(", re.IGNORECASE)
_SERIAL = re.compile(r"^(?:small|big)?serial\d?$", re.IGNORECASE)


class Part(NamedTuple):
    """A piece of a comma list, and where it starts in it."""

    text: str
    offset: int


def name_of(written: str) -> str:
    """A name without quotes and without its schema: `"public"."orders"` is `orders`."""
    pieces = re.findall(ID, written)
    return pieces[-1].strip('"`[]') if pieces else ""


def split_commas(text: str) -> tuple[Part, ...]:
    """The pieces between commas that stand outside parentheses and quotes."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(r"[(),]|\"[^\"]*\"|`[^`]*`|'[^']*'", text):
        mark = match[0]
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth = max(0, depth - 1)
        elif mark == "," and depth == 0:
            parts.append((start, match.start()))
            start = match.end()
    parts.append((start, len(text)))
    trimmed = []
    for begin, end in parts:
        piece = text[begin:end]
        body = piece.strip().rstrip(";").rstrip()
        if body:
            trimmed.append(Part(body, begin + len(piece) - len(piece.lstrip())))
    return tuple(trimmed)


def column_names(inside: str) -> tuple[str, ...]:
    """Column names of an index or key list; an expression stays as it is written."""
    names = []
    for part in split_commas(inside):
        plain = re.fullmatch(
            rf"\s*(?P<name>{ID})\s*(?:\(\d+\)\s*)?(?:\w+_ops\b)?\s*(?:COLLATE\s+\S+)?\s*(?:ASC|DESC)?\s*(?:NULLS\s+\w+)?",
            part.text,
            re.IGNORECASE,
        )
        names.append(name_of(plain["name"]) if plain else " ".join(part.text.split()))
    return tuple(names)


def default_of(rest: str) -> Default:
    """What the database fills in: nothing, a constant, or a value computed per row."""
    if _FILLED.search(rest):
        return Default.CONSTANT if re.search(r"\bVIRTUAL\b", rest, re.IGNORECASE) else Default.VOLATILE
    match = _DEFAULT.search(rest)
    if match is None or re.match(r"NULL\b", match["value"], re.IGNORECASE):
        return Default.NONE
    return Default.VOLATILE if _VOLATILE.match(match["value"]) else Default.CONSTANT


def on_delete_of(text: str) -> str:
    """`CASCADE`, `SET NULL`, …, or nothing."""
    match = _ON_DELETE.search(text)
    return " ".join(match["action"].upper().split()) if match else ""


def references_of(text: str) -> str:
    """The table a REFERENCES clause points to."""
    match = _REFERENCES.search(text)
    return name_of(match["table"]) if match else ""


def definition(text: str) -> Column | None:
    """`name type constraints` as a column; None for a table constraint."""
    if _TABLE_PART.match(text):
        return None
    match = _DEFINITION.match(text)
    if match is None:
        return None
    rest = match["rest"]
    cut = _END_OF_TYPE.search(rest)
    type_ = " ".join((rest[: cut.start()] if cut else rest).split()).rstrip(",;")
    primary = re.search(r"\bPRIMARY\s+KEY\b", rest, re.IGNORECASE) is not None
    serial = _SERIAL.match(type_) is not None
    return Column(
        name=name_of(match["name"]),
        type=type_,
        not_null=primary or re.search(r"\bNOT\s+NULL\b", rest, re.IGNORECASE) is not None,
        default=Default.VOLATILE if serial else default_of(rest),
        primary_key=primary,
        references=references_of(rest),
        on_delete=on_delete_of(rest),
        unique=re.search(r"\bUNIQUE\b", rest, re.IGNORECASE) is not None,
    )
