"""What an operation does to a live table: the words every engine's knowledge is told in."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from reviewer.evidence.sql.operation import Operation


class Effect(NamedTuple):
    """The columns of the schema table. `blocking` names what waits while it runs, "" if nothing does for long."""

    lock: str
    work: str = "none"
    backfill: str = "no"
    blocking: str = ""
    safe: tuple[str, ...] = ()


class Known(NamedTuple):
    """What is known of a table besides the operation: `was` is the column's type before, "" where nobody says."""

    new_table: bool = False
    new_column: bool = False  # every column it is about is added by this same change: it holds NULL or its default
    checked: bool = False  # a CHECK keeps NULL out of the column already
    was: str = ""


Judge = Callable[[Operation, Known], Effect]


def always(lock: str, work: str = "none", backfill: str = "no") -> Judge:
    """A judge that says the same of every operation of a kind."""
    return lambda _op, _known: Effect(lock, work, backfill)


FILL_NULLS = "rows with NULL must be filled first"
MEND_DUPLICATES = "duplicates must be mended first"
MEND_ROWS = "rows that break it must be mended first"
BY_CODE = "depends on the code"

# Tools whose change of a column states its type again, whatever it is that changes.
RESTATING = frozenset({"rails", "knex", "sequelize", "django"})

REBUILD = "rebuild table: copied under another name, then put in its place"
SWAP = "every row copied; what is written meanwhile is lost"
