"""Reading answers of model servers, which may be anything: a field of the right type, or the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def utf8(text: str) -> str:
    """`text` as it can be sent and written: lone surrogates (half a character, from a broken file or a hostile
    answer) become question marks. Text without them is returned as it is."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def field(value: object, name: str, default: T) -> T:
    """`value.name` or `value["name"]` if it has the type of `default`, else `default`."""
    found = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return found if isinstance(found, type(default)) and not isinstance(found, bool) else default


def items(value: object, name: str) -> Sequence[object] | None:
    """`value.name` if it is a list, else None."""
    found = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return found if isinstance(found, list | tuple) else None


def part(value: object, name: str) -> object:
    """`value.name` whatever it is; None if there is none."""
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def count(value: object, name: str) -> int:
    """A number of tokens: never negative, 0 where the server tells nothing."""
    return max(0, field(value, name, 0))
