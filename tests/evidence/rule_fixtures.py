"""The fixtures document of rule files, and running one fixture through the whole engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from reviewer.evidence.engine import look
from reviewer.evidence.rule import Rule
from reviewer.evidence.rulefile import FIXTURES, FOLDER
from reviewer.evidence.rulepack import search
from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Hunk, Line
from reviewer.nouns.signal import Signal
from reviewer.nouns.source import EmptyTree

SUFFIX = {"python": "py", "go": "go", "typescript": "ts", "java": "java", "ruby": "rb"}
KINDS = ("positive", "negative", "refuted")


@dataclass(frozen=True)
class Fixture:
    rule: str
    kind: str
    index: int
    code: str
    path: str = ""
    diff: bool = False
    files: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule}-{self.kind}-{self.index}"


@dataclass(frozen=True)
class MemoryTree:
    """A tree held in a dict: the real protocol, no disk."""

    files: dict[str, bytes]

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def read_many(self, paths: Any) -> dict[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))


def fixtures_of(text: str) -> Iterator[Fixture]:
    parts = FIXTURES.split(text, maxsplit=1)
    if len(parts) < 2:
        return
    for rule, kinds in (yaml.safe_load(parts[1]) or {}).items():
        assert set(kinds) <= set(KINDS), f"{rule}: unknown fixture kind in {sorted(kinds)}"
        for kind in KINDS:
            for index, entry in enumerate(kinds.get(kind) or ()):
                yield _fixture(rule, kind, index, entry)


def _fixture(rule: str, kind: str, index: int, entry: str | dict[str, Any]) -> Fixture:
    if isinstance(entry, str):
        return Fixture(rule, kind, index, entry)
    return Fixture(
        rule,
        kind,
        index,
        entry.get("code") or entry["diff"],
        entry.get("path", ""),
        "diff" in entry,
        entry.get("files") or {},
    )


def all_fixtures() -> list[Fixture]:
    return [fixture for path in sorted(FOLDER.glob("*.yml")) for fixture in fixtures_of(Path(path).read_text("utf-8"))]


def run(fixture: Fixture, rule: Rule) -> tuple[Signal, ...]:
    """Signals of one rule on a change that adds the fixture's file (or, for `diff`, on the bare hunk)."""
    path = fixture.path or f"app/service.{SUFFIX[rule.language]}"
    change = _bare(path, fixture.code) if fixture.diff else added(path, fixture.code)
    files = {name: content.encode() for name, content in fixture.files.items()}
    tree = MemoryTree(files) if files else EmptyTree()
    changes = ChangeSet((change,))
    return search(look(changes, everything=changes, base=EmptyTree(), head=tree), (rule,), lambda: 0.0).signals


def added(path: str, code: str) -> FileChange:
    rows = code.removesuffix("\n").split("\n")
    lines = tuple(Line("+", row, None, number) for number, row in enumerate(rows, 1))
    return FileChange(path, FileStatus.ADDED, (Hunk(0, 0, 1, len(lines), "", lines),))


def _bare(path: str, diff: str) -> FileChange:
    head, *rows = diff.removesuffix("\n").split("\n")
    start = int(head.split("+")[1].split(",")[0])
    section = head.split("@@")[2].strip()
    old = new = start
    lines = []
    for row in rows:
        kind, text = row[:1] or " ", row[1:]
        lines.append(Line(kind, text, None if kind == "+" else old, None if kind == "-" else new))
        old += kind != "+"
        new += kind != "-"
    hunk = Hunk(start, old - start, start, new - start, section, tuple(lines))
    return FileChange(path, FileStatus.MODIFIED, (hunk,), old_path=path)
