"""Operations that reach the rows themselves: types they no longer fit, and updates of all of them."""

from __future__ import annotations

import re

from reviewer.evidence.sql.columns import name_of, split_commas
from reviewer.evidence.sql.judged import NEW_TABLE, SMALL, Judged, Setting, assured, if_busy, new_table, steps_of, told
from reviewer.evidence.sql.locks import effect
from reviewer.evidence.sql.narrowing import lost
from reviewer.evidence.sql.operation import Operation, OpKind
from reviewer.nouns.finding import Confidence, Severity
from reviewer.nouns.signal import Tier


def narrowed(op: Operation, setting: Setting) -> Judged | None:
    """A column whose values do not all fit its new type."""
    if op.kind is not OpKind.ALTER_TYPE or op.column is None or new_table(op, setting) or setting.engine == "sqlite":
        return None
    was = setting.type_before(op)
    gone = lost(was, op.column.type) if was else ""
    if not gone:
        return None
    steps = effect(op, setting.engine).safe
    return Judged(
        hazard="migration-destructive-change",
        rule="migration-narrowed-type",
        tier=assured(op, Tier.POST),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        title=f"`{op.object}` becomes narrower: {was} → {op.column.type}",
        message=f"`{op.object}` goes from {was} to {op.column.type}: {gone} are cut off or make the statement fail, and the running release still writes them.",
        fix=f"Look for what does not fit first and say what becomes of it; then: {steps_of(steps)}."
        if steps
        else "Look for what does not fit first, say what becomes of it, and check new values in the application before.",
        refuted_by=("a check or an earlier statement makes sure that every value fits", NEW_TABLE),
        references=("CWE-197", "https://squawkhq.com/docs/changing-column-type"),
    )


def backfill(op: Operation, setting: Setting) -> Judged | None:
    """An update of every row in one transaction."""
    if (
        op.kind not in {OpKind.UPDATE, OpKind.DELETE, OpKind.RUN_CODE}
        or not op.whole_table
        or op.batched
        or new_table(op, setting)
    ):
        return None
    table = op.table or "the table"
    verb = "deletes" if op.kind is OpKind.DELETE else "updates"
    lost = _overwritten(op, setting)
    steps = effect(op, setting.engine).safe
    return Judged(
        hazard="migration-unbatched-backfill",
        rule="migration-unbatched-backfill",
        tier=assured(op, Tier.POST) if lost else if_busy(op, setting, Tier.POST),
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        title=f"The migration {verb} every row of `{table}` in one transaction",
        message=f"One transaction {verb} all rows of `{table}`: {lost}every row stays locked until commit, replicas fall behind, and a failure late in the run starts it over.{told(op, setting)}",
        fix=f"{steps_of(steps)}, outside the schema migration."
        if steps
        else "Fill in batches by key, committing after each, outside the schema migration.",
        refuted_by=(SMALL, "the code works in batches that commit on their own"),
        references=("https://github.com/ankane/strong_migrations#backfilling-data",),
    )


_CONSTANT = re.compile(
    r"""\s*(?P<column>[\w"`\[\].]+)\s*=\s*(?:'[^']*'|-?\d[\d.]*|TRUE|FALSE|NULL)\s*$""", re.IGNORECASE
)


def _overwritten(op: Operation, setting: Setting) -> str:
    """What is lost for good: values that stood in a column before, put over by one and the same constant."""
    if op.kind is not OpKind.UPDATE:
        return ""
    match = re.search(r"\bSET\b(.*)", op.text.rstrip("; \n"), re.IGNORECASE | re.DOTALL)
    parts = [_CONSTANT.match(part.text) for part in split_commas(match[1])] if match else []
    columns = [name_of(part["column"]) for part in parts if part]
    old = [column for column in columns if (op.table.lower(), column.lower()) not in setting.new_columns]
    if not parts or len(columns) < len(parts) or not old:
        return ""
    return f"what `{old[0]}` held before is gone in every one of them; "
