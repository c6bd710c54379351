"""Changes made from two versions of files, with git's own diff, for tests of the engine."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from reviewer.evidence import examine
from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Hunk, Line
from reviewer.nouns.plan import Switches
from reviewer.nouns.signal import Evidence
from reviewer.nouns.source import EmptyTree
from tests.evidence.rule_fixtures import MemoryTree


def change_of(path: str, old: str, new: str, context: int = 3) -> FileChange:
    """One modified file as a diff would show it."""
    before, after = old.split("\n"), new.split("\n")
    hunks = []
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context):
        lines: list[Line] = []
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [Line(" ", before[i], i + 1, j + 1) for i, j in zip(range(i1, i2), range(j1, j2), strict=True)]
                continue
            lines += [Line("-", before[i], i + 1, None) for i in range(i1, i2)]
            lines += [Line("+", after[j], None, j + 1) for j in range(j1, j2)]
        first, last = group[0], group[-1]
        old_count, new_count = last[2] - first[1], last[4] - first[3]
        old_start = first[1] + 1 if old_count else first[1]
        new_start = first[3] + 1 if new_count else first[3]
        hunks.append(Hunk(old_start, old_count, new_start, new_count, "", tuple(lines)))
    return FileChange(path, FileStatus.MODIFIED, tuple(hunks), old_path=path)


def changes_of(old: Mapping[str, str], new: Mapping[str, str]) -> ChangeSet:
    files = [change_of(path, old[path], new[path]) for path in new if path in old and old[path] != new[path]]
    for path in sorted(set(new) ^ set(old)):
        kind, status = ("+", FileStatus.ADDED) if path in new else ("-", FileStatus.DELETED)
        rows = (new.get(path) or old.get(path) or "").split("\n")
        lines = tuple(
            Line(kind, row, None if kind == "+" else number, number if kind == "+" else None)
            for number, row in enumerate(rows, 1)
        )
        count = len(rows)
        hunk = Hunk(0, 0, 1, count, "", lines) if kind == "+" else Hunk(1, count, 0, 0, "", lines)
        files.append(FileChange(path, status, (hunk,), old_path=path if kind == "-" else None))
    return ChangeSet(tuple(files))


def evidence_of(
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    trees: bool = True,
    switches: Switches | None = None,
    user_rules: tuple[tuple[str, bytes], ...] = (),
    sarif: tuple[bytes, ...] = (),
) -> Evidence:
    """What the engine says of going from `old` to `new`; `trees=False` leaves it with the bare diff."""
    changes = changes_of(old, new)
    base = MemoryTree({path: text.encode("utf-8", "surrogatepass") for path, text in old.items()})
    head = MemoryTree({path: text.encode("utf-8", "surrogatepass") for path, text in new.items()})
    return examine(
        changes,
        everything=changes,
        base=base if trees else EmptyTree(),
        head=head if trees else EmptyTree(),
        switches=switches or Switches(),
        user_rules=user_rules,
        sarif=sarif,
    )
