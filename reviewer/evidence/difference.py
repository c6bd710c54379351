"""What a change introduced: hits on head that base did not have, whatever lines they moved to.

Three rounds cancel head against base hits of the same rule, each looser than the one before: the same text in the
same symbol; the same text anywhere in the change (moved or renamed code); another text in the same symbol (a line
that had the hazard and was edited has it still: old debt). What is left on head is new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from reviewer.evidence.hit import Hit


class Found(NamedTuple):
    """Hits of one file on both sides."""

    path: str
    head: tuple[Hit, ...]
    base: tuple[Hit, ...]


Key = Callable[[str, Hit], Hashable]


def introduced(files: Iterable[Found]) -> dict[str, tuple[Hit, ...]]:
    """New hits by head path. Deterministic: of equal hits the later ones in the file stay."""
    head = [(found.path, hit) for found in files for hit in found.head]
    base = [(found.path, hit) for found in files for hit in found.base]
    for key in (_same, _moved, _edited):
        head, base = _cancel(head, base, key)
    result: dict[str, tuple[Hit, ...]] = {}
    for path, hit in head:
        result[path] = (*result.get(path, ()), hit)
    return result


def _cancel(
    head: list[tuple[str, Hit]], base: list[tuple[str, Hit]], key: Key
) -> tuple[list[tuple[str, Hit]], list[tuple[str, Hit]]]:
    """Strike out pairs with an equal key, as often as both sides have it."""
    return _without(head, Counter(key(*item) for item in base), key), _without(
        base, Counter(key(*item) for item in head), key
    )


def _without(items: list[tuple[str, Hit]], struck: Counter[Hashable], key: Key) -> list[tuple[str, Hit]]:
    left = []
    for item in items:
        name = key(*item)
        if struck[name]:
            struck[name] -= 1
        else:
            left.append(item)
    return left


def _same(path: str, hit: Hit) -> Hashable:
    return (path, hit.rule.id, hit.symbol, hit.print)


def _moved(_path: str, hit: Hit) -> Hashable:
    return (hit.rule.id, hit.print)


def _edited(path: str, hit: Hit) -> Hashable:
    return (path, hit.rule.hazard, hit.symbol)
