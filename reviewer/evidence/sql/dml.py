"""UPDATE and DELETE that reach every row, judged on a parsed statement (sqlglot), not on the look of the text."""

from __future__ import annotations

import logging
import re
from typing import NamedTuple

_VERB = re.compile(r"\s*(?:WITH\b|UPDATE\b|DELETE\b)", re.IGNORECASE)
_TEMPORARY = re.compile(r"^(?:#|tmp_|temp_|.*_(?:tmp|temp|staging)$)", re.IGNORECASE)


class Unbounded(NamedTuple):
    """The verb and the table of a statement without a bound."""

    verb: str
    table: str


def unbounded(sql: str, engine: str = "") -> Unbounded | None:
    """What `sql` does to every row of which table; None where it is bounded, something else, or unreadable."""
    if not _VERB.match(sql) or len(sql) > 20_000:
        return None
    if re.search(r"\b(?:WHERE|LIMIT|JOIN|USING|TOP)\b", sql, re.IGNORECASE):
        return None  # cheap and certain enough; only the rest is worth a parser
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    dialect = {"postgresql": "postgres", "mysql": "mysql", "sqlite": "sqlite", "mssql": "tsql"}.get(engine, "postgres")
    prepared = re.sub(r"%\(\w+\)s|%s|:\w+|\?|\$\d+|@\w+", "1", sql)
    try:
        tree = sqlglot.parse_one(prepared, dialect=dialect)
    except (SqlglotError, RecursionError, ValueError):
        return None
    if not isinstance(tree, exp.Update | exp.Delete):
        return None
    bounded = any(tree.args.get(key) for key in ("where", "limit", "using", "from_", "from", "order", "joins"))
    table = tree.find(exp.Table)
    if bounded or table is None or _TEMPORARY.match(table.name):
        return None
    return Unbounded("DELETE" if isinstance(tree, exp.Delete) else "UPDATE", table.name)
