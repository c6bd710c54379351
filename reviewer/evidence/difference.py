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
from reviewer.nouns.signal import Signal, Tier


class Trace(NamedTuple):
    """What is left of a hit when the tree it was found in is gone. `signal` is what a hit on head may come to say."""

    rule: str
    hazard: str
    tier: Tier
    symbol: str
    print: str
    start: int
    signal: Signal | None = None


class Found(NamedTuple):
    """Hits of one file on both sides."""

    path: str
    head: tuple[Trace, ...]
    base: tuple[Trace, ...]


Key = Callable[[str, Trace], Hashable]


def trace(hit: Hit) -> Trace:
    """What tells a hit from others, worked out while its tree is at hand."""
    return Trace(hit.rule.id, hit.rule.hazard, hit.rule.tier, hit.symbol, hit.print, hit.start)


def differing(found: Found) -> Found:
    """The first round, of which each file is capable by itself: hits that are the same on both sides cancel."""
    head, base = _cancel([(found.path, hit) for hit in found.head], [(found.path, hit) for hit in found.base], _same)
    return Found(found.path, tuple(hit for _, hit in head), tuple(hit for _, hit in base))


def introduced(files: Iterable[Found]) -> dict[str, tuple[Trace, ...]]:
    """New hits by head path. Deterministic: of equal hits the later ones in the file stay."""
    head = [(found.path, hit) for found in files for hit in found.head]
    base = [(found.path, hit) for found in files for hit in found.base]
    for key in (_same, _moved, _edited):
        head, base = _cancel(head, base, key)
    result: dict[str, tuple[Trace, ...]] = {}
    for path, hit in head:
        result[path] = (*result.get(path, ()), hit)
    return result


def _cancel(
    head: list[tuple[str, Trace]], base: list[tuple[str, Trace]], key: Key
) -> tuple[list[tuple[str, Trace]], list[tuple[str, Trace]]]:
    """Strike out pairs with an equal key, as often as both sides have it."""
    return _without(head, Counter(key(*item) for item in base), key), _without(
        base, Counter(key(*item) for item in head), key
    )


def _without(items: list[tuple[str, Trace]], struck: Counter[Hashable], key: Key) -> list[tuple[str, Trace]]:
    left = []
    for item in items:
        name = key(*item)
        if struck[name]:
            struck[name] -= 1
        else:
            left.append(item)
    return left


def _same(path: str, hit: Trace) -> Hashable:
    return (path, hit.rule, hit.symbol, hit.print)


def _moved(_path: str, hit: Trace) -> Hashable:
    return (hit.rule, hit.print)


def _edited(path: str, hit: Trace) -> Hashable:
    return (path, hit.hazard, hit.symbol)
