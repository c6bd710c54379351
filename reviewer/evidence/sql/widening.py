"""A column's type that changes without a stored value being touched."""

from __future__ import annotations

import re
from enum import Enum, auto

from reviewer.evidence.sql.narrowing import parsed
from reviewer.evidence.sql.operation import Column

_LIMITED = frozenset({"varchar", "character varying", "string", "nvarchar", "unicode", "varbit", "bit varying"})
_ENDLESS = frozenset({"text", "citext", "unicodetext"})
_NUMERIC = frozenset({"numeric", "decimal"})
_LONGEST_SHORT = 255 // 4  # characters of utf8mb4 whose length fits one byte: MySQL rebuilds where that changes


class Widening(Enum):
    """What the new type asks of the rows."""

    FREE = auto()
    SAME = auto()  # the type is what it was
    IF_TEXT = auto()  # free if it was a text before, which nobody says
    NO = auto()


def widening(was: str, column: Column | None, *, bytes_of_length: bool = False) -> Widening:
    """Whether `column` can take its type without a rewrite. `bytes_of_length`: as MySQL stores texts."""
    now = (column.stored or column.type) if column is not None else ""
    if not was:
        unlimited = re.fullmatch(
            r"(?:Sequelize\.|DataTypes\.)?text|character varying|varchar|citext", now, re.IGNORECASE
        )
        return Widening.IF_TEXT if unlimited is not None and not bytes_of_length else Widening.NO
    (old, old_size), (new, new_size) = parsed(was), parsed(now)
    if (old, old_size) == (new, new_size) != ("", ()):
        return Widening.SAME if bytes_of_length else Widening.FREE
    if bytes_of_length:
        return _in_place(old, old_size, new, new_size)
    return Widening.FREE if _grows(old, old_size, new, new_size) else Widening.NO


def _grows(old: str, old_size: tuple[float, ...], new: str, new_size: tuple[float, ...]) -> bool:
    """What PostgreSQL takes as it is: a text whose limit grows, a number with more digits before the point."""
    if {old, new} <= _NUMERIC:
        same_scale = len(old_size) == len(new_size) == 2 and old_size[1] == new_size[1]
        return not new_size or (same_scale and new_size[0] >= old_size[0])
    return {old, new} <= _LIMITED | _ENDLESS and _holds(old, old_size, new, new_size)


def _holds(old: str, old_size: tuple[float, ...], new: str, new_size: tuple[float, ...]) -> bool:
    """A text whose limit goes or grows. A limit that an ORM leaves out is not known."""
    if new in _ENDLESS or (new in {"varchar", "character varying"} and not new_size):
        return True
    return bool(old in _LIMITED and old_size and new_size and new_size[0] >= old_size[0])


def _in_place(old: str, old_size: tuple[float, ...], new: str, new_size: tuple[float, ...]) -> Widening:
    if old not in _LIMITED or new not in _LIMITED or not old_size or not new_size or new_size[0] < old_size[0]:
        return Widening.NO
    same_length_bytes = new_size[0] <= _LONGEST_SHORT or old_size[0] > _LONGEST_SHORT
    return Widening.FREE if same_length_bytes else Widening.NO
