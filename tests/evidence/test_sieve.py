"""Expressions tried only where one of their literals is: never a match lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.evidence import hidden, repo, safeguards
from reviewer.evidence.repo import repo_facts
from reviewer.evidence.routes import python
from reviewer.evidence.sieve import Sieve, folded
from reviewer.evidence.sql import literals
from reviewer.evidence.tables import performance
from tests.evidence.implied import implies

SIEVES = {
    **{f"{kind}.{name}": sieve for kind, found in repo._DEPENDENCIES.items() for name, sieve in found.items()},
    **{f"safeguards.{family.name}": family.looks for family in safeguards._FAMILIES},
    "routes.views": python._VIEWS,
    "hidden.directed": Sieve(hidden._DIRECTED, hidden._WORDS),
    "performance.setting": Sieve(performance._SETTING, performance._MAY_SET),
    "literals.starts": Sieve(literals._STARTS, ("update", "delete")),
    "literals.goes-on": Sieve(literals._STARTS, ("set", "from")),
}


@pytest.mark.parametrize("name", SIEVES)
def test_every_match_of_an_expression_holds_one_of_its_words(name: str) -> None:
    sieve = SIEVES[name]
    assert sieve.words
    assert implies(sieve.pattern, sieve.words)


@pytest.mark.parametrize(
    ("pattern", "words", "holds"),
    [
        ("abc|abd", ("ab",), True),
        ("abc|xyz", ("ab",), False),
        (r"\bqu[ex]\b['\"]", ("que'", 'que"', "qux"), True),
        (r"\bqu[ex]\b['\"]", ("que'", "qux"), False),
        (r"(?:a|b)+long", ("long",), True),
        (r"(?:long)?x", ("long",), False),
        (r"lo\w*ng|\w+ng", ("ng",), True),
        (r"\w+", ("a",), False),
    ],
)
def test_the_proof_itself_accepts_and_refuses(pattern: str, words: tuple[str, ...], holds: bool) -> None:
    assert implies(re.compile(pattern), words) is holds


@given(st.text(alphabet="skKi\u0130\u0131\u017f\u212aK\u0307\u00e9ST \n", max_size=12))
def test_letters_that_fold_only_when_case_is_ignored_are_not_lost(text: str) -> None:
    for word in ("sik", "is", "ki"):
        sieve = Sieve(re.compile(word, re.IGNORECASE), (word,))
        found = sieve.pattern.search(text)
        assert sieve.search(text) == found or (found is not None and sieve.search(text).span() == found.span())  # type: ignore[union-attr]


def test_what_was_folded_before_is_not_folded_again() -> None:
    sieve = Sieve(re.compile("stripe", re.IGNORECASE), ("stripe",))
    assert sieve.search("import Stripe", folded("import Stripe"))
    assert not sieve.search("import Stripe", "")


def test_facts_are_read_from_every_manifest_by_itself() -> None:
    facts = repo_facts({"a/package.json": b'{"pg": "8", "express": "4"}', "b/Gemfile": b"gem 'Rails'\ngem \"que\""})
    assert facts.engines == {"postgresql"}
    assert facts.queues == {"database"}
    assert facts.frameworks == {"express"}
