"""The rules as data for `rules list` and `explain`: what is checked, in which language, and what it may do alone."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.evidence.examined import UserRules
from reviewer.evidence.rule import Rule
from reviewer.evidence.rulefile import built_in, user_rules
from reviewer.nouns.finding import Severity
from reviewer.nouns.plan import Switches
from reviewer.nouns.signal import Tier


@dataclass(frozen=True)
class Entry:
    """One row of `rules list`. `own` marks the team's rules; `severity` and `off` heed the configuration."""

    id: str
    hazard: str
    language: str
    tier: Tier
    severity: Severity
    title: str
    off: bool = False
    own: bool = False


def entries(switches: Switches | None = None, own: UserRules = ()) -> tuple[Entry, ...]:
    """All rules, sorted by hazard and id. Raises UsageError if a rule of the team cannot be read."""
    switched = switches or Switches()
    rows = [_entry(rule, switched, own=False) for rule in built_in()]
    rows += [_entry(rule, switched, own=True) for rule in user_rules(own)]
    return tuple(sorted(rows, key=lambda entry: (entry.hazard, entry.id)))


def rule(identity: str, own: UserRules = ()) -> Rule | None:
    """The rule with this id, for `explain`; None if there is none."""
    return next((found for found in (*built_in(), *user_rules(own)) if found.id == identity), None)


def rules_of(hazard: str) -> tuple[Rule, ...]:
    """The built-in rules that look for a hazard."""
    return tuple(found for found in built_in() if found.hazard == hazard)


def _entry(found: Rule, switches: Switches, *, own: bool) -> Entry:
    return Entry(
        id=found.id,
        hazard=found.hazard,
        language=found.language,
        tier=found.tier,
        severity=switches.severity.get(found.id, switches.severity.get(found.hazard, found.severity)),
        title=found.title,
        off=bool({found.id, found.hazard} & switches.off),
        own=own,
    )
