"""Which finding of this run is which of an earlier one, although lines shift, files move and models reword."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reviewer.nouns.changeset import ChangeSet, FileChange, Hunk, Side
from reviewer.nouns.finding import Finding
from reviewer.nouns.identity import hunk_print, normalise
from reviewer.nouns.memory import Remembered

_WORDS = 12  # letters and digits a shared line must have to say that two quotes are of the same code


class Pairs(NamedTuple):
    """Each earlier finding is in at most one pair, and so is each of this run. Keys and values are positions."""

    old_of: Mapping[int, int]  # position in this run's findings -> position in memory
    new_of: Mapping[int, int]  # the other way


def match(findings: tuple[Finding, ...], earlier: tuple[Remembered, ...], inside: ChangeSet) -> Pairs:
    """Pair this run's findings with remembered ones, the surest pairs first."""
    renamed = {file.old_path: file.path for file in inside.files if file.old_path}
    prints = [print_at(inside, finding) for finding in findings]
    by_path: dict[str, list[int]] = {}
    for position, finding in enumerate(findings):
        by_path.setdefault(finding.path, []).append(position)
    candidates: list[tuple[int, int, int, int]] = []
    for old, remembered in enumerate(earlier):
        paths = dict.fromkeys((remembered.finding.path, renamed.get(remembered.finding.path, remembered.finding.path)))
        for new in (position for path in paths for position in by_path.get(path, ())):
            rank = _rank(remembered, findings[new], prints[new])
            if rank is not None:
                far = abs(remembered.finding.start_line - findings[new].start_line)
                candidates.append((rank, far, old, new))
    old_of: dict[int, int] = {}
    new_of: dict[int, int] = {}
    for _, _, old, new in sorted(candidates):
        if old not in new_of and new not in old_of:
            old_of[new], new_of[old] = old, new
    return Pairs(old_of, new_of)


def print_at(inside: ChangeSet, finding: Finding) -> str:
    """The print of the hunk a finding stands in, "" if it stands in none."""
    found = hunk_at(inside.file(finding.path), finding.side, finding.start_line)
    return hunk_print(finding.path, found) if found is not None else ""


def hunk_at(file: FileChange | None, side: Side, line: int) -> Hunk | None:
    """The hunk that shows a line of one side."""
    for hunk in file.hunks if file is not None else ():
        start, count = (hunk.old_start, hunk.old_count) if side is Side.LEFT else (hunk.new_start, hunk.new_count)
        if start <= line < start + count:
            return hunk
    return None


def _rank(remembered: Remembered, new: Finding, new_print: str) -> int | None:
    """How sure the pair is, 0 surest; None if they are two different things."""
    old = remembered.finding
    here = bool(remembered.hunk_print) and remembered.hunk_print == new_print
    same_print = old.fingerprint == new.fingerprint
    old_quote, new_quote = normalise(old.quote), normalise(new.quote)
    same_quote = old_quote == new_quote and bool(new_quote)
    if old.side is not new.side and not same_print:
        return None
    if old.hazard == new.hazard and (same_print or same_quote):
        return 0 if here else 1
    if same_print:
        return 2
    if same_quote and old.category == new.category:
        return 3
    if old.hazard == new.hazard and _overlap(old_quote, new_quote):
        return 4 if here else 5
    return None


def _overlap(first: str, second: str) -> bool:
    """Whether two quotes show the same code: one within the other, or a telling line in both."""
    if not first or not second:
        return False
    shorter, longer = sorted((first, second), key=len)
    if shorter in longer and _says_something(shorter):
        return True
    return any(_says_something(line) for line in set(first.split("\n")) & set(second.split("\n")))


def _says_something(text: str) -> bool:
    return sum(char.isalnum() for char in text) >= _WORDS


def prints_of(files: Iterable[FileChange]) -> dict[str, list[str]]:
    """The prints of all hunks, by path, in order."""
    return {file.path: [hunk_print(file.path, hunk) for hunk in file.hunks] for file in files}
