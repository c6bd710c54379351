"""Settings: layers over each other, and mistakes that say where they are."""

from __future__ import annotations

import pytest

from reviewer.errors import UsageError
from reviewer.nouns.finding import Category, Severity
from reviewer.settings import load

NAME = ".github/design-reviewer.yml"


def test_defaults_file_environment_flags_in_this_order() -> None:
    config = b"language: pt-BR\nverify: off\nmax-findings: 3\nmin-severity: medium\n"
    environment = {
        "DESIGN_REVIEWER_MAX_FINDINGS": "5",
        "DESIGN_REVIEWER_MIN_SEVERITY": "high",
        "DESIGN_REVIEWER_MODEL": " ",
    }
    settings = load(config, NAME, environment, {"min_severity": "low"})
    assert settings.language == "pt-BR"
    assert settings.verify == "off"
    assert settings.max_findings == 5
    assert settings.min_severity is Severity.LOW
    assert settings.model == ""
    assert settings.deadline == 900


def test_structured_keys_become_the_plans_values() -> None:
    config = b"""
scope: {exclude: [legacy/**]}
gates:
  categories: {performance: high}
  paths: [{paths: [tools/**], min-severity: critical, category: security}]
hazards: {money-as-float: off, query-in-loop: low}
rules: {http-call-no-timeout.py: medium}
instructions: [{paths: ["pay/**"], text: Money is in cents.}]
system: {tables: {orders: 2 billion rows}}
"""
    settings = load(config, NAME, {}, {})
    assert settings.scope_rules.exclude == ("legacy/**",)
    assert settings.gate.categories == {Category.PERFORMANCE: Severity.HIGH}
    assert settings.gate.paths[0].category is Category.SECURITY
    assert settings.switches.off == {"money-as-float"}
    assert settings.switches.severity == {"query-in-loop": Severity.LOW, "http-call-no-timeout.py": Severity.MEDIUM}
    assert settings.path_instructions[0].text == "Money is in cents."
    assert settings.system_facts == "tables:\n  orders: 2 billion rows"


@pytest.mark.parametrize(
    ("config", "message", "hint"),
    [
        (b"a: 1\nprovder: x", "line 1.*'a'", "Known here"),
        (b"language: en\nprovder: x", "line 2: there is no setting 'provder'", "'provider'"),
        (b"scope:\n  include: []\n  exlude: [a]", "line 3: there is no setting 'scope.exlude'", "'exclude'"),
        (b"min_severity_: low", "no setting", "'min-severity'"),
        (b"min-severity: hgh", "line 1: min-severity", "low, medium, high, critical"),
        (b"deadline: 1", "deadline", "seconds"),
        (b"a: [", "line 1 is not valid YAML", "docs/configuration.md"),
        (b"- a", "not a list of", "docs/configuration.md"),
        (b"a: &x [1]\nb: *x", "aliases", "Write the values out"),
        (b"a: \xff", "not valid YAML", "docs"),
        (b"#" + b"x" * 200_001, "bytes long", "Keep it under"),
        (b"[" * 10_000, "nested", "docs"),
        (b"a: " + b"[" * 900, "nested", "docs"),
        (b"- " * 50_000, "nested", "docs"),
    ],
)
def test_a_mistake_names_its_place_and_its_remedy(config: bytes, message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load(config, NAME, {}, {})
    assert hint in caught.value.hint


def test_a_mistake_in_the_environment_says_so() -> None:
    with pytest.raises(UsageError, match="the environment: concurrency"):
        load(None, NAME, {"DESIGN_REVIEWER_CONCURRENCY": "many"}, {})
