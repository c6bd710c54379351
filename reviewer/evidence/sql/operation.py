"""A schema operation: what one statement or migration call does to the database, whatever tool wrote it.

Every reader (SQL, Django, Alembic, Rails, TypeORM, knex, Sequelize) yields these, so that locks, hazards and
the schema table are written once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reviewer.evidence.examined import Text


class OpKind(StrEnum):
    """What is done. `OTHER` is a statement we show but do not judge."""

    CREATE_TABLE = "create table"
    DROP_TABLE = "drop table"
    RENAME_TABLE = "rename table"
    ADD_COLUMN = "add column"
    DROP_COLUMN = "drop column"
    RENAME_COLUMN = "rename column"
    ALTER_TYPE = "change column type"
    SET_NOT_NULL = "set not null"
    DROP_NOT_NULL = "drop not null"
    SET_DEFAULT = "set default"
    DROP_DEFAULT = "drop default"
    ADD_INDEX = "add index"
    DROP_INDEX = "drop index"
    REINDEX = "rebuild"
    ADD_FOREIGN_KEY = "add foreign key"
    ADD_CHECK = "add check"
    ADD_UNIQUE = "add unique"
    ADD_PRIMARY_KEY = "add primary key"
    DROP_CONSTRAINT = "drop constraint"
    VALIDATE_CONSTRAINT = "validate constraint"
    TRUNCATE = "truncate"
    UPDATE = "update rows"
    DELETE = "delete rows"
    INSERT = "insert rows"
    RUN_CODE = "run code"
    DISABLE_SAFETY = "switch off a safeguard"
    ENUM_VALUE = "change enum"
    OTHER = "other"


class Default(StrEnum):
    """The default a new column gets from the database."""

    NONE = "none"
    CONSTANT = "constant"
    VOLATILE = "volatile"  # computed per row: rewrites the table on PostgreSQL
    APPLICATION = "application"  # the ORM fills existing rows, the database keeps no default


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a migration declares it. `type` is as written."""

    name: str
    type: str = ""
    not_null: bool = False
    default: Default = Default.NONE
    primary_key: bool = False
    references: str = ""  # the table a foreign key points to
    on_delete: str = ""  # CASCADE, SET NULL, …
    unique: bool = False
    validated: bool = True  # False: the foreign key is added NOT VALID
    indexed: bool = False  # its tool makes an index for it in the same statement or transaction
    stored: str = ""  # the database's type, where `type` is an ORM's word for it


@dataclass(frozen=True, slots=True)
class Operation:
    """One change of the database. Lines are 1-based in the file that states it.

    `text` is the statement, for quoting and for telling new from old. `down` marks the way back, which
    is never judged. `state_only` touches the ORM's picture only. `in_transaction` is what the file says about it.
    """

    kind: OpKind
    table: str = ""
    name: str = ""  # column, index, constraint, enum value …
    new_name: str = ""
    was: str = ""  # the type before, where the migration states it
    column: Column | None = None
    columns: tuple[Column, ...] = ()  # of a new table
    keys: tuple[str, ...] = ()  # columns of an index or key
    unique: bool = False
    concurrently: bool = False
    validated: bool = True
    whole_table: bool = False  # UPDATE or DELETE that reaches every row
    batched: bool = False
    references: str = ""
    on_delete: str = ""
    existing_index: bool = False  # ADD CONSTRAINT … USING INDEX
    online: bool = False  # MySQL ALGORITHM=INPLACE/INSTANT or LOCK=NONE, pt-osc, gh-ost
    reversible: bool | None = None  # None: unknown
    down: bool = False
    state_only: bool = False
    in_transaction: bool = True
    assured: bool = False  # the author says it is safe (safety_assured, squawk-ignore)
    path: str = ""
    line: int = 0
    end_line: int = 0
    text: str = ""
    tool: str = "sql"
    engine: str = ""  # the only engine it is meant for, where the migration itself says so
    source: str = "parsed"  # parsed | inferred

    def but(self, **changes: Any) -> Operation:
        """The operation with some fields changed: `dataclasses.replace` in a third of the time, for thousands of them."""
        return Operation(**(dict(zip(_FIELDS, _values(self), strict=True)) | changes))

    @property
    def object(self) -> str:
        """`table.column` or what stands for it."""
        return ".".join(part for part in (self.table, self.name) if part) or "?"

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes two operations the same one in base and head, wherever they stand."""
        if self.kind in _TOLD_BY_TEXT:
            said: tuple[str, ...] = (" ".join(self.text.split()),)
        else:
            said = (repr(self.column), *map(repr, self.columns), *self.keys, self.references, self.on_delete)
            said += (f"{self.unique}{self.concurrently}{self.validated}{self.assured}{self.in_transaction}",)
        return (self.kind, self.table, self.name, self.new_name, str(self.down), *said)


_FIELDS = tuple(field.name for field in fields(Operation))
_values = attrgetter(*_FIELDS)

# Kinds whose fields do not say all: there the statement itself tells two of them apart.
_TOLD_BY_TEXT = frozenset(
    {
        OpKind.UPDATE,
        OpKind.DELETE,
        OpKind.INSERT,
        OpKind.RUN_CODE,
        OpKind.OTHER,
        OpKind.DISABLE_SAFETY,
        OpKind.ENUM_VALUE,
    }
)

Reader = Callable[[str, "Text | None"], tuple[Operation, ...]]  # (path, one version of the file) -> what it states
