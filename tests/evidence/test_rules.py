"""Every rule file's own fixtures: positives fire, negatives and refuted twins do not, nobody goes without."""

from __future__ import annotations

import json
import re

import pytest

from reviewer.evidence.rulefile import built_in
from tests.evidence.rule_fixtures import KINDS, Fixture, all_fixtures, run

RULES = {rule.id: rule for rule in built_in()}
FIXTURES = all_fixtures()


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_fixture(fixture: Fixture) -> None:
    fired = [signal for signal in run(fixture, RULES[fixture.rule]) if signal.rule == fixture.rule]
    assert bool(fired) is (fixture.kind == "positive"), fixture.code


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_has_a_fixture_of_each_kind(kind: str) -> None:
    having = {fixture.rule for fixture in FIXTURES if fixture.kind == kind}
    assert set(RULES) - having == set()


def test_no_fixture_is_for_a_rule_that_does_not_exist() -> None:
    assert {fixture.rule for fixture in FIXTURES} <= set(RULES)


def test_templates_name_only_captures_of_their_own_query() -> None:
    for rule in RULES.values():
        query = json.dumps(rule.query)
        for name in re.findall(r"\{(\w+)\}", rule.message + rule.title + rule.fix):
            assert name in {"text", "symbol"} or f"${name}" in query, f"{rule.id}: {name}"
