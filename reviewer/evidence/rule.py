"""A rule as the engine runs it; `rulefile` reads them from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from reviewer.evidence.plain import plain_query
from reviewer.nouns.finding import Category, Severity
from reviewer.nouns.signal import Tier


class Held(dict[str, bool]):
    """Which literals a text holds; each is looked for once, however many rules ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, word: str) -> bool:
        found = self[word] = word in self._text
        return found


@dataclass(frozen=True)
class Rule:
    """One deterministic check for one hazard in one language family.

    `needs` is a conjunction of alternatives: a file is searched only if each group has a member in its text.
    `query` is what ast-grep is given. `guards` are (name, argument) pairs, all of which must agree. `anchor` is the
    capture reported instead of the whole match, "" for the match itself. `anywhere` lets it read tests and scripts.
    """

    id: str
    hazard: str
    category: Category
    severity: Severity
    tier: Tier
    title: str
    message: str
    fix: str
    language: str
    query: Mapping[str, Any] = field(hash=False, compare=False)
    needs: tuple[tuple[str, ...], ...] = ()
    guards: tuple[tuple[str, str], ...] = ()
    anchor: str = ""
    refuted_by: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    anywhere: bool = False
    source: str = ""

    @cached_property
    def question(self) -> str:
        """The query as text: rules with the same one find the same nodes."""
        return repr(self.query)

    @cached_property
    def plain(self) -> Mapping[str, Any]:
        """The query for texts that are all ASCII."""
        return plain_query(self.query)

    def wanted(self, held: Held) -> bool:
        """Whether a text holds the literals without which this rule cannot match."""
        for group in self.needs:  # spelled out: asked for every rule of every file, it was a tenth of all work
            for word in group:
                if held[word]:
                    break
            else:
                return False
        return True
