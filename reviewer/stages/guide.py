"""The implementation guide: what to do before the merge, in which order to deploy, and what to check after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from reviewer import resources
from reviewer.errors import UsageError
from reviewer.nouns.finding import Finding, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.review import Deliverable, Row

COLUMNS = ("When", "Step", "Ask before you merge", "Test to add", "Rollback", "Watch", "Where")
BEFORE, DEPLOY, AFTER = "must before merge", "deploy order", "after deploy"
_PLACEHOLDER = re.compile(r"\{(fix|what)\}")
MOST_PLACES = 5

_NO_DETAILS: Mapping[str, str] = {"ask": "", "test": "", "rollback": "", "watch": ""}
Recipe = Mapping[str, Sequence[str]]


def guide(findings: Sequence[Finding], hazards: Iterable[Hazard]) -> Deliverable:
    """The steps for what was found, worst hazard first within each phase; no rows if nothing was found."""
    known = {hazard.id: hazard for hazard in hazards}
    groups: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda item: (-item.severity.rank, item.path, item.start_line)):
        groups.setdefault(finding.hazard, []).append(finding)
    phases: dict[str, list[Row]] = {BEFORE: [], DEPLOY: [], AFTER: []}
    for hazard, group in groups.items():
        for when, row in _steps(group, recipes().get(hazard), known.get(hazard)):
            phases[when].append(row)
    rows = tuple(row for when in phases for row in phases[when])
    return Deliverable(
        "Implementation guide",
        COLUMNS if rows else (),
        rows,
        inspected=f"{len(findings)} findings of {len(groups)} kinds",
    )


def _steps(group: list[Finding], recipe: Recipe | None, hazard: Hazard | None) -> Iterable[tuple[str, Row]]:
    worst = group[0]
    ask = hazard.ask if hazard is not None else ""
    if recipe is None:
        when = BEFORE if worst.severity.at_least(Severity.HIGH) else AFTER
        general = hazard.recommendation if hazard is not None else ""
        text = " ".join(dict.fromkeys(part for part in (general, worst.recommendation) if part))
        yield when, _row(when, text, {**_NO_DETAILS, "ask": ask}, group)
        return
    once = {**{key: _one(recipe, key) for key in _NO_DETAILS}, "ask": ask}
    for when, key in ((BEFORE, "before"), (DEPLOY, "deploy"), (AFTER, "after")):
        for position, step in enumerate(recipe.get(key, ())):
            first = when == BEFORE and position == 0
            yield when, _row(when, _filled(step, worst), once if first else _NO_DETAILS, group)


def _row(when: str, step: str, details: Mapping[str, str], group: list[Finding]) -> Row:
    worst = group[0]
    places = list(dict.fromkeys(f"{finding.path}:{finding.start_line}" for finding in group))
    more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    return Row(
        cells=(
            when,
            step,
            details["ask"],
            details["test"],
            details["rollback"],
            details["watch"],
            ", ".join(places[:MOST_PLACES]) + more,
        ),
        path=worst.path,
        line=worst.start_line,
        source="inferred",
        signals=tuple(dict.fromkeys(finding.fingerprint for finding in group)),
    )


def _filled(step: str, finding: Finding) -> str:
    """Our own text with its two placeholders replaced once; nothing of the change is read as a template."""
    values = {"fix": finding.recommendation, "what": finding.symbol or f"{finding.path}:{finding.start_line}"}
    return _PLACEHOLDER.sub(lambda match: values[match[1]], step)


def _one(recipe: Recipe, key: str) -> str:
    return " ".join(recipe.get(key, ()))


@cache
def recipes() -> Mapping[str, Recipe]:
    """The recipes of this installation by hazard. Raises UsageError if the file is damaged."""
    import yaml

    path = resources.prompts() / "recipes.yml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506  a safe loader, on our own file
    if not isinstance(loaded, dict):
        raise UsageError("prompts/recipes.yml is not a mapping", "Install the package again.")
    return {
        str(hazard): {
            str(key): tuple(str(step) for step in value) if isinstance(value, list) else (str(value),)
            for key, value in recipe.items()
        }
        for hazard, recipe in loaded.items()
    }
