"""Choose the hazards that can occur in this change and put each on one line for the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from reviewer.nouns.changeset import FileChange
from reviewer.nouns.finding import Category
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.plan import Switches
from reviewer.stages.tokens import estimate_tokens
from reviewer.stages.topics import topics

CATCH_ALL = "other-"  # the catalogue's entries for what it has no name for, one a category
CARD_TOKENS = 2_100  # by our high estimate, about 1,600 real ones: what the catalogue may take of a prompt
_LANGUAGES = {
    "py": "python", "go": "go", "java": "java", "kt": "java", "kts": "java", "scala": "java", "groovy": "java",
    "ts": "typescript", "tsx": "typescript", "mts": "typescript", "cts": "typescript",
    "js": "typescript", "jsx": "typescript", "mjs": "typescript", "cjs": "typescript",
    "rb": "ruby", "rake": "ruby", "sql": "sql", "cs": "csharp", "php": "php", "rs": "rust",
    "proto": "proto", "graphql": "graphql", "graphqls": "graphql", "gql": "graphql", "prisma": "prisma",
}  # fmt: skip
_CONTRACTS = ("openapi", "swagger", "asyncapi")
_MIGRATIONS = ("migration", "migrate", "alembic", "flyway", "liquibase", "changelog", "schema")


def kinds(file: FileChange) -> frozenset[str]:
    """Language and file kind of a path, in the words hazards use in `applies_to`."""
    path = PurePosixPath(file.path.lower())
    found = {_LANGUAGES.get(path.suffix.removeprefix("."), "other")}
    if any(word in part for part in path.parts for word in _MIGRATIONS) or found & {"sql", "prisma"}:
        found.add("migration")
    if found & {"proto", "graphql"} or path.suffix in {".avsc", ".thrift"} or path.name.startswith(_CONTRACTS):
        found.add("contract")
    return frozenset(found)


def choose(
    hazards: Sequence[Hazard], files: Iterable[FileChange], *, signalled: frozenset[str], switches: Switches
) -> tuple[Hazard, ...]:
    """Hazards that can occur in these files, most urgent first: signalled, narrow, then by severity."""
    files = tuple(files)
    present = frozenset(kind for file in files for kind in kinds(file))
    spoken = topics(line.text for file in files for line in file.lines())
    fitting = [
        hazard
        for hazard in hazards
        if hazard.id not in switches.off
        and not hazard.id.startswith(CATCH_ALL)
        and (hazard.id in signalled or _fits(hazard, present, spoken))
    ]
    order = {hazard.id: position for position, hazard in enumerate(hazards)}
    return tuple(sorted(fitting, key=lambda each: (each.id not in signalled, -each.severity.rank, order[each.id])))


def cards(chosen: Sequence[Hazard], limit: int = CARD_TOKENS) -> str:
    """One line a hazard. Questions first, they find defects; what refutes a hazard as far as room is left.

    Hazards whose question does not fit are named, so that they can be reported all the same. (The second reader
    gets what refutes a claim in any case.)
    """
    left = limit
    asked: list[Hazard] = []
    for hazard in chosen:
        cost = estimate_tokens(card(hazard, full=False))
        if cost > left:
            break
        left -= cost
        asked.append(hazard)
    lines: list[str] = []
    for hazard in asked:
        cost = estimate_tokens(card(hazard)) - estimate_tokens(card(hazard, full=False))
        full = cost <= left
        left -= cost if full else 0
        lines.append(card(hazard, full=full))
    if named := [hazard.id for hazard in chosen[len(asked) :]]:
        lines.append(f"Also: {', '.join(named)}")
    lines.append(f"None fits: {', '.join(f'{CATCH_ALL}{category}' for category in Category)}")
    return "\n".join(lines)


def card(hazard: Hazard, *, full: bool = True) -> str:
    """`id: the question that finds it`, and in full `Not if …`."""
    refuted = "; ".join(hazard.refuted_by[:3]) if full else ""
    return f"- {hazard.id}: {hazard.ask or hazard.title}" + (f" Not if {refuted}." if refuted else "")


def _fits(hazard: Hazard, present: frozenset[str], spoken: frozenset[str]) -> bool:
    """Any of its languages or kinds is here (if it names any), and any of its topics is spoken of (likewise)."""
    wanted = {word.removeprefix("topic:") for word in hazard.applies_to if word.startswith("topic:")}
    places = {word for word in hazard.applies_to if not word.startswith("topic:") and word != "any"}
    return (not places or bool(places & present)) and (not wanted or bool(wanted & spoken))
