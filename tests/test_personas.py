"""Personas: packaged editions, and any agent file as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer import personas, resources
from reviewer.errors import UsageError

FOLDER = resources.prompts() / "personas"


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_the_owners_persona_is_carried_over_whole(language: str) -> None:
    persona = personas.load("backend-architect", FOLDER, language)
    assert persona.name == "backend-architect"
    assert persona.category == "engineering"
    assert persona.origin == "package"
    headings = [line for line in persona.body.splitlines() if line.startswith("#")]
    items = [line for line in persona.body.splitlines() if line.startswith(("- ", "1. ", "2. ", "3. ", "4. ", "5. "))]
    # Title, triggers, mindset, focus areas, key actions, deliverables, boundaries.
    assert len(headings) == 7
    # 4 triggers, 5 focus areas, 5 actions, 5 deliverables, 3 + 3 limits.
    assert len(items) == 25
    assert persona.scope_exclude == ("frontend", "infrastructure")


def test_a_language_without_an_edition_gets_the_english_one() -> None:
    assert personas.load("backend-architect", FOLDER, "fr") == personas.load("backend-architect", FOLDER, "en")


def test_any_agent_file_is_taken_as_it_is(tmp_path: Path) -> None:
    body = "# Séance\n\nBody with --- inside.\n\n---\nmore\n"
    file = tmp_path / "critic.md"
    file.write_text(f"---\nname: critic\ntools: [Read, Bash]\nmodel: opus\n---\n\n{body}", encoding="utf-8")
    persona = personas.load(str(file), FOLDER)
    assert persona.name == "critic"
    assert persona.body == body
    assert persona.origin == "path"


@pytest.mark.parametrize(
    ("text", "name", "body"),
    [
        ("Just a prompt.\n", "file", "Just a prompt.\n"),
        ("---\nname: a\n---\nBody\n", "a", "Body\n"),
        ("\ufeff---\r\nname: a\r\n---\r\nBody\r\n", "a", "Body\r\n"),
        ('---\nname: a\ndescription: Use when: the user asks: "x"\n---\nBody', "a", "Body"),
        ("---\n---\nBody", "file", "Body"),
        ("---\nnot a mapping\n---\nBody", "file", "---\nnot a mapping\n---\nBody"),
    ],
)
def test_front_matter_is_stripped_and_the_body_kept_to_the_letter(text: str, name: str, body: str) -> None:
    persona = personas.parse(text.encode(), origin="path", fallback_name="file")
    assert (persona.name, persona.body) == (name, body)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"---\nname: a\n---\n\n", "no body"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * (personas.MAX_BYTES + 1), "bytes long"),
    ],
)
def test_what_is_no_persona_says_why(data: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        personas.parse(data, origin="path", fallback_name="file")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        personas.load("frontend-dev", FOLDER)
    assert "backend-architect" in caught.value.hint
