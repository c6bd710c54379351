"""Both languages say the same things with the same values in them, and every text the code asks for exists."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from reviewer.nouns.finding import Category, Confidence, Origin, Severity, Standing, VerificationStatus
from reviewer.nouns.review import CoverageStatus, Verdict
from reviewer.reporters.words import LANGUAGES, words

ROOM = Path(__file__).resolve().parents[2] / "reviewer"


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_values() -> None:
    english, portuguese = words("en").texts, words("pt-BR").texts
    assert english.keys() == portuguese.keys()
    different = [key for key in english if placeholders(english[key]) != placeholders(portuguese[key])]
    assert not different
    assert all(text.strip() == text or key == "usd" for table in (english, portuguese) for key, text in table.items())


@pytest.mark.parametrize(
    "kind", [Severity, Confidence, Category, Origin, Standing, VerificationStatus, Verdict, CoverageStatus]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_member_of_our_enums_has_a_word(kind: type, language: str) -> None:
    group = {"VerificationStatus": "verification", "CoverageStatus": "coverage"}.get(
        kind.__name__, kind.__name__.lower()
    )
    assert all(words(language)(f"{group}.{member}") for member in kind)  # type: ignore[attr-defined]


def asked_for() -> set[str]:
    keys: set[str] = set()
    for path in ROOM.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        keys |= set(re.findall(r'\bw\("([a-z0-9_.-]+)"', source))
        for key in re.findall(r'\bw\.count\("([a-z0-9_.-]+)"', source):
            keys |= {f"{key}.one", f"{key}.other"}
    return keys


def test_every_text_that_is_asked_for_exists() -> None:
    assert asked_for()
    assert not asked_for() - words("en").texts.keys()


def test_other_languages_get_english_fixed_texts() -> None:
    assert words("Deutsch").language == words("fr").language == "en"


@pytest.mark.parametrize("name", ["pt", "pt-BR", "pt_BR", "pt-PT", "Português (Brasil)", "Brazilian Portuguese"])
def test_portuguese_has_many_names(name: str) -> None:
    assert words(name)("title") == "Revisão de design"


def test_numbers_are_written_as_the_language_does() -> None:
    assert words("en").number(1234.5, 1) == "1,234.5"
    assert words("pt-BR").number(1234.5, 1) == "1.234,5"
    assert words("en").money(0.2134) == "$0.2134"
    assert words("pt-BR").money(12) == "US$ 12,00"
    assert words("en").percent(999, 1000) == "99 %"


def test_one_and_many() -> None:
    assert words("en").count("finding", 1) == "1 finding"
    assert words("pt-BR").count("finding", 2) == "2 achados"


def test_what_we_have_no_word_for_is_shown_as_it_is() -> None:
    assert words("pt-BR").name("kind", "frontend") == "frontend"
    assert words("pt-BR").name("kind", "something new") == "something new"


def test_values_are_never_read_as_templates() -> None:
    assert words("en").count("file", 2) == "2 files"
    assert words("en")("finding.in", symbol="{0.__class__}") == "in {0.__class__}"
