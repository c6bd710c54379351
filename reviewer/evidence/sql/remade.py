"""A column that goes and comes back in one change: added again, or another column takes its name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reviewer.evidence.sql.judged import Judged, Setting, assured
from reviewer.evidence.sql.operation import Operation, OpKind
from reviewer.nouns.finding import Confidence, Severity
from reviewer.nouns.signal import Tier

_COMPUTED = re.compile(r"\bGENERATED\s+ALWAYS\s+AS\b|\bSTORED\b", re.IGNORECASE)


def heir(op: Operation, forward: Iterable[Operation]) -> tuple[Operation, ...]:
    """What comes after a dropped column: its ADD COLUMN, or the RENAME to its name and the ADD of what is renamed; () if nothing."""
    mine = [other for other in forward if other.table.lower() == op.table.lower()]
    name = op.name.lower()
    for other in mine:
        if (other.path, other.line) < (op.path, op.line):
            continue
        if other.kind is OpKind.ADD_COLUMN and other.name.lower() == name:
            return (other,)
        if other.kind is OpKind.RENAME_COLUMN and other.new_name.lower() == name:
            return (other, *(add for add in mine if add.kind is OpKind.ADD_COLUMN and add.name == other.name))
    return ()


def judge(op: Operation, after: tuple[Operation, ...], setting: Setting) -> Judged:
    """`op` drops a column that the operations of `after` bring back."""
    back = after[0]
    referenced = setting.usage(op).referenced
    tier = {True: Tier.POST, None: Tier.POST_MEDIUM, False: Tier.EVIDENCE}[referenced]
    if back.kind is OpKind.RENAME_COLUMN:
        types = _types(op, after, setting)
        message = (
            f"`{op.object}` is replaced by what was `{back.name}`{types}: between the migration and the end of the rollout "
            "the running release reads and writes it as it was."
        )
        tier = tier if types else Tier.EVIDENCE
    else:
        message = f"`{op.object}` is dropped and added again: what its rows hold in it is lost once this runs."
        if _COMPUTED.search(back.text) is not None or setting.copied(op):
            tier = Tier.EVIDENCE
    return Judged(
        hazard="migration-destructive-change",
        rule="migration-destructive-change",
        tier=Tier.EVIDENCE if setting.engine == "sqlite" else assured(op, tier),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH if referenced else Confidence.MEDIUM,
        title=f"`{op.object}` is made anew in one step",
        message=message,
        fix="Change it in place (ALTER … TYPE … USING), or add a column under another name, fill it, and drop the old one in a later release.",
        refuted_by=(
            "its values can be computed again",
            "they were copied elsewhere before",
            "readers and writers are stopped for the release",
        ),
        references=("https://martinfowler.com/bliki/ParallelChange.html",),
    )


def _types(op: Operation, after: tuple[Operation, ...], setting: Setting) -> str:
    """The type before and after as words, "" where they are equal or one is not known."""
    was = setting.type_before(op)
    now = next((add.column.type for add in after[1:] if add.column is not None), "")
    if not was or not now or was.lower() == now.lower():
        return ""
    return f" ({was} before, {now} then)"
