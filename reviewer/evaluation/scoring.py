"""Score reviews against labels, by place, and say how sure the figures are."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reviewer.evaluation.cases import Case, Gold
from reviewer.nouns.finding import Finding, Location
from reviewer.nouns.review import Review, Verdict

NEAR = 5  # lines a finding may stand away from a labelled place and still mean it
_Z = 1.96  # 95 %
_RESAMPLES = 500
SIZES = ((60, "small"), (800, "medium"))  # changed lines up to; beyond is large


@dataclass(frozen=True, slots=True)
class Matched:
    """A known defect and the finding that names it. `exact`: the places overlap; `severity`: both say the same."""

    gold: int
    finding: int
    exact: bool
    severity: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """One case, scored. Numbers index `Case.gold` and `Review.findings`."""

    name: str
    language: str
    size: str
    clean: bool
    complete: bool  # the review's verdict is not `incomplete`
    categories: tuple[str, ...]  # of the gold, in order
    findings: int
    matched: tuple[Matched, ...]
    duplicates: tuple[int, ...]  # a second finding for a defect already named
    valid: tuple[int, ...]  # right, but not counted as a known defect
    noise: tuple[int, ...]  # what no label bears out
    titles: tuple[str, ...]
    missed: tuple[str, ...]  # defects nobody named
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    judged: bool = False  # a model matched findings and defects, not place alone

    @property
    def gold(self) -> int:
        return len(self.categories)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured share (or mean) with its 95 % interval; `of` is how many it rests on."""

    value: float
    low: float
    high: float
    of: int


def score(case: Case, review: Review) -> Scored:
    """Match findings to known defects, one to one, the nearest first."""
    pairs = sorted(
        (distance, position, index)
        for index, gold in enumerate(case.gold)
        for position, finding in enumerate(review.findings)
        if (distance := _distance(gold, finding)) is not None
    )
    by_gold: dict[int, tuple[int, int]] = {}
    used: set[int] = set()
    for distance, position, index in pairs:
        if index not in by_gold and position not in used:
            by_gold[index] = (position, distance)
            used.add(position)
    rest = [position for position in range(len(review.findings)) if position not in used]
    again = [position for position in rest if any(position == other for _, other, _ in pairs)]
    valid = [
        position
        for position in rest
        if position not in again
        and any(_distance(each, review.findings[position]) is not None for each in case.also_valid)
    ]
    lines = review.coverage.in_scope_lines
    return Scored(
        name=case.name,
        language=case.language,
        size=next((name for most, name in SIZES if lines <= most), "large"),
        clean=case.clean,
        complete=review.verdict is not Verdict.INCOMPLETE,
        categories=tuple(str(gold.category) for gold in case.gold),
        findings=len(review.findings),
        matched=tuple(
            Matched(index, position, distance == 0, review.findings[position].severity is case.gold[index].severity)
            for index, (position, distance) in sorted(by_gold.items())
        ),
        duplicates=tuple(again),
        valid=tuple(valid),
        noise=tuple(position for position in rest if position not in again and position not in valid),
        titles=tuple(finding.title for finding in review.findings),
        missed=tuple(gold.defect for index, gold in enumerate(case.gold) if index not in by_gold),
        input_tokens=review.usage.input_tokens,
        output_tokens=review.usage.output_tokens,
        cost_usd=review.usage.cost_usd,
    )


def figures(cases: Sequence[Scored]) -> dict[str, Figure]:
    """The measures of a run, by name. Shares have Wilson intervals; f1 is resampled over cases."""
    gold = sum(case.gold for case in cases)
    hits = [hit for case in cases for hit in case.matched]
    found = sum(case.findings for case in cases)
    useful = len(hits) + sum(len(case.valid) for case in cases)
    clean = [case for case in cases if case.clean]
    return {
        "recall": share(len(hits), gold),
        "precision": share(useful, found),
        "f1": resampled(cases, _f1),
        "anchor_accuracy": share(sum(hit.exact for hit in hits), len(hits)),
        "severity_agreement": share(sum(hit.severity for hit in hits), len(hits)),
        "silent_on_sound": share(sum(case.findings == 0 for case in clean), len(clean)),
        "duplicates": share(sum(len(case.duplicates) for case in cases), found),
        "complete": share(sum(case.complete for case in cases), len(cases)),
        "tokens_per_case": resampled(cases, _tokens),
    }


def share(part: int, whole: int) -> Figure:
    """A share with its Wilson interval; of nothing it is 0, and the interval is everything."""
    if whole == 0:
        return Figure(0.0, 0.0, 1.0, 0)
    rate = part / whole
    centre = (rate + _Z**2 / (2 * whole)) / (1 + _Z**2 / whole)
    spread = _Z * math.sqrt(rate * (1 - rate) / whole + _Z**2 / (4 * whole**2)) / (1 + _Z**2 / whole)
    return Figure(rate, max(0.0, centre - spread), min(1.0, centre + spread), whole)


def resampled(cases: Sequence[Scored], measure: Callable[[Sequence[Scored]], float]) -> Figure:
    """A measure with its bootstrap interval over cases; the same cases give the same interval."""
    if not cases:
        return Figure(0.0, 0.0, 1.0, 0)
    dice = random.Random(len(cases))  # noqa: S311 - statistics, nothing secret
    values = sorted(measure(dice.choices(cases, k=len(cases))) for _ in range(_RESAMPLES))
    cut = int(_RESAMPLES * 0.025)
    return Figure(measure(cases), values[cut], values[-cut - 1], len(cases))


def _f1(cases: Sequence[Scored]) -> float:
    hits = sum(len(case.matched) for case in cases)
    useful = hits + sum(len(case.valid) for case in cases)
    gold, found = sum(case.gold for case in cases), sum(case.findings for case in cases)
    recall, precision = hits / gold if gold else 0.0, useful / found if found else 0.0
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def _tokens(cases: Sequence[Scored]) -> float:
    return sum(case.input_tokens + case.output_tokens for case in cases) / len(cases)


def _distance(gold: Gold, finding: Finding) -> int | None:
    """Lines between a finding and the nearest place of a defect; 0 where they overlap, None beyond NEAR."""
    places = (finding.location, *finding.related)
    gaps = [gap for place in places for known in gold.places if (gap := _gap(place, known)) is not None]
    return min(gaps, default=None)


def _gap(place: Location, known: Location) -> int | None:
    """Lines between two places of one file. A place on the other side may mean the same, but never exactly."""
    if place.path != known.path:
        return None
    gap = max(0, known.start_line - place.end_line, place.start_line - known.end_line)
    if place.side is not known.side:
        gap = max(gap, 1)
    return gap if gap <= NEAR else None


def groups(cases: Iterable[Scored], key: Callable[[Scored], str]) -> dict[str, tuple[Scored, ...]]:
    """Cases by language, size or whatever `key` names, in order of name."""
    found: dict[str, list[Scored]] = {}
    for case in cases:
        found.setdefault(key(case), []).append(case)
    return {name: tuple(found[name]) for name in sorted(found)}


def by_category(cases: Iterable[Scored]) -> dict[str, Figure]:
    """Recall for each category of known defects."""
    seen: dict[str, int] = {}
    hit: dict[str, int] = {}
    for case in cases:
        named = {match.gold for match in case.matched}
        for index, category in enumerate(case.categories):
            seen[category] = seen.get(category, 0) + 1
            hit[category] = hit.get(category, 0) + (index in named)
    return {category: share(hit[category], seen[category]) for category in sorted(seen)}


__all__ = ["NEAR", "Figure", "Matched", "Scored", "by_category", "figures", "groups", "resampled", "score", "share"]
