"""Operations that weaken what stored data promises: exact money, kept records, checked constraints."""

from __future__ import annotations

import re

from reviewer.evidence.sql.judged import Judged, Setting
from reviewer.evidence.sql.operation import Operation, OpKind
from reviewer.nouns.finding import Confidence, Severity
from reviewer.nouns.signal import Tier

_MONEY = re.compile(
    r"(?:^|_)(?:price|amount|balance|total|subtotal|cost|fee|fees|salary|payment|payout|revenue|money|credit|debit|tax|discount|refund|charge|deposit|wage|invoice_total|grand_total)(?:_(?:usd|eur|brl|gbp|value|due|paid|net|gross))?s?$",
    re.IGNORECASE,
)
_NOT_MONEY = re.compile(
    r"rate|ratio|percent|pct|score|weight|factor|count|qty|quantity|minutes|hours|seconds|bytes|index", re.IGNORECASE
)
_FLOAT = re.compile(r"^(?:float\d*|real|double(?:\s+precision)?|binary_float|binary_double)\b", re.IGNORECASE)
_FINANCIAL = re.compile(
    r"payment|invoice|ledger|transaction|charge|refund|payout|audit|journal|billing|subscription|order|receipt|credit",
    re.IGNORECASE,
)


def safeguard(op: Operation, setting: Setting) -> Judged | None:
    """A switch that takes a promise of the database away."""
    del setting
    if op.kind is not OpKind.DISABLE_SAFETY:
        return None
    told = {
        "foreign": "foreign keys are not checked",
        "replica": "no trigger fires and no foreign key is checked",
        "pragma": "SQLite gives up a durability or integrity check",
        "fsync": "a commit is acknowledged before it is on disk",
        "dirty": "reads see rows that are never committed",
        "triggers": "no trigger fires, foreign keys included",
    }.get(op.name, "an integrity check is off")
    return Judged(
        hazard="durability-or-constraint-disabled",
        rule="durability-or-constraint-disabled",
        tier=Tier.EVIDENCE if op.reversible else Tier.POST_MEDIUM,
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        title=f"A database safeguard is switched off: {told}",
        message=f"From this statement on {told}: rows that break the model's promises get in, and nothing checks them later.",
        fix="Leave the safeguard on; for a bulk load, order the statements so that they satisfy it, or switch it back on and validate in the same script.",
        refuted_by=("the script switches it on again and validates", "the database is thrown away after the run"),
        references=("CWE-1188",),
    )


def money(op: Operation, setting: Setting) -> Judged | None:
    """A column that keeps money as a binary fraction."""
    del setting
    columns = (
        (*op.columns, op.column) if op.column and op.kind in {OpKind.ADD_COLUMN, OpKind.ALTER_TYPE} else op.columns
    )
    for column in columns:
        if column is None or not _FLOAT.match(column.type):
            continue
        if _MONEY.search(column.name) and not _NOT_MONEY.search(column.name):
            return Judged(
                hazard="money-as-float",
                rule="money-as-float.sql",
                tier=Tier.POST,
                severity=Severity.HIGH,
                confidence=Confidence.HIGH,
                title=f"`{op.table}.{column.name}` keeps money as {column.type}",
                message=f"`{op.table}.{column.name}` is {column.type}: binary fractions cannot hold cents, sums drift and comparisons fail.",
                fix=f"Use NUMERIC(19, 4) or an integer of minor units for `{column.name}`.",
                refuted_by=("it is a rate, a ratio or an analytics copy",),
                references=("CWE-681",),
                column=column.name,
            )
    return None


def cascade(op: Operation, setting: Setting) -> Judged | None:
    """A financial record that goes with its parent."""
    del setting
    pairs = [(op.references, op.on_delete), *((column.references, column.on_delete) for column in op.columns)]
    for parent, action in pairs:
        if action == "CASCADE" and _FINANCIAL.search(op.table):
            return Judged(
                hazard="cascade-delete-on-financial-record",
                rule="cascade-delete-on-financial-record",
                tier=Tier.EVIDENCE,
                severity=Severity.HIGH,
                confidence=Confidence.MEDIUM,
                title=f"Deleting a row of `{parent}` deletes its rows of `{op.table}`",
                message=f"ON DELETE CASCADE from `{parent}` to `{op.table}`: one DELETE takes the financial record with it.",
                fix=f"ON DELETE RESTRICT, and an explicit, audited way to erase rows of `{op.table}`.",
                refuted_by=(
                    "the cascade is the erasure path a law asks for",
                    "rows are only ever deleted softly",
                    "the child is a pure join row",
                ),
                references=("CWE-1057",),
            )
    return None


def declaring_line(op: Operation, column: str) -> int:
    """The line of a statement over several that declares `column`; 0 where that is the statement itself."""
    lines = op.text.split("\n")
    if not column or len(lines) < 2:
        return 0
    first = re.compile(rf"""^\W*(?:(?:t|sa|op|table|models)?\.?\w+[\s(]+)?[:"'`\[]?{re.escape(column)}\b""")
    offset = next((offset for offset, line in enumerate(lines) if offset and first.match(line)), 0)
    return op.line + offset if offset else 0
