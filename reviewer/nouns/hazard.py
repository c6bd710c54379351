"""A hazard: something that can go wrong, as the catalogue in prompts/hazards/ states it."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.nouns.finding import Category, Severity


@dataclass(frozen=True, slots=True)
class Hazard:
    """One catalogue entry; the one source for prompts, reports, SARIF rules, `explain` and the docs.

    `applies_to` narrows where it can occur: languages (`python`, `go`, `sql`, …), file kinds (`migration`,
    `contract`, …), topics the lines must speak of (`topic:db`, `topic:auth`, …) or `any`. `shows` says how it
    looks in a diff, `refuted_by` what makes it untrue.
    """

    id: str
    title: str
    category: Category
    severity: Severity
    scenario: str
    shows: tuple[str, ...]
    refuted_by: tuple[str, ...]
    recommendation: str
    references: tuple[str, ...] = ()
    applies_to: tuple[str, ...] = ("any",)
    ask: str = ""  # the one question that finds it
