"""Which hunks still need a look: those whose content no earlier run has reviewed."""

from __future__ import annotations

from typing import NamedTuple

from reviewer.nouns.batch import HunkId
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.identity import file_print, hunk_print
from reviewer.nouns.memory import Memory


class Pending(NamedTuple):
    """All hunks in scope, in two heaps: `todo` to be reviewed now, `settled` reviewed in an earlier run."""

    todo: frozenset[HunkId]
    settled: frozenset[HunkId]


def pending(inside: ChangeSet, memory: Memory, *, full: bool) -> Pending:
    """Tell new hunks from reviewed ones by their print, which no force-push, rebase or line shift changes.

    `full` looks at everything again.
    """
    hunks = {(file.path, index): hunk for file in inside.files for index, hunk in enumerate(file.hunks)}
    if full or not (memory.reviewed or memory.reviewed_files):
        return Pending(frozenset(hunks), frozenset())
    whole = {file.path for file in inside.files if file_print(file.path, file.hunks) in memory.reviewed_files}
    settled = frozenset(
        (path, index)
        for (path, index), hunk in hunks.items()
        if path in whole or hunk_print(path, hunk) in memory.reviewed
    )
    return Pending(frozenset(hunks) - settled, settled)
