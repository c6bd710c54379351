from __future__ import annotations

import pytest

from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.operation import Default, OpKind

ONE = [
    ("ALTER TABLE o ADD COLUMN a int NOT NULL", OpKind.ADD_COLUMN, "o.a"),
    ('ALTER TABLE IF EXISTS ONLY "s"."o" ADD "a" text', OpKind.ADD_COLUMN, "o.a"),
    ("ALTER TABLE o DROP a", OpKind.DROP_COLUMN, "o.a"),
    ("ALTER TABLE o DROP COLUMN IF EXISTS a CASCADE", OpKind.DROP_COLUMN, "o.a"),
    ("ALTER TABLE o RENAME COLUMN a TO b", OpKind.RENAME_COLUMN, "o.a"),
    ("ALTER TABLE o RENAME TO p", OpKind.RENAME_TABLE, "o"),
    ("RENAME TABLE o TO p", OpKind.RENAME_TABLE, "o"),
    ("ALTER TABLE o ALTER COLUMN a SET NOT NULL", OpKind.SET_NOT_NULL, "o.a"),
    ("ALTER TABLE o ALTER a DROP NOT NULL", OpKind.DROP_NOT_NULL, "o.a"),
    ("ALTER TABLE o ALTER COLUMN a TYPE bigint USING a::bigint", OpKind.ALTER_TYPE, "o.a"),
    ("ALTER TABLE `o` MODIFY COLUMN `a` varchar(20) NOT NULL", OpKind.ALTER_TYPE, "o.a"),
    ("ALTER TABLE [dbo].[o] ALTER COLUMN [a] nvarchar(20) NOT NULL", OpKind.ALTER_TYPE, "o.a"),
    ("ALTER TABLE o ALTER COLUMN a SET DEFAULT 1", OpKind.SET_DEFAULT, "o.a"),
    ("ALTER TABLE o ADD CONSTRAINT k FOREIGN KEY (u) REFERENCES users (id)", OpKind.ADD_FOREIGN_KEY, "o.k"),
    ("ALTER TABLE o ADD CONSTRAINT k CHECK (a > 0) NOT VALID", OpKind.ADD_CHECK, "o.k"),
    ("ALTER TABLE o ADD UNIQUE (a, b)", OpKind.ADD_UNIQUE, "o.a_b"),
    ("ALTER TABLE o ADD UNIQUE KEY k (a)", OpKind.ADD_INDEX, "o.k"),
    ("ALTER TABLE o ADD PRIMARY KEY (id)", OpKind.ADD_PRIMARY_KEY, "o.id"),
    ("ALTER TABLE o VALIDATE CONSTRAINT k", OpKind.VALIDATE_CONSTRAINT, "o.k"),
    ("ALTER TABLE o DROP CONSTRAINT k", OpKind.DROP_CONSTRAINT, "o.k"),
    ("ALTER TABLE o DISABLE TRIGGER ALL", OpKind.DISABLE_SAFETY, "o.triggers"),
    ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON o USING btree (lower(a), b DESC)", OpKind.ADD_INDEX, "o.i"),
    ("DROP INDEX CONCURRENTLY i", OpKind.DROP_INDEX, "i"),
    ("DROP TABLE IF EXISTS o CASCADE", OpKind.DROP_TABLE, "o"),
    ("TRUNCATE TABLE o", OpKind.TRUNCATE, "o"),
    ("REINDEX TABLE o", OpKind.REINDEX, "o"),
    ("UPDATE o SET a = 1", OpKind.UPDATE, "o"),
    ("DELETE FROM o WHERE a = 1", OpKind.DELETE, "o"),
    ("ALTER TYPE mood ADD VALUE 'sad'", OpKind.ENUM_VALUE, "mood.sad"),
    ("SET session_replication_role = 'replica'", OpKind.DISABLE_SAFETY, "replica"),
    ("SET FOREIGN_KEY_CHECKS=0", OpKind.DISABLE_SAFETY, "foreign"),
    ("PRAGMA synchronous = OFF", OpKind.DISABLE_SAFETY, "pragma"),
    ("SET synchronous_commit TO off", OpKind.DISABLE_SAFETY, "fsync"),
]


@pytest.mark.parametrize(("sql", "kind", "name"), ONE, ids=[sql for sql, _, _ in ONE])
def test_a_statement_is_one_operation(sql, kind, name):
    (op,) = read_all(sql)
    assert (op.kind, op.object) == (kind, name)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "CREATE TEMP TABLE t (a int)",
        "ALTER TABLE o OWNER TO me",
        "SET search_path = x",
        "COMMENT ON TABLE o IS 'UPDATE o SET a = 1'",
        "INSERT INTO o VALUES (1)",
        "SET FOREIGN_KEY_CHECKS=1",
        "CREATE FUNCTION f() RETURNS void AS $$ DELETE FROM o; $$ LANGUAGE sql",
    ],
)
def test_what_changes_no_table_is_no_operation(sql):
    assert read_all(sql) == ()


def test_actions_of_one_alter_stand_on_their_own_lines():
    ops = read_all("ALTER TABLE o\n  ADD a int,\n  ADD b numeric(10, 2) DEFAULT 'x, y',\n  DROP c;")
    assert [(op.line, op.kind, op.name) for op in ops] == [
        (2, OpKind.ADD_COLUMN, "a"),
        (3, OpKind.ADD_COLUMN, "b"),
        (4, OpKind.DROP_COLUMN, "c"),
    ]
    assert ops[1].column.type == "numeric(10, 2)"


def test_a_do_block_holds_statements():
    (op,) = read_all(
        'DO $$ BEGIN\n ALTER TABLE "a" ADD CONSTRAINT "f" FOREIGN KEY ("b") REFERENCES "c"("id") ON DELETE cascade;\nEXCEPTION WHEN duplicate_object THEN null;\nEND $$;'
    )
    assert (op.line, op.kind, op.references, op.on_delete) == (2, OpKind.ADD_FOREIGN_KEY, "c", "CASCADE")


def test_columns_of_a_new_table():
    (op,) = read_all(
        "CREATE TABLE o (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), k uuid DEFAULT gen_random_uuid(), u int REFERENCES users ON DELETE SET NULL, UNIQUE (k), CONSTRAINT c CHECK (id > 0))"
    )
    assert [(column.name, column.not_null, column.default) for column in op.columns] == [
        ("id", True, Default.VOLATILE),
        ("at", True, Default.CONSTANT),
        ("k", False, Default.VOLATILE),
        ("u", False, Default.NONE),
    ]
    assert (op.columns[3].references, op.columns[3].on_delete) == ("users", "SET NULL")


@pytest.mark.parametrize(
    ("sql", "whole"),
    [
        ("UPDATE o SET a = 1", True),
        ("UPDATE o SET a = 'where'", True),
        ("UPDATE o SET a = 1 WHERE b", False),
        ("DELETE FROM o", True),
        ("DELETE FROM o USING p WHERE o.i = p.i", False),
        ("DELETE FROM o LIMIT 10", False),
        ("UPDATE o JOIN p ON o.i = p.i SET o.a = p.a", False),
    ],
)
def test_whether_every_row_is_reached(sql, whole):
    assert read_all(sql)[0].whole_table is whole
