"""Figures that can be trusted: matched one to one, by place, with honest intervals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.evaluation.cases import Case, Gold
from reviewer.evaluation.scoring import NEAR, Scored, by_category, figures, groups, resampled, score, share
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Finding, Location, Severity
from reviewer.nouns.review import Verdict
from tests.builders import a_clean_review, a_finding


def gold(start: int, end: int = 0, path: str = "a.py", side: Side = Side.RIGHT, **also: Location) -> Gold:
    return Gold(
        (Location(path, side, start, end or start), *also.values()), Category.SECURITY, Severity.HIGH, f"defect {start}"
    )


def case(*defects: Gold, also_valid: tuple[Gold, ...] = ()) -> Case:
    return Case("c", Path(), "", "", "python", "base", "head", None, defects, also_valid)


def found(line: int, path: str = "a.py", **changes: object) -> Finding:
    base = a_finding(path=path, start_line=line, end_line=line, side=Side.RIGHT, title=f"line {line}")
    return replace(base, **changes)  # type: ignore[arg-type]


def scored(labelled: Case, *findings: Finding) -> Scored:
    return score(labelled, a_clean_review(findings=findings))


def test_a_finding_on_the_place_is_an_exact_hit() -> None:
    (hit,) = scored(case(gold(10, 12)), found(11)).matched
    assert hit.exact
    assert hit.severity


@pytest.mark.parametrize(("line", "hit"), [(10 + NEAR, True), (10 - NEAR, True), (11 + NEAR, False)])
def test_near_is_a_hit_but_not_exact(line: int, hit: bool) -> None:
    outcome = scored(case(gold(10)), found(line))
    assert [match.exact for match in outcome.matched] == ([False] if hit else [])
    assert bool(outcome.noise) is not hit
    assert bool(outcome.missed) is not hit


def test_other_files_and_sides() -> None:
    assert not scored(case(gold(10)), found(10, path="b.py")).matched
    (hit,) = scored(case(gold(10, side=Side.LEFT)), found(10)).matched
    assert not hit.exact


def test_any_labelled_place_and_any_related_place_counts() -> None:
    elsewhere = Location("b.py", Side.RIGHT, 3, 3)
    assert scored(case(gold(10, other=elsewhere)), found(3, path="b.py")).matched[0].exact
    assert scored(case(gold(10)), found(80, related=(Location("a.py", Side.RIGHT, 10, 10),))).matched


def test_one_finding_names_one_defect_the_nearest_first() -> None:
    outcome = scored(case(gold(10), gold(13)), found(13), found(12))
    assert [(match.gold, match.finding) for match in outcome.matched] == [(0, 1), (1, 0)]
    assert len(scored(case(gold(10), gold(11)), found(10)).matched) == 1


def test_a_second_finding_for_a_defect_is_a_duplicate_and_not_noise() -> None:
    outcome = scored(case(gold(10)), found(10), found(11))
    assert outcome.duplicates == (1,)
    assert not outcome.noise


def test_remarks_that_are_right_are_neither_hits_nor_noise() -> None:
    outcome = scored(case(gold(10), also_valid=(gold(50),)), found(10), found(50), found(90))
    assert outcome.valid == (1,)
    assert outcome.noise == (2,)
    assert figures([outcome])["precision"].value == pytest.approx(2 / 3)


def test_figures_of_a_run() -> None:
    runs = [
        scored(case(gold(10), gold(100)), found(10, severity=Severity.LOW)),
        scored(case(), found(5)),
        scored(case()),
    ]
    got = figures(runs)
    assert got["recall"].value == 0.5
    assert got["precision"].value == 0.5
    assert got["f1"].value == 0.5
    assert got["severity_agreement"].value == 0.0
    assert got["silent_on_sound"].value == 0.5
    assert got["complete"].value == 1.0
    assert by_category(runs)["security"].of == 2
    assert list(groups(runs, lambda each: each.language)) == ["python"]


def test_an_incomplete_review_is_counted_as_such() -> None:
    outcome = score(case(), a_clean_review(verdict=Verdict.INCOMPLETE))
    assert figures([outcome])["complete"].value == 0.0


def test_known_intervals() -> None:
    figure = share(9, 10)
    assert (round(figure.low, 3), round(figure.high, 3)) == (0.596, 0.982)
    assert share(0, 0).of == 0


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_interval_holds_its_share(part: int, rest: int) -> None:
    figure = share(part, part + rest)
    assert 0 <= figure.low <= figure.value + 1e-9
    assert figure.value <= figure.high + 1e-9
    assert figure.high <= 1


def test_resampling_is_the_same_each_time() -> None:
    runs = [scored(case(gold(10)), found(line)) for line in (10, 90, 10, 10)]
    measure = lambda cases: sum(len(each.matched) for each in cases) / len(cases)  # noqa: E731
    assert resampled(runs, measure) == resampled(runs, measure)
    assert resampled(runs, measure).low < 0.75 < resampled(runs, measure).high
    assert resampled([], measure).of == 0
