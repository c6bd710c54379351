"""Operations of a migration that hurt a live system, with the code's own names and the safe way.

A `Judged` carries all a signal needs but its place; `reviewer.evidence.sql.detect` adds that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from reviewer.evidence.sql.locks import effect, not_null_steps, sql_type
from reviewer.evidence.sql.operation import Default, Operation, OpKind
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Tier


class Usage(NamedTuple):
    """Whether code outside migrations still names what goes away: None where the tree cannot tell."""

    referenced: bool | None
    places: tuple[str, ...] = ()  # "path:line"


class Setting(NamedTuple):
    """What a judgement needs besides the operation itself."""

    engine: str
    new_tables: frozenset[str]
    usage: Callable[[Operation], Usage]


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
_PG_DOCS = "https://www.postgresql.org/docs/current/explicit-locking.html"
_NEW_TABLE = "the table is created in this same change"
_SMALL = "the table is known to be small and quiet"


def judge(op: Operation, setting: Setting) -> tuple[Judged, ...]:
    """Every hazard `op` brings in this setting; () for the way back and for the ORM's own bookkeeping."""
    if op.down or op.state_only:
        return ()
    found = [
        judge_one(op, setting)
        for judge_one in (_required, _blocking, _destructive, _backfill, _safeguard, _money, _cascade)
    ]
    return tuple(judged for judged in found if judged is not None)


def _new(op: Operation, setting: Setting) -> bool:
    return op.table.lower() in setting.new_tables


def _assured(op: Operation, tier: Tier) -> Tier:
    """What the author vouches for is shown to the model, not posted."""
    return Tier.EVIDENCE if op.assured else tier


def _steps(steps: tuple[str, ...]) -> str:
    return " → ".join(step.rstrip(";") if "--" not in step else step for step in steps)


def _required(op: Operation, setting: Setting) -> Judged | None:
    column = op.column
    if op.kind is not OpKind.ADD_COLUMN or column is None or _new(op, setting):
        return None
    if not column.not_null or column.default is not Default.NONE or column.primary_key:
        return None
    happens = {
        "mysql": "existing rows silently get the type's zero value, and INSERTs of the running release, which does not know the column, fail in strict mode",
        "sqlite": "SQLite refuses the statement",
    }.get(
        setting.engine,
        "the statement fails as soon as the table holds a row, and INSERTs of the running release, which does not know the column, fail",
    )
    steps = effect(op, setting.engine).safe or not_null_steps(op.table, column.name, sql_type(op), add=True)
    return Judged(
        hazard="migration-add-required-column",
        rule="migration-add-required-column",
        tier=_assured(op, Tier.POST),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        title=f"`{op.table}.{column.name}` is added NOT NULL without a default",
        message=f"`{op.table}.{column.name}` is added NOT NULL with no database default: {happens}.",
        fix=f"Give it a default the database keeps, or go step by step: {_steps(steps)}.",
        refuted_by=(
            _NEW_TABLE,
            "the table is empty in every environment",
            "an earlier statement gives the column a default",
        ),
        references=("https://squawkhq.com/docs/adding-required-field",),
    )


def _blocking(op: Operation, setting: Setting) -> Judged | None:
    if setting.engine not in {"", "postgresql", "mysql"}:
        return None
    if op.concurrently and op.in_transaction and op.kind in {OpKind.ADD_INDEX, OpKind.DROP_INDEX} and op.tool != "sql":
        return _concurrent_in_transaction(op)
    if _new(op, setting):
        return None
    result = effect(op, setting.engine)
    if not result.blocking:
        return None
    unsure = setting.engine == ""
    on = "On PostgreSQL this" if unsure else "This"
    return Judged(
        hazard="migration-blocking-ddl",
        rule="migration-blocking-ddl",
        tier=_assured(op, Tier.POST_MEDIUM if unsure else Tier.POST),
        severity=Severity.HIGH if "reads" in result.blocking else Severity.MEDIUM,
        confidence=Confidence.MEDIUM if unsure else Confidence.HIGH,
        title=f"`{op.object}`: {op.kind.value} blocks {result.blocking} while it runs",
        message=f"{on} takes {result.lock} on `{op.table}` for a {result.work.removesuffix(' under the lock')}: {result.blocking} wait until it is done, which on a large table is an outage.",
        fix=f"{_steps(result.safe)}." if result.safe else "Use the online form of this change.",
        refuted_by=(_NEW_TABLE, _SMALL, "the release is made in a maintenance window"),
        references=(_PG_DOCS,)
        if setting.engine != "mysql"
        else ("https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html",),
        category=Category.RELIABILITY,
    )


def _concurrent_in_transaction(op: Operation) -> Judged:
    how = {
        "django": "set `atomic = False` on the Migration class",
        "alembic": "wrap it in `with op.get_context().autocommit_block():`",
        "rails": "add `disable_ddl_transaction!` to the migration",
        "typeorm": "set `transaction = false` on the migration class",
        "knex": "export `config = { transaction: false }`",
    }.get(op.tool, "switch the migration's transaction off")
    return Judged(
        hazard="migration-blocking-ddl",
        rule="migration-blocking-ddl",
        tier=Tier.POST,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        title=f"Index `{op.name or op.table}` is built CONCURRENTLY inside a transaction",
        message="PostgreSQL refuses CREATE/DROP INDEX CONCURRENTLY inside a transaction block: the migration fails on release.",
        fix=f"{how[0].upper()}{how[1:]}, with this as its only operation.",
        refuted_by=("the tool is configured to run migrations without a transaction",),
        references=(_PG_DOCS,),
        category=Category.RELIABILITY,
    )


def _destructive(op: Operation, setting: Setting) -> Judged | None:
    kinds = {OpKind.DROP_COLUMN, OpKind.DROP_TABLE, OpKind.RENAME_COLUMN, OpKind.RENAME_TABLE, OpKind.TRUNCATE}
    if op.kind not in kinds or _new(op, setting):
        return None
    usage = setting.usage(op)
    what = {
        OpKind.DROP_COLUMN: "dropped",
        OpKind.DROP_TABLE: "dropped",
        OpKind.TRUNCATE: "emptied",
    }.get(op.kind, f"renamed to `{op.new_name}`")
    if usage.referenced:
        tier, confidence = Tier.POST, Confidence.HIGH
        seen = f"The running release still names it ({', '.join(usage.places[:3])})"
    elif usage.referenced is None:
        tier, confidence = Tier.POST_MEDIUM, Confidence.MEDIUM
        seen = "If the running release still names it"
    else:
        tier, confidence = Tier.EVIDENCE, Confidence.MEDIUM
        seen = "Nothing outside migrations names it in the base tree"
    breaks = {
        True: f"{seen}: between the migration and the end of the rollout its queries fail, and a rollback of the code cannot work.",
        None: f"{seen}, its queries fail between the migration and the end of the rollout, and a rollback of the code cannot work.",
        False: f"{seen}; the data in it is lost for good once it runs.",
    }[usage.referenced]
    return Judged(
        hazard="migration-destructive-change",
        rule="migration-destructive-change",
        tier=_assured(op, tier),
        severity=Severity.HIGH,
        confidence=confidence,
        title=f"`{op.object}` is {what} in one step",
        message=f"`{op.object}` is {what}. {breaks}",
        fix=f"{_steps(effect(op, setting.engine).safe)}."
        if effect(op, setting.engine).safe
        else "Split it over two releases.",
        refuted_by=(
            "the column was already unused in the release before",
            "the table is created in this same change",
            "readers and writers are stopped for the release",
        ),
        references=("https://squawkhq.com/docs/ban-drop-column", "https://martinfowler.com/bliki/ParallelChange.html"),
    )


def _backfill(op: Operation, setting: Setting) -> Judged | None:
    if (
        op.kind not in {OpKind.UPDATE, OpKind.DELETE, OpKind.RUN_CODE}
        or not op.whole_table
        or op.batched
        or _new(op, setting)
    ):
        return None
    table = op.table or "the table"
    verb = "deletes" if op.kind is OpKind.DELETE else "updates"
    return Judged(
        hazard="migration-unbatched-backfill",
        rule="migration-unbatched-backfill",
        tier=_assured(op, Tier.POST),
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        title=f"The migration {verb} every row of `{table}` in one transaction",
        message=f"One transaction {verb} all rows of `{table}`: every row stays locked until commit, replicas fall behind, and a failure late in the run starts it over.",
        fix=f"{_steps(effect(op, setting.engine).safe)}, outside the schema migration."
        if effect(op, setting.engine).safe
        else "Fill in batches by key, committing after each, outside the schema migration.",
        refuted_by=(_SMALL, "the code works in batches that commit on their own"),
        references=("https://github.com/ankane/strong_migrations#backfilling-data",),
    )


def _safeguard(op: Operation, setting: Setting) -> Judged | None:
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
        tier=Tier.POST_MEDIUM,
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        title=f"A database safeguard is switched off: {told}",
        message=f"From this statement on {told}: rows that break the model's promises get in, and nothing checks them later.",
        fix="Leave the safeguard on; for a bulk load, order the statements so that they satisfy it, or switch it back on and validate in the same script.",
        refuted_by=("the script switches it on again and validates", "the database is thrown away after the run"),
        references=("CWE-1188",),
    )


def _money(op: Operation, setting: Setting) -> Judged | None:
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
            )
    return None


def _cascade(op: Operation, setting: Setting) -> Judged | None:
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
