"""The rules as data: listed once each, with the configuration's say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from reviewer.evidence import catalogue
from reviewer.evidence.guards import GUARDS
from reviewer.evidence.rulefile import built_in, check
from reviewer.nouns.finding import Severity
from reviewer.nouns.plan import Switches
from reviewer.nouns.signal import Tier

HAZARDS = Path(__file__).resolve().parents[2] / "prompts" / "hazards"


def test_the_whole_pack_compiles() -> None:
    for rule in built_in():
        check(rule)


def test_every_rule_is_listed_once_and_its_id_begins_with_its_hazard() -> None:
    rows = catalogue.entries()
    assert [row.id for row in rows] == sorted({rule.id for rule in built_in()}, key=lambda i: (i.split(".")[0], i))
    assert all(row.id.startswith(row.hazard + ".") for row in rows)


def test_every_hazard_of_a_rule_is_in_the_catalogue() -> None:
    known = {
        entry["id"] for path in HAZARDS.glob("*.yml") for entry in _entries(yaml.safe_load(path.read_text("utf-8")))
    }
    assert {rule.hazard for rule in built_in()} <= known


def _entries(document: object) -> list[dict]:  # type: ignore[type-arg]
    if isinstance(document, list):
        return document
    assert isinstance(document, dict)
    return [entry for value in document.values() if isinstance(value, list) for entry in value]


def test_all_five_languages_are_served() -> None:
    count = {
        language: sum(rule.language == language for rule in built_in())
        for language in ("python", "go", "typescript", "java", "ruby")
    }
    assert min(count.values()) >= 25, count


def test_the_configuration_is_heeded() -> None:
    switches = Switches(off=frozenset({"money-as-float"}), severity={"redis-keys-scan": Severity.HIGH})
    rows = {row.id: row for row in catalogue.entries(switches)}
    assert rows["money-as-float.go"].off
    assert rows["redis-keys-scan.go"].severity is Severity.HIGH
    assert not rows["redis-keys-scan.go"].off


def test_a_rule_can_be_looked_up() -> None:
    found = catalogue.rule("resource-leak.go-rows")
    assert found is not None
    assert found.tier is Tier.POST
    assert catalogue.rule("no-such-rule") is None
    assert {rule.language for rule in catalogue.rules_of("insecure-cipher")} == {
        "python",
        "go",
        "typescript",
        "java",
        "ruby",
    }


def test_no_guard_lies_unused_and_each_says_what_it_asks() -> None:
    used = {name for rule in built_in() for name, _ in rule.guards}
    spare = {"class_shows", "closure_has_not", "imports_name", "not_tainted", "path_matches", "secret_name"}
    assert set(GUARDS) - used <= spare
    for name, guard in GUARDS.items():
        assert guard.__name__ == name or guard.__doc__, name


@pytest.mark.parametrize("language", sorted({rule.language for rule in built_in()}))
def test_the_rules_of_one_language_are_read_without_those_of_others(language: str) -> None:
    assert built_in(frozenset([language])) == tuple(rule for rule in built_in() if rule.language == language)
