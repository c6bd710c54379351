"""One job's share of a change too large for one machine: `--shard i/n`."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from reviewer.errors import UsageError
from reviewer.nouns.changeset import ChangeSet, FileChange
from reviewer.nouns.review import Skip

_TEST_WORDS = ("test_", "_test", "Tests", "Test", "Spec", "_spec", ".spec", ".test")


class Taken(NamedTuple):
    """The files this job reviews, and a skip for each that another job does."""

    inside: ChangeSet
    skips: tuple[Skip, ...]


def take(changes: ChangeSet, shard: tuple[int, int]) -> Taken:
    """Share number `shard[0]` (from 1) of `shard[1]`. Every file is in exactly one share, the same on every run.

    Shares are balanced by changed lines; files of one directory stay together, and where a directory is larger
    than a fair share, files of one feature do (`orders.py`, `test_orders.py`).
    """
    index, count = shard
    if not 1 <= index <= count:
        raise UsageError(f"There is no shard {index}/{count}.", "Shards count from 1: --shard 1/4 … 4/4.")
    if count == 1:
        return Taken(changes, ())
    share = _shares(changes.files, count)
    skips = tuple(
        Skip(
            path=file.path,
            reason=f"reviewed in shard {share[file.path]}/{count}",
            kind="shard",
            in_scope=False,
            lines=file.changed_lines,
        )
        for file in changes.files
        if share[file.path] != index
    )
    mine = tuple(file for file in changes.files if share[file.path] == index)
    return Taken(ChangeSet(mine, sha256=changes.sha256), skips)


def _shares(files: tuple[FileChange, ...], count: int) -> dict[str, int]:
    """Path to shard number: largest group first, each to the shard with the fewest lines so far."""
    loads = [0] * count
    share: dict[str, int] = {}
    fair = sum(_weight(file) for file in files) / count
    groups = sorted(_groups(files, fair), key=lambda group: (-sum(map(_weight, group)), group[0].path))
    for group in groups:
        lightest = min(range(count), key=lambda at: (loads[at], at))
        loads[lightest] += sum(map(_weight, group))
        share.update((file.path, lightest + 1) for file in group)
    return share


def _weight(file: FileChange) -> int:
    return 1 + file.changed_lines


def _groups(files: tuple[FileChange, ...], fair: float) -> list[list[FileChange]]:
    by_directory: dict[str, list[FileChange]] = defaultdict(list)
    for file in sorted(files, key=lambda file: file.path):
        by_directory[file.path.rpartition("/")[0]].append(file)
    groups: list[list[FileChange]] = []
    for group in by_directory.values():
        if sum(map(_weight, group)) <= fair:
            groups.append(group)
            continue
        by_stem: dict[str, list[FileChange]] = defaultdict(list)
        for file in group:
            by_stem[_stem(file.path)].append(file)
        groups.extend(by_stem.values())
    return groups


def _stem(path: str) -> str:
    """What the files of one feature share: the name without suffix and words for tests, in lower case."""
    stem = path.rpartition("/")[2].partition(".")[0]
    for word in _TEST_WORDS:
        stem = stem.removeprefix(word).removesuffix(word)
    return stem.lower()
