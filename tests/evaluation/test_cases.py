"""Cases are read strictly, and the shipped ones are what the README promises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewer.errors import UsageError
from reviewer.evaluation.cases import change_of, load
from reviewer.nouns.changeset import Side
from reviewer.stages import diff

SHIPPED = Path(__file__).resolve().parents[2] / "evals" / "cases"
GOOD = {
    "language": "python",
    "gold": [{"path": "a.py", "line_start": 1, "category": "security", "severity": "high", "defect": "d"}],
}


def write(folder: Path, value: Any, base: str = "x = 1\n", head: str = "x = 2") -> Path:
    (folder / "one").mkdir()
    (folder / "one" / "case.json").write_text(value if isinstance(value, str) else json.dumps(value))
    for side, text in (("base", base), ("head", head)):
        (folder / "one" / side).mkdir()
        (folder / "one" / side / "a.py").write_text(text)
    return folder


def test_two_folders_make_a_change(tmp_path: Path) -> None:
    (case,) = load(write(tmp_path, {**GOOD, "title": "T"}))
    change = change_of(case)
    (file,) = diff.parse(change.diff).files
    assert [(line.kind, line.text, line.no_newline) for line in file.lines()] == [
        ("-", "x = 1", False),
        ("+", "x = 2", True),
    ]
    assert change.head.read("a.py") == b"x = 2"
    assert change.text.title == "T"
    assert case.gold[0].places[0].end_line == 1
    assert not case.clean


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{", "not JSON"),
        ({"language": "go", "golds": []}, "unknown keys"),
        ({}, "language"),
        ({"language": "go", "gold": [{"path": "a"}]}, "line_start"),
        ({"language": "go", "gold": [{**GOOD["gold"][0], "severity": "grave"}]}, "grave"),  # type: ignore[dict-item]
        ({"language": "go", "gold": [{**GOOD["gold"][0], "line": 1}]}, "unknown keys"),  # type: ignore[dict-item]
    ],
)
def test_a_broken_case_is_named(tmp_path: Path, value: Any, message: str) -> None:
    with pytest.raises(UsageError, match=f"one: .*{message}"):
        load(write(tmp_path, value))


def test_a_folder_without_cases_and_a_case_without_sides(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no cases"):
        load(tmp_path)
    (case,) = load(write(tmp_path, {**GOOD, "head": "nowhere"}))
    with pytest.raises(UsageError, match="no folder nowhere"):
        change_of(case)


def test_the_shipped_cases_are_many_and_mixed() -> None:
    cases = load(SHIPPED)
    assert len(cases) >= 30
    assert sum(case.clean for case in cases) >= 8
    assert len({case.language for case in cases}) >= 5
    deletions = 0
    other_file = 0
    for case in cases:
        change = change_of(case)
        files = diff.parse(change.diff).files
        deletions += not case.clean and all(line.kind != "+" for file in files for line in file.lines())
        other_file += not case.clean and len(change.head.paths()) > len(files)
    assert deletions >= 4
    assert other_file >= 6


def test_every_label_points_at_a_line_of_its_change() -> None:
    for case in load(SHIPPED):
        change = diff.parse(change_of(case).diff)
        for known in case.gold:
            for place in known.places:
                file = change.file(place.path)
                assert file, case.name
                numbers = {line.old if place.side is Side.LEFT else line.new for line in file.lines()}
                assert {place.start_line, place.end_line} <= numbers, (case.name, place)
