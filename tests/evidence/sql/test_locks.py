"""What each operation costs on each engine, row by row as the manuals say it."""

import pytest

from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.effect import Known
from reviewer.evidence.sql.locks import effect
from reviewer.evidence.sql.operation import Column, Operation, OpKind
from reviewer.evidence.sql.widening import Widening, widening

SHORT = "ACCESS EXCLUSIVE, short"
MYSQL_SHORT = "metadata lock, short"


def judged(sql, engine, **known):
    (op,) = read_all(sql)
    return effect(op, engine, Known(**known))


@pytest.mark.parametrize(
    ("sql", "lock", "work", "backfill"),
    [
        ("ALTER TABLE o ADD a int", SHORT, "none (catalog only)", "no"),
        ("ALTER TABLE o ADD a int NOT NULL DEFAULT 0", SHORT, "none (catalog only)", "no"),
        ("ALTER TABLE o ADD a int NOT NULL", SHORT, "fails if the table holds rows", "yes"),
        ("ALTER TABLE o ADD a uuid DEFAULT gen_random_uuid()", "ACCESS EXCLUSIVE", "table rewrite under the lock", "done by the rewrite"),
        ("ALTER TABLE o ADD a bigserial", "ACCESS EXCLUSIVE", "table rewrite under the lock", "done by the rewrite"),
        ("ALTER TABLE o ADD a int UNIQUE", "ACCESS EXCLUSIVE", "unique index on the column built under the lock", "no"),
        (
            "ALTER TABLE o ADD u int REFERENCES users (id)",
            "ACCESS EXCLUSIVE, short; SHARE ROW EXCLUSIVE on users, short",
            "none (new column is empty)",
            "no",
        ),
        ("ALTER TABLE o ALTER a SET NOT NULL", "ACCESS EXCLUSIVE", "full scan under the lock", "rows with NULL must be filled first"),
        ("ALTER TABLE o ALTER a DROP NOT NULL", SHORT, "none (catalog only)", "no"),
        ("CREATE UNIQUE INDEX i ON o (a)", "SHARE", "full scan under the lock", "duplicates must be mended first"),
        ("CREATE INDEX CONCURRENTLY i ON o (a)", "SHARE UPDATE EXCLUSIVE", "two scans, writes go on", "no"),
        (
            "ALTER TABLE o ADD CONSTRAINT f FOREIGN KEY (u) REFERENCES users (id)",
            "SHARE ROW EXCLUSIVE, on users too",
            "full scan under the lock",
            "rows that break it must be mended first",
        ),
        ("ALTER TABLE o ADD CONSTRAINT c CHECK (a > 0)", "ACCESS EXCLUSIVE", "full scan under the lock", "rows that break it must be mended first"),
        ("ALTER TABLE o ADD CONSTRAINT c CHECK (a > 0) NOT VALID", SHORT, "none", "no"),
        ("ALTER TABLE o VALIDATE CONSTRAINT c", "SHARE UPDATE EXCLUSIVE", "full scan, writes go on", "rows that break it must be mended first"),
        (
            'ALTER TABLE o ALTER a TYPE varchar COLLATE "C"',
            "ACCESS EXCLUSIVE",
            "its indexes are rebuilt under the lock, the rows only if the type changes",
            "no",
        ),
        ("CREATE TABLE t (id int, u int REFERENCES users (id))", "SHARE ROW EXCLUSIVE on users, short", "none", "no"),
        ("CREATE TABLE t (id int, u int, CONSTRAINT f FOREIGN KEY (u) REFERENCES users (id))", "SHARE ROW EXCLUSIVE on users, short", "none", "no"),
        ("DELETE FROM o WHERE a", "ROW EXCLUSIVE, row locks until commit", "matching rows", "no"),
    ],
)  # fmt: skip
def test_postgresql(sql, lock, work, backfill):
    assert judged(sql, "postgresql")[:3] == (lock, work, backfill)


@pytest.mark.parametrize(
    ("sql", "lock", "work"),
    [
        ("ALTER TABLE o ADD a int NOT NULL DEFAULT 0", MYSQL_SHORT, "none (instant)"),
        ("ALTER TABLE o ADD a int AUTO_INCREMENT", "SHARED, for the copy", "table copy, writes wait"),
        (
            "ALTER TABLE o DROP COLUMN a",
            MYSQL_SHORT,
            "none (instant from 8.0.29; before: table rebuilt in place, writes go on)",
        ),
        (
            "ALTER TABLE o MODIFY a bigint",
            "SHARED, for the copy",
            "table copy, writes wait, unless the type stays as it is",
        ),
        ("ALTER TABLE o MODIFY a bigint, ALGORITHM=INPLACE, LOCK=NONE", MYSQL_SHORT, "in place, as stated"),
        ("ALTER TABLE o ALTER a SET DEFAULT 1", MYSQL_SHORT, "none (instant)"),
        ("CREATE INDEX i ON o (a)", MYSQL_SHORT, "scan, writes go on (InnoDB online)"),
        ("CREATE FULLTEXT INDEX i ON o (a)", "SHARED, while it is built", "index built, writes wait"),
        ("DROP INDEX i ON o", MYSQL_SHORT, "none (metadata only)"),
        ("ALTER TABLE o DROP PRIMARY KEY", "SHARED, for the copy", "table copy, writes wait"),
        ("ALTER TABLE o DROP FOREIGN KEY f", MYSQL_SHORT, "none (metadata only)"),
        ("RENAME TABLE o TO p", MYSQL_SHORT, "none (metadata only)"),
        ("UPDATE o SET a = 1 WHERE b", "row locks until commit", "matching rows"),
    ],
)
def test_mysql(sql, lock, work):
    assert judged(sql, "mysql")[:2] == (lock, work)


def test_mysql_makes_a_column_required_in_place():
    found = effect(Operation(OpKind.SET_NOT_NULL, "o", "a"), "mysql")
    assert found[:3] == (MYSQL_SHORT, "table rebuilt in place, writes go on", "rows with NULL must be filled first")
    assert found.blocking == ""


@pytest.mark.parametrize(
    ("sql", "work"),
    [
        ("ALTER TABLE o ADD a int", "none"),
        ("ALTER TABLE o ADD a int NOT NULL", "refused: NOT NULL needs a default"),
        ("ALTER TABLE o DROP COLUMN a", "every row written anew"),
        ("ALTER TABLE o RENAME TO p", "none"),
        ("UPDATE o SET a = 1", "every row"),
    ],
)
def test_sqlite(sql, work):
    assert judged(sql, "sqlite")[:2] == ("database file, while it runs", work)


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "sqlite", "", "other"])
def test_no_engine_is_told_in_the_words_of_another(engine):
    for kind in OpKind:
        op = Operation(kind, "o", "a", new_name="b", column=Column("a", "int"), keys=("a",), references="u")
        said = " ".join(str(part) for part in effect(op, engine))
        if engine not in {"postgresql", ""}:
            assert "EXCLUSIVE" not in said
            assert "CONCURRENTLY" not in said
            assert "NOT VALID" not in said
        if engine != "mysql":
            assert "metadata lock" not in said


def test_a_check_that_proves_it_spares_the_scan():
    found = judged("ALTER TABLE o ALTER a SET NOT NULL", "postgresql", checked=True)
    assert found[:2] == (SHORT, "none where a validated CHECK proves it, else a full scan")
    assert found.safe == ()


def test_an_unknown_engine_says_so():
    assert judged("ALTER TABLE o ADD a int", "oracle")[:3] == ("not known for this engine", "not known", "not known")


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        ("varchar(20)", "varchar(40)", Widening.FREE),
        ("varchar(20)", "text", Widening.FREE),
        ("String(length=20)", "String(length=40)", Widening.FREE),
        ("numeric(10, 4)", "numeric(14, 4)", Widening.FREE),
        ("numeric(10, 4)", "numeric(14, 6)", Widening.NO),
        ("varchar(40)", "varchar(20)", Widening.NO),
        ("text", "varchar(20)", Widening.NO),
        ("int", "bigint", Widening.NO),
        ("", "text", Widening.IF_TEXT),
        ("", "int", Widening.NO),
    ],
)
def test_what_postgresql_takes_without_a_rewrite(was, now, found):
    assert widening(was, Column("a", now)) is found


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        ("VARCHAR(128)", "VARCHAR(255)", Widening.FREE),
        ("VARCHAR(20)", "VARCHAR(60)", Widening.FREE),
        ("VARCHAR(60)", "VARCHAR(80)", Widening.NO),  # its length takes a second byte
        ("VARCHAR(60)", "TEXT", Widening.NO),
        ("CHAR(36)", "CHAR(36)", Widening.SAME),
    ],
)
def test_what_mysql_takes_in_place(was, now, found):
    assert widening(was, Column("a", now), bytes_of_length=True) is found
