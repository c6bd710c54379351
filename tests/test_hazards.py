"""The catalogue holds what DESIGN promises of it, and a broken entry is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer import hazards
from reviewer.errors import UsageError
from reviewer.nouns.finding import Category
from reviewer.nouns.hazard import Hazard
from reviewer.stages.cards import CATCH_ALL
from reviewer.stages.topics import NAMES

ENTRY = """- id: {id}
  title: t
  severity: {severity}
  scenario: s
  shows: [a]
  refuted_by: {refuted}
  recommendation: r
"""


@pytest.fixture(scope="module")
def catalogue() -> tuple[Hazard, ...]:
    return hazards.load()


def test_at_least_ninety_hazards_with_the_main_categories_in_front(catalogue: tuple[Hazard, ...]) -> None:
    real = [hazard for hazard in catalogue if not hazard.id.startswith(CATCH_ALL)]
    main = {Category.RELIABILITY, Category.SECURITY, Category.DATA_INTEGRITY}
    assert len(real) >= 90
    assert sum(hazard.category in main for hazard in real) >= 60
    assert {hazard.id for hazard in catalogue} >= {f"{CATCH_ALL}{category}" for category in Category}


def test_every_hazard_can_be_asked_seen_and_refuted(catalogue: tuple[Hazard, ...]) -> None:
    for hazard in catalogue:
        assert hazard.title, hazard.id
        assert len(hazard.scenario) > 30, hazard.id
        assert hazard.shows, hazard.id
        assert hazard.refuted_by, hazard.id
        assert hazard.recommendation, hazard.id
        if not hazard.id.startswith(CATCH_ALL):
            assert hazard.ask.endswith("?"), hazard.id
            assert hazard.references, hazard.id


def test_topics_of_the_catalogue_are_known(catalogue: tuple[Hazard, ...]) -> None:
    named = {word.removeprefix("topic:") for each in catalogue for word in each.applies_to if word.startswith("topic:")}
    assert named <= NAMES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY.format(id="a-b", severity="high", refuted="[x]") * 2, "twice"),
        (ENTRY.format(id="A B", severity="high", refuted="[x]"), "no hazard id"),
        (ENTRY.format(id="a", severity="grave", refuted="[x]"), "no such severity"),
        (ENTRY.format(id="a", severity="high", refuted="x"), "lists of text"),
        ("- id: a\n", "needs"),
        ("a: [", "not YAML"),
        ("a: b", "list of hazards"),
        ("- !!python/object/apply:os.getcwd []", "not YAML"),
    ],
)
def test_a_broken_entry_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "security.yml").write_text(text)
    with pytest.raises(UsageError, match=message):
        hazards.load(tmp_path)


def test_a_file_is_named_after_its_category(tmp_path: Path) -> None:
    (tmp_path / "style.yml").write_text(ENTRY.format(id="a", severity="high", refuted="[x]"))
    with pytest.raises(UsageError, match="named after"):
        hazards.load(tmp_path)


def test_an_empty_folder_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no hazards"):
        hazards.load(tmp_path)
