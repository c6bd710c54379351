from __future__ import annotations

from reviewer import hazards
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Finding, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.stages.guide import AFTER, BEFORE, COLUMNS, DEPLOY, guide, recipes


def finding(
    hazard: str, severity: Severity = Severity.HIGH, line: int = 3, fix: str = "Do {what} and {fix}."
) -> Finding:
    return Finding(
        fingerprint=f"{hazard}-{line}",
        hazard=hazard,
        category=Category.DATA_INTEGRITY,
        severity=severity,
        confidence=Confidence.HIGH,
        path="a.sql",
        side=Side.RIGHT,
        start_line=line,
        end_line=line,
        quote="x",
        title="t",
        scenario="s",
        recommendation=fix,
        symbol="orders.zip",
    )


def test_nothing_found_needs_no_guide():
    assert guide((), ()).rows == ()


def test_phases_come_in_order_and_the_worst_hazard_first():
    found = guide(
        (
            finding("unknown", Severity.LOW),
            finding("migration-destructive-change"),
            finding("money-as-float", Severity.CRITICAL),
        ),
        (),
    )
    when = [row.cells[0] for row in found.rows]
    assert when == sorted(when, key=[BEFORE, DEPLOY, AFTER].index)
    assert "type" in found.rows[0].cells[1]
    assert found.rows[-1].cells[0] == AFTER
    assert all(len(row.cells) == len(COLUMNS) for row in found.rows)


def test_steps_carry_the_codes_own_names_and_findings():
    rows = guide((finding("migration-destructive-change"), finding("migration-destructive-change", line=9)), ()).rows
    deploy = [row.cells[1] for row in rows if row.cells[0] == DEPLOY]
    assert deploy[0] == "1. release that no longer uses orders.zip"
    assert rows[0].cells[-1] == "a.sql:3, a.sql:9"
    assert rows[0].signals == ("migration-destructive-change-3", "migration-destructive-change-9")


def test_text_of_the_change_is_never_a_template():
    row = guide((finding("migration-destructive-change"),), ()).rows[0]
    assert row.cells[1].endswith("Do {what} and {fix}.")


def test_a_hazard_without_a_recipe_is_one_step():
    hazard = Hazard(
        "h", "T", Category.RELIABILITY, Severity.HIGH, "s", (), (), "General advice.", ask="Who repairs it?"
    )
    (row,) = guide((finding("h", fix="Wrap pay()."),), (hazard,)).rows
    assert row.cells[:3] == (BEFORE, "General advice. Wrap pay().", "Who repairs it?")


def test_recipes_are_for_hazards_of_the_catalogue():
    assert set(recipes()) <= {hazard.id for hazard in hazards.load()}
    assert all(recipe.get("before") for recipe in recipes().values())
