"""Labelled changes: a folder a case, with what is wrong in it, as the people who fixed it saw it.

cases/lost-lock/
  case.json     {"title", "body", "language", "base": "base", "head": "head", "gold": […], "also_valid": […]}
  base/ head/   the files that differ and those a reviewer may look into; or "repo" and two commits
  replies/      review.json, verify.json: recorded answers, for `eval --recorded`
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewer.errors import UsageError
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Location, Severity
from reviewer.nouns.review import Target, TargetKind
from reviewer.nouns.source import ChangeText, RawChange

_KEYS = frozenset({"title", "body", "language", "repo", "base", "head", "gold", "also_valid", "notes"})
_GOLD_KEYS = frozenset({"path", "line_start", "line_end", "side", "category", "severity", "defect", "also_at"})


@dataclass(frozen=True, slots=True)
class Gold:
    """One known defect and every place a reviewer may rightly point at for it."""

    places: tuple[Location, ...]
    category: Category
    severity: Severity
    defect: str


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled change. No `gold` means a sound change; `also_valid` are remarks that are right but not counted."""

    name: str
    folder: Path
    title: str
    body: str
    language: str
    base: str
    head: str
    repo: Path | None
    gold: tuple[Gold, ...]
    also_valid: tuple[Gold, ...]

    @property
    def clean(self) -> bool:
        return not self.gold


def load(folder: Path) -> tuple[Case, ...]:
    """All cases below a folder, by name. Raises UsageError for one that cannot be read."""
    cases = tuple(_case(path) for path in sorted(folder.glob("**/case.json")))
    if not cases:
        raise UsageError(f"There are no cases in {folder}.", "A case is a folder with a case.json.")
    return cases


def change_of(case: Case) -> RawChange:
    """The change of a case, from two folders or two commits. Raises SourceError or UsageError."""
    if case.repo is not None:
        from reviewer.sources import git_range

        loaded = git_range.load(f"{case.base}..{case.head}", repo=case.repo)
        return RawChange(loaded.target, loaded.diff, loaded.base, loaded.head, ChangeText(case.title, case.body))
    from reviewer.sources.trees import WorkTree

    base, head = case.folder / case.base, case.folder / case.head
    for side in (base, head):
        if not side.is_dir():
            raise UsageError(f"{case.name}: there is no folder {side.name}.", "base and head are folders or commits.")
    return RawChange(
        target=Target(TargetKind.RANGE, description=case.name),
        diff="".join(_diff(_files(base), _files(head))).encode(),
        base=WorkTree(base),
        head=WorkTree(head),
        text=ChangeText(case.title, case.body),
    )


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def _diff(base: Mapping[str, str], head: Mapping[str, str]) -> Iterator[str]:
    """The two sides as git would print their difference (no renames: a case says what it means)."""
    for path in sorted({*base, *head}):
        old, new = base.get(path), head.get(path)
        if old == new:
            continue
        yield f"diff --git a/{path} b/{path}\n"
        if old is None:
            yield "new file mode 100644\n"
        if new is None:
            yield "deleted file mode 100644\n"
        names = (f"a/{path}" if old is not None else "/dev/null", f"b/{path}" if new is not None else "/dev/null")
        for line in difflib.unified_diff(_lines(old), _lines(new), *names):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str | None) -> list[str]:
    """Lines with their ends, as git counts them: by line feed alone."""
    *whole, last = (text or "").split("\n")
    return [*(f"{line}\n" for line in whole), *([last] if last else [])]


def _case(path: Path) -> Case:
    name = path.parent.name
    try:
        value = json.loads(path.read_bytes())
    except ValueError as error:
        raise UsageError(f"{name}: case.json is not JSON: {error}") from error
    if not isinstance(value, dict) or not value.keys() <= _KEYS:
        raise UsageError(f"{name}: case.json has unknown keys.", f"It takes {', '.join(sorted(_KEYS))}.")
    try:
        return Case(
            name=name,
            folder=path.parent,
            title=str(value.get("title", "")),
            body=str(value.get("body", "")),
            language=str(value["language"]),
            base=str(value.get("base", "base")),
            head=str(value.get("head", "head")),
            repo=(path.parent / value["repo"]).resolve() if value.get("repo") else None,
            gold=tuple(_gold(item) for item in value.get("gold", [])),
            also_valid=tuple(_gold(item) for item in value.get("also_valid", [])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{name}: case.json breaks the format: {error}", "See docs on evaluation.") from error


def _gold(item: Mapping[str, Any]) -> Gold:
    if not item.keys() <= _GOLD_KEYS:
        raise ValueError(f"unknown keys {sorted(item.keys() - _GOLD_KEYS)}")
    return Gold(
        places=(_place(item), *(_place(place) for place in item.get("also_at", []))),
        category=Category(item["category"]),
        severity=Severity(item["severity"]),
        defect=str(item["defect"]),
    )


def _place(item: Mapping[str, Any]) -> Location:
    start = int(item["line_start"])
    return Location(str(item["path"]), Side(item.get("side", "RIGHT")), start, int(item.get("line_end", start)))
