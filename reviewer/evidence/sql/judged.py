"""What is judged of an operation, and what a judgement rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
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
    new_columns: Mapping[tuple[str, str], tuple[str, int]] = MappingProxyType({})  # (table, column) -> (path, line)
    replaced: frozenset[str] = frozenset()  # tables that another one is renamed to
    busy: Callable[[str], str] = lambda _table: ""
    checked: Callable[[Operation], bool] = lambda _op: False  # a CHECK already keeps NULL out of the column
    built_so_before: Callable[[Operation], bool] = lambda _op: False  # an index CONCURRENTLY, just as this one is built
    heir: Callable[[Operation], tuple[Operation, ...]] = lambda _op: ()  # what brings a dropped column back
    copied: Callable[[Operation], bool] = lambda _op: False  # an UPDATE or INSERT of the change speaks of the column
    proven: Callable[[Operation], bool] = lambda _op: False  # the text of such a CHECK on the very column was seen
    type_before: Callable[[Operation], str] = lambda _op: ""


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


NEW_TABLE = "the table is created in this same change"
SMALL = "the table is known to be small and quiet"


def new_table(op: Operation, setting: Setting) -> bool:
    """Whether this same change creates the table: nothing reads or fills it yet."""
    return op.table.lower() in setting.new_tables


def assured(op: Operation, tier: Tier) -> Tier:
    """What the author vouches for is shown to the model, not posted; so is what names its table by a variable."""
    unnamed = op.tool == "rails" and op.source != "parsed"
    return Tier.EVIDENCE if op.assured or unnamed else tier


def if_busy(op: Operation, setting: Setting, tier: Tier) -> Tier:
    """How long rows stay locked depends on how many there are: posted only where somebody has said so."""
    return assured(op, tier) if setting.busy(op.table) else Tier.EVIDENCE


def told(op: Operation, setting: Setting) -> str:
    """Who says that the table is large or busy, as a sentence to append; "" if nobody does."""
    why = setting.busy(op.table)
    return f" {why[0].upper()}{why[1:]}." if why else ""


def steps_of(steps: tuple[str, ...]) -> str:
    """A safe sequence in one line."""
    return " → ".join(step.rstrip(";") if "--" not in step else step for step in steps)
