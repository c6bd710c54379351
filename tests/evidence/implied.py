"""Proof that every match of a regular expression holds one of some literals, from the expression's own syntax tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as syntax  # type: ignore[attr-defined]
from typing import Any

_MOST = 64  # spellings of one run that are followed up


def implies(pattern: re.Pattern[str], words: Iterable[str], *, folds: bool = False) -> bool:
    """Whether no text matches `pattern` without one of `words` in it; in lower case where the pattern `folds`."""
    folds = folds or bool(pattern.flags & re.IGNORECASE)
    return _holds(list(syntax.parse(pattern.pattern, pattern.flags)), tuple(words), folds)


def stays_on_a_line(pattern: re.Pattern[str]) -> bool:
    """Whether no match holds a line feed."""
    return not any(map(_takes_a_line_feed, _leaves(syntax.parse(pattern.pattern, pattern.flags))))


def _leaves(nodes: Iterable[Any]) -> Iterator[Any]:
    for node in nodes:
        code, given = node
        if code is codes.SUBPATTERN:
            yield from _leaves(given[3])
        elif code is codes.BRANCH:
            yield from (leaf for branch in given[1] for leaf in _leaves(branch))
        elif code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            yield from _leaves(given[2])
        elif code not in {codes.AT, codes.ASSERT, codes.ASSERT_NOT}:
            yield node


def _takes_a_line_feed(leaf: Any) -> bool:
    code, given = leaf
    if code is codes.IN:
        negated = given[0][0] is codes.NEGATE
        return any(map(_takes_a_line_feed, given[negated:])) is not negated
    if code in {codes.LITERAL, codes.NOT_LITERAL}:
        return (given == 10) is (code is codes.LITERAL)
    if code is codes.RANGE:
        return bool(given[0] <= 10 <= given[1])
    if code is codes.CATEGORY:
        return given in {codes.CATEGORY_SPACE, codes.CATEGORY_NOT_WORD, codes.CATEGORY_NOT_DIGIT}
    return code is not codes.ANY


def _holds(nodes: Sequence[Any], words: tuple[str, ...], folds: bool, run: frozenset[str] = frozenset({""})) -> bool:
    """One run of literals, one group or each branch of one alternative holds a word; `run` is what stands before."""
    for node in nodes:
        spelled = _spellings([node])
        if spelled is not None and len(run) * len(spelled) <= _MOST:
            run = frozenset(left + right for left, right in product(run, spelled))
            continue
        if _all_have(run, words, folds) or _node_holds(node, words, folds, run):
            return True
        run = frozenset({""} if spelled is None else spelled)
    return _all_have(run, words, folds)


def _all_have(run: frozenset[str], words: tuple[str, ...], folds: bool) -> bool:
    return all(any(word in (text.lower() if folds else text) for word in words) for text in run)


def _node_holds(node: Any, words: tuple[str, ...], folds: bool, run: frozenset[str]) -> bool:
    code, given = node
    if code is codes.SUBPATTERN:
        return _holds(list(given[3]), words, folds, run)
    if code is codes.BRANCH:
        return all(_holds(list(branch), words, folds, run) for branch in given[1])
    if code in {codes.MAX_REPEAT, codes.MIN_REPEAT} and given[0] >= 1:
        return _holds(list(given[2]), words, folds)
    return False


def _spellings(nodes: Sequence[Any]) -> set[str] | None:
    """All texts some nodes can match, None if they are many."""
    found = {""}
    for code, given in nodes:
        if code is codes.LITERAL:
            here: set[str] | None = {chr(given)}
        elif code is codes.AT:
            here = {""}
        elif code is codes.IN and all(item[0] is codes.LITERAL for item in given):
            here = {chr(item[1]) for item in given}
        elif code is codes.SUBPATTERN:
            here = _spellings(list(given[3]))
        elif code is codes.BRANCH:
            branches = [_spellings(list(branch)) for branch in given[1]]
            here = None if None in branches else set().union(*(branch for branch in branches if branch))
        elif code in {codes.MAX_REPEAT, codes.MIN_REPEAT} and given[:2] == (0, 1):
            once = _spellings(list(given[2]))
            here = None if once is None else {"", *once}
        else:
            here = None
        if here is None or len(found) * len(here) > _MOST:
            return None
        found = {left + right for left, right in product(found, here)}
    return found
