"""Operations of a migration that hurt a live system, with the code's own names and the safe way.

A `Judged` carries all a signal needs but its place; `reviewer.evidence.sql.detect` adds that.
"""

from __future__ import annotations

from reviewer.evidence.sql import remade, rows, stored
from reviewer.evidence.sql.judged import (
    NEW_TABLE,
    SMALL,
    Judged,
    Setting,
    Usage,
    assured,
    if_busy,
    new_table,
    steps_of,
    told,
)
from reviewer.evidence.sql.locks import effect
from reviewer.evidence.sql.operation import Default, Operation, OpKind
from reviewer.evidence.sql.sequences import not_null_steps, sql_type
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Tier

_PG_DOCS = "https://www.postgresql.org/docs/current/explicit-locking.html"


def judge(op: Operation, setting: Setting) -> tuple[Judged, ...]:
    """Every hazard `op` brings in this setting; () for the way back and for the ORM's own bookkeeping."""
    if op.down or op.state_only:
        return ()
    found = [
        judge_one(op, setting)
        for judge_one in (
            _required,
            _blocking,
            _destructive,
            rows.narrowed,
            rows.backfill,
            stored.safeguard,
            stored.money,
            stored.cascade,
        )
    ]
    return tuple(judged for judged in found if judged is not None)


def _required(op: Operation, setting: Setting) -> Judged | None:
    column = op.column
    if op.kind is not OpKind.ADD_COLUMN or column is None or new_table(op, setting):
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
        tier=assured(op, Tier.POST),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        title=f"`{op.table}.{column.name}` is added NOT NULL without a default",
        message=f"`{op.table}.{column.name}` is added NOT NULL with no database default: {happens}.",
        fix=f"Give it a default the database keeps, or go step by step: {steps_of(steps)}.",
        refuted_by=(
            NEW_TABLE,
            "the table is empty in every environment",
            "an earlier statement gives the column a default",
        ),
        references=("https://squawkhq.com/docs/adding-required-field",),
    )


def _blocking(op: Operation, setting: Setting) -> Judged | None:
    if setting.engine not in {"", "postgresql", "mysql"}:
        return None
    if op.concurrently and op.in_transaction and op.kind in {OpKind.ADD_INDEX, OpKind.DROP_INDEX} and op.tool != "sql":
        return _concurrent_in_transaction(op, setting)
    if new_table(op, setting):
        return None
    result = effect(op, setting.engine)
    if not result.blocking:
        return None
    spared = op.kind is OpKind.SET_NOT_NULL and setting.checked(op)
    unsure = setting.engine == ""
    on = "On PostgreSQL this" if unsure else "This"
    return Judged(
        hazard="migration-blocking-ddl",
        rule="migration-blocking-ddl",
        tier=Tier.EVIDENCE if spared else if_busy(op, setting, Tier.POST_MEDIUM if unsure else Tier.POST),
        severity=Severity.HIGH if "reads" in result.blocking else Severity.MEDIUM,
        confidence=Confidence.MEDIUM if unsure else Confidence.HIGH,
        title=f"`{op.object}`: {op.kind.value} blocks {result.blocking} while it runs",
        message=f"{on} takes {result.lock} on `{op.table}` for a {result.work.removesuffix(' under the lock')}: {result.blocking} wait until it is done, which on a large table is an outage.{told(op, setting)}",
        fix=f"{steps_of(result.safe)}." if result.safe else "Use the online form of this change.",
        refuted_by=(NEW_TABLE, SMALL, "the release is made in a maintenance window"),
        references=(_PG_DOCS,)
        if setting.engine != "mysql"
        else ("https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html",),
        category=Category.RELIABILITY,
    )


def _concurrent_in_transaction(op: Operation, setting: Setting) -> Judged:
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
        tier=Tier.EVIDENCE if setting.built_so_before(op) else Tier.POST,
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
    if op.kind not in kinds or new_table(op, setting) or (op.kind, op.name.lower()) == (OpKind.DROP_COLUMN, ""):
        return None
    made = setting.new_columns.get((op.table.lower(), op.name.lower()))
    if made is not None and (op.kind is OpKind.RENAME_COLUMN or made < (op.path, op.line)):
        return None  # a column of this same change: no release knows it yet
    if op.kind is OpKind.DROP_TABLE and op.table.lower() in setting.replaced:
        return None  # rebuilt: its copy takes its name
    after = setting.heir(op) if op.kind is OpKind.DROP_COLUMN else ()
    if after:
        return remade.judge(op, after, setting)
    usage = setting.usage(op)
    what = {
        OpKind.DROP_COLUMN: "dropped",
        OpKind.DROP_TABLE: "dropped",
        OpKind.TRUNCATE: "emptied",
    }.get(op.kind, f"renamed to `{op.new_name}`")
    tier = {True: Tier.POST, None: Tier.POST_MEDIUM, False: Tier.EVIDENCE}[usage.referenced]
    steps = effect(op, setting.engine).safe
    return Judged(
        hazard="migration-destructive-change",
        rule="migration-destructive-change",
        # one process with its own database file is stopped for the upgrade: nothing runs between old and new
        tier=Tier.EVIDENCE if setting.engine == "sqlite" and not usage.kept else assured(op, tier),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH if usage.referenced else Confidence.MEDIUM,
        title=f"`{op.object}` is {what} in one step",
        message=f"`{op.object}` is {what}. {_consequence(usage)}",
        fix=f"{steps_of(steps)}." if steps else "Split it over two releases.",
        refuted_by=(
            "the column was already unused in the release before",
            "the table is created in this same change",
            "readers and writers are stopped for the release",
        ),
        references=("https://squawkhq.com/docs/ban-drop-column", "https://martinfowler.com/bliki/ParallelChange.html"),
    )


def _consequence(usage: Usage) -> str:
    between = (
        "its queries fail between the migration and the end of the rollout, and a rollback of the code cannot work."
    )
    if usage.kept:
        return f"The code of this change still declares it ({', '.join(usage.kept)}): its queries fail from then on."
    if usage.referenced:
        return f"The running release still names it ({', '.join(usage.places)}): {between}"
    if usage.referenced is None:
        return f"If the running release still names it, {between}"
    return "Nothing outside migrations uses it in the base tree; the data in it is lost for good once it runs."
