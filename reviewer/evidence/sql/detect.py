"""Signals about SQL: migrations of every tool, statements in `.sql` files and in code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from reviewer.evidence.examined import DetectorResult, Examined, ExaminedFile
from reviewer.evidence.guards.paths import is_script
from reviewer.evidence.place import place
from reviewer.evidence.reading import Reading
from reviewer.evidence.sql import squawk
from reviewer.evidence.sql.dml import unbounded
from reviewer.evidence.sql.hazards import judge
from reviewer.evidence.sql.judged import Judged, Setting
from reviewer.evidence.sql.literals import SqlLiteral, unbounded_literals
from reviewer.evidence.sql.operation import Operation, OpKind
from reviewer.evidence.sql.read import Migration, SchemaChange
from reviewer.evidence.sql.squawk_words import words_for
from reviewer.evidence.sql.stored import declaring_line
from reviewer.evidence.sql.where import SqlRole, is_migration_path
from reviewer.evidence.sql.widening import Widening, widening
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Signal, Tier

_SCRIPT = re.compile(r" keeps money as .*")  # each database has its own word for the type
MOST_SQUAWKED = 60  # files; each costs a process
_TEST = re.compile(
    r"(?:^|/)(?:tests?|spec|specs|__tests__|testdata|fixtures|e2e|seeds?)/|_test\.|\.(?:test|spec)\.|(?:^|/)test_",
    re.IGNORECASE,
)


def detect(examined: Examined) -> DetectorResult:
    """Every SQL signal of the change."""
    schema = examined.schema_change
    signals = [
        *(
            signal
            for change in schema.migrations
            for signal in _of_operations(change, schema.setting(change.file.path))
        ),
        *(signal for file in examined.files for signal in literals(examined, file)),
    ]
    linted = _of_squawk(schema, signals)
    return DetectorResult(signals=_once([*signals, *linted.signals]), notices=linted.notices)


def _once(signals: list[Signal]) -> tuple[Signal, ...]:
    """Copies of one script for several databases say the same thing: the first is posted, the others stay evidence."""
    said: set[tuple[str, str]] = set()
    found = []
    for signal in signals:
        key = (signal.hazard, _SCRIPT.sub("", signal.title))
        posted = signal.tier is not Tier.EVIDENCE
        found.append(replace(signal, tier=Tier.EVIDENCE) if posted and key in said else signal)
        if posted:
            said.add(key)
    return tuple(found)


def _of_operations(change: Migration, setting: Setting) -> Iterator[Signal]:
    if setting.engine == "other":
        return
    rehearsal = _TEST.search(change.file.path) is not None
    for op in change.new:
        for judged in judge(op, setting):
            if rehearsal:
                yield _signal(change.file, op, judged._replace(tier=Tier.EVIDENCE))
            elif change.role is SqlRole.MIGRATION:
                yield _signal(change.file, op, judged)
            elif judged.hazard in {"money-as-float", "cascade-delete-on-financial-record"}:
                yield _signal(change.file, op, replace_tier(judged, change.role))
            elif judged.hazard == "durability-or-constraint-disabled" and change.role is SqlRole.QUERY:
                yield _signal(change.file, op, judged)
        if change.role is SqlRole.QUERY and op.whole_table and not _TEST.search(change.file.path):
            found = unbounded(op.text, setting.engine)
            if found is not None:
                yield _signal(change.file, op, _every_row(found.verb, found.table))


def replace_tier(judged: Judged, role: SqlRole) -> Judged:
    """In seeds and dumps a fact; in a schema declaration as strong as in a migration."""
    return judged if role is not SqlRole.SEED else judged._replace(tier=Tier.EVIDENCE)


def _every_row(verb: str, table: str) -> Judged:
    changes = "deletes" if verb == "DELETE" else "changes"
    return Judged(
        hazard="update-delete-without-where",
        rule="update-delete-without-where",
        tier=Tier.POST,
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        title=f"{verb} on `{table}` has no WHERE",
        message=f"The statement {changes} every row of `{table}`: nothing narrows it, and one run is enough.",
        fix=f"Add the WHERE that names the rows meant; if every row is meant, say so in the code and use TRUNCATE or batches for `{table}`.",
        refuted_by=(
            "a WHERE is appended later",
            "the table is temporary or a cache that is rebuilt",
            "it only runs in tests",
        ),
        references=("CWE-1284",),
    )


def _of_literals(file: ExaminedFile) -> Iterator[Signal]:
    if (
        file.head is None
        or file.skipped
        or not file.language
        or _TEST.search(file.path)
        or is_migration_path(file.path)
    ):
        return
    head = unbounded_literals(file.head)
    if not head:
        return
    known = Counter(_key(item) for item in (unbounded_literals(file.base) if file.base else ()))
    for item in head:
        if known[_key(item)] > 0:
            known[_key(item)] -= 1
            continue
        op = Operation(OpKind.UPDATE, item.table, line=item.line, end_line=item.end_line, text=item.text)
        told = _every_row(item.verb, item.table)
        yield _signal(file, op, told._replace(tier=Tier.EVIDENCE) if is_script(file.path) else told)


def _literals(_examined: Examined, file: ExaminedFile) -> tuple[Signal, ...]:
    return tuple(_of_literals(file))


literals = Reading("literals", _literals)


def _key(item: SqlLiteral) -> str:
    return " ".join(item.text.split())


def _signal(file: ExaminedFile, op: Operation, judged: Judged) -> Signal:
    line = declaring_line(op, judged.column)
    where = place(file, line or op.line, line or op.end_line)
    message = judged.message
    if op.assured:
        message += " The author has marked it as safe."
    return Signal(
        id="",
        rule=judged.rule,
        hazard=judged.hazard,
        tier=judged.tier,
        category=judged.category,
        severity=judged.severity,
        confidence=judged.confidence,
        path=file.path,
        side=where.side,
        start_line=where.start,
        end_line=where.end,
        quote=where.quote,
        title=judged.title,
        message=message,
        fix=judged.fix,
        refuted_by=judged.refuted_by,
        references=judged.references,
        symbol=op.object,
        lines_in_diff=where.in_diff,
    )


def _of_squawk(schema: SchemaChange, known: list[Signal]) -> DetectorResult:
    """What squawk sees beyond our own reading: complaints on statements that have no signal of that hazard yet."""
    signals: list[Signal] = []
    silent: list[str] = []
    mine = [
        change
        for change in schema.migrations
        if change.role is SqlRole.MIGRATION
        and change.file.path.endswith(".sql")
        and change.file.head is not None
        and change.file.head.complete
        and schema.setting(change.file.path).engine in {"", "postgresql"}
        and any(not op.down for op in change.new)
    ]
    asked = mine[:MOST_SQUAWKED]
    scripts = [
        squawk.Script(
            change.file.head.text, change.file.path, all(op.in_transaction and op.tool != "sql" for op in change.new)
        )
        for change in asked
        if change.file.head is not None
    ]
    for change, answer in zip(asked, squawk.lint_all(scripts), strict=True):
        file = change.file
        if answer.why.startswith("squawk"):
            silent.append(answer.why)
        by_line = _by_line(change)
        made = _made_or_gone(change)
        seen = _seen(known, file.path)
        for hit in answer.hits:
            op = by_line.get(hit.line)
            if op is None or op.down or not _touched(hit, file) or op.table.lower() in schema.new_tables:
                continue
            if _settled(op, hit, made) or {(hit.hazard, op.object), (hit.hazard, str(hit.line))} & seen:
                continue
            seen.add((hit.hazard, op.object))
            signals.append(_signal(file, replace(op, assured=hit.ignored), _of_hit(op, hit)))
    more = (
        [f"{len(mine) - MOST_SQUAWKED} migrations were read without squawk: more than {MOST_SQUAWKED} in one change"]
        if len(mine) > MOST_SQUAWKED
        else []
    )
    return DetectorResult(
        signals=tuple(signals),
        notices=(*dict.fromkeys(f"SQL was read without squawk: {why}." for why in silent), *more),
    )


def _settled(op: Operation, hit: squawk.SquawkHit, made: frozenset[str]) -> bool:
    """What our own reader has already judged harmless, with more knowledge of the change than squawk has."""
    if hit.rule == "changing-column-type":
        return widening("", op.column) is Widening.IF_TEXT
    if hit.rule == "ban-drop-constraint":
        return bool({op.name.lower(), op.table.lower()} & made)
    return op.kind in _JUDGED_BY_USAGE and hit.hazard == "migration-destructive-change"


def _made_or_gone(change: Migration) -> frozenset[str]:
    """Constraints the same file adds again, and tables it drops: losing their old constraints loses nothing."""
    again = {OpKind.ADD_FOREIGN_KEY, OpKind.ADD_CHECK, OpKind.ADD_UNIQUE, OpKind.ADD_PRIMARY_KEY}
    names = {op.name.lower() for op in change.new if op.kind in again}
    return frozenset(names | {op.table.lower() for op in change.new if op.kind is OpKind.DROP_TABLE})


_JUDGED_BY_USAGE = frozenset({OpKind.DROP_COLUMN, OpKind.DROP_TABLE, OpKind.RENAME_COLUMN, OpKind.RENAME_TABLE})


def _by_line(change: Migration) -> dict[int, Operation]:
    """The operation each line belongs to; of several on one line the last."""
    return {line: op for op in change.new for line in range(op.line, max(op.end_line, op.line) + 1)}


def _seen(known: list[Signal], path: str) -> set[tuple[str, str]]:
    """Hazards already told, by the object and by every line they are told of."""
    mine = [signal for signal in known if signal.path == path]
    lines = {(signal.hazard, str(line)) for signal in mine for line in range(signal.start_line, signal.end_line + 1)}
    return lines | {(signal.hazard, signal.symbol) for signal in mine}


def _touched(hit: squawk.SquawkHit, file: ExaminedFile) -> bool:
    return any(line in file.added for line in range(hit.line, hit.end_line + 1))


def _of_hit(op: Operation, hit: squawk.SquawkHit) -> Judged:
    said = words_for(hit.rule, op.object)
    return Judged(
        hazard=hit.hazard,
        rule=f"squawk.{hit.rule}",
        tier=Tier.POST_MEDIUM if squawk.certain(hit) else Tier.EVIDENCE,
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        title=said.title,
        message=said.why,
        fix=said.fix,
        refuted_by=("the table is created in this same change", "the table is known to be small and quiet"),
        references=(f"https://squawkhq.com/docs/{hit.rule}",),
        category=Category.RELIABILITY,
    )
