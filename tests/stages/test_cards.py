"""A change is asked about the hazards that can occur in it, and about no others."""

from __future__ import annotations

from reviewer import hazards
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.plan import Switches
from reviewer.stages import cards
from reviewer.stages.tokens import estimate_tokens
from reviewer.stages.topics import topics
from tests.stages.trees import changes

CATALOGUE = hazards.load()


def chosen(path: str, text: str, *, signalled: str = "", off: str = "") -> list[str]:
    files = changes({}, {path: text}).files
    found = cards.choose(
        CATALOGUE, files, signalled=frozenset({signalled} - {""}), switches=Switches(off=frozenset({off} - {""}))
    )
    return [hazard.id for hazard in found]


def test_a_migration_is_asked_about_locks_and_not_about_promises() -> None:
    ids = chosen("db/migrations/0002_add.sql", "ALTER TABLE t ADD COLUMN c int NOT NULL;\n")
    assert {"migration-blocking-ddl", "migration-add-required-column"} <= set(ids)
    assert "async-callback-in-foreach" not in ids


def test_typescript_is_asked_about_promises_and_not_about_migrations() -> None:
    ids = chosen("src/a.ts", "items.forEach(async (x) => { await send(x) })\n")
    assert "async-callback-in-foreach" in ids
    assert "migration-blocking-ddl" not in ids
    assert "proto-breaking-change" not in ids


def test_a_contract_file_is_asked_about_consumers() -> None:
    assert "contract-breaking-change" in chosen("api/openapi.yaml", "paths: {}\n")
    assert "proto-breaking-change" in chosen("api/a.proto", "message A {}\n")


def test_a_signalled_hazard_is_first_and_always_there() -> None:
    assert chosen("a.py", "x = 1\n", signalled="proto-breaking-change")[0] == "proto-breaking-change"


def test_a_hazard_that_is_switched_off_is_not_asked() -> None:
    assert "hardcoded-secret" in chosen("a.py", "x = 1\n")
    assert "hardcoded-secret" not in chosen("a.py", "x = 1\n", off="hardcoded-secret", signalled="hardcoded-secret")


def test_cards_hold_their_budget_and_name_the_rest() -> None:
    text = cards.cards(CATALOGUE, limit=500)
    assert estimate_tokens(text) < 500 + 125 * 12
    for hazard in CATALOGUE:
        assert hazard.id in text


def test_a_card_says_what_refutes_it() -> None:
    hazard = next(each for each in CATALOGUE if each.id == "http-call-no-timeout")
    assert cards.card(hazard) == (
        "- http-call-no-timeout: Can this remote call wait forever? Not if a shared client or adapter sets a default;"
        " the caller's context carries a deadline; a one-off script."
    )


def test_a_hazard_without_a_question_shows_its_title() -> None:
    base = CATALOGUE[0]
    bare = Hazard("x", "Title", base.category, base.severity, "s", ("a",), (), "r")
    assert cards.card(bare) == "- x: Title"


def test_topics_are_found_in_any_case_and_only_where_spoken_of() -> None:
    assert topics(["SELECT 1"]) == {"db"}
    assert topics(["x += 1"]) == frozenset()
    assert {"retry", "http"} <= topics(["@retry", "requests.get(u)"])
