"""What is judged of an operation, and what a judgement rests on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from reviewer.evidence.sql.operation import Operation
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Tier


class Usage(NamedTuple):
    """Whether code outside migrations still names what goes away: None where the tree cannot tell.

    Places are `path:line` of the base tree; `kept` are those that the change leaves as they are.
    """

    referenced: bool | None
    places: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Setting(NamedTuple):
    """What a judgement needs besides the operation itself. Names of tables and columns are in lower case.

    `busy` says why a table is known to be large or busy, "" where nobody says so: how long a lock lasts depends on it.
    """

    engine: str
    new_tables: frozenset[str]
    usage: Callable[[Operation], Usage]
    new_columns: frozenset[tuple[str, str]] = frozenset()
    replaced: frozenset[str] = frozenset()  # tables that another one is renamed to
    busy: Callable[[str], str] = lambda _table: ""


class Judged(NamedTuple):
    """A hazard an operation brings."""

    hazard: str
    rule: str
    tier: Tier
    severity: Severity
    confidence: Confidence
    title: str
    message: str
    fix: str
    refuted_by: tuple[str, ...]
    references: tuple[str, ...] = ()
    category: Category = Category.DATA_INTEGRITY
    column: str = ""  # of a new table: the one column it is about
