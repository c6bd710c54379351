from __future__ import annotations

import pytest

from reviewer.evidence.sql.detect import detect
from reviewer.nouns.signal import Tier
from tests.evidence.looking import added, looked

POSTGRES = {"requirements.txt": "psycopg2\n"}
CODE = {**POSTGRES, "shop/orders.py": "def ship(order):\n    return order.zip\n\nclass Orders: pass\n"}


def hazards(sql: str, base: dict[str, str] = POSTGRES, path: str = "migrations/0002_x.sql") -> dict[str, Tier]:
    signals = detect(looked(base, {**base, path: sql})).signals
    return {signal.hazard: signal.tier for signal in signals}


@pytest.mark.parametrize(
    ("hazard", "bad", "twin"),
    [
        (
            "migration-add-required-column",
            "ALTER TABLE o ADD a int NOT NULL;",
            "ALTER TABLE o ADD a int NOT NULL DEFAULT 0;",
        ),
        (
            "migration-add-required-column",
            "ALTER TABLE o ADD a int NOT NULL;",
            "CREATE TABLE o (i int);\nALTER TABLE o ADD a int NOT NULL;",
        ),
        ("migration-blocking-ddl", "CREATE INDEX i ON o (a);", "CREATE INDEX CONCURRENTLY i ON o (a);"),
        ("migration-blocking-ddl", "CREATE INDEX i ON o (a);", "CREATE TABLE o (a int);\nCREATE INDEX i ON o (a);"),
        (
            "migration-blocking-ddl",
            "ALTER TABLE o ADD CONSTRAINT f FOREIGN KEY (u) REFERENCES p (i);",
            "ALTER TABLE o ADD CONSTRAINT f FOREIGN KEY (u) REFERENCES p (i) NOT VALID;",
        ),
        ("migration-blocking-ddl", "ALTER TABLE o ALTER a SET NOT NULL;", "ALTER TABLE o ALTER a DROP NOT NULL;"),
        ("migration-blocking-ddl", "ALTER TABLE o ALTER a TYPE bigint;", "ALTER TABLE o ALTER a TYPE text;"),
        (
            "migration-blocking-ddl",
            "ALTER TABLE o ADD CONSTRAINT u UNIQUE (a);",
            "ALTER TABLE o ADD CONSTRAINT u UNIQUE USING INDEX i;",
        ),
        (
            "migration-blocking-ddl",
            "ALTER TABLE o ADD k uuid DEFAULT gen_random_uuid();",
            "ALTER TABLE o ADD k timestamptz DEFAULT now();",
        ),
        ("migration-unbatched-backfill", "UPDATE o SET a = 1;", "UPDATE o SET a = 1 WHERE i BETWEEN 1 AND 9;"),
        (
            "durability-or-constraint-disabled",
            "SET session_replication_role = replica;",
            "SET session_replication_role = origin;",
        ),
        (
            "money-as-float",
            "ALTER TABLE o ADD unit_price double precision;",
            "ALTER TABLE o ADD price_ratio double precision;",
        ),
        ("money-as-float", "CREATE TABLE o (total real);", "CREATE TABLE o (total numeric(12, 2));"),
        (
            "cascade-delete-on-financial-record",
            "CREATE TABLE payments (u int REFERENCES users ON DELETE CASCADE);",
            "CREATE TABLE likes (u int REFERENCES users ON DELETE CASCADE);",
        ),
    ],
)
def test_a_hazard_and_its_safe_twin(hazard, bad, twin):
    assert hazard in hazards(bad)
    assert hazard not in hazards(twin)


def test_a_drop_is_posted_where_the_running_release_names_it():
    assert hazards("ALTER TABLE orders DROP COLUMN zip;", CODE) == {"migration-destructive-change": Tier.POST}
    assert hazards("ALTER TABLE orders DROP COLUMN unseen;", CODE) == {"migration-destructive-change": Tier.EVIDENCE}


def test_without_a_tree_a_drop_is_told_with_less_confidence():
    change = looked({}, {"migrations/1_x.sql": "ALTER TABLE orders DROP COLUMN zip;\n"}, trees=False)
    assert [signal.tier for signal in detect(change).signals] == [Tier.POST_MEDIUM]


def test_the_message_names_place_and_safe_sequence():
    (signal,) = detect(looked(CODE, {**CODE, "migrations/1_x.sql": "ALTER TABLE orders DROP COLUMN zip;\n"})).signals
    assert "shop/orders.py:2" in signal.message
    assert "orders.zip" in signal.fix
    assert (signal.quote, signal.lines_in_diff) == ("ALTER TABLE orders DROP COLUMN zip;", True)


def test_the_way_back_is_never_judged():
    assert hazards("-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE o DROP COLUMN a;\n") == {}
    assert hazards("DROP TABLE o;", path="migrations/2_x.down.sql") == {}


def test_sqlite_and_mysql_have_their_own_rules():
    assert "migration-blocking-ddl" not in hazards("CREATE INDEX i ON o (a);", {"requirements.txt": "aiosqlite\n"})
    mysql = {"requirements.txt": "pymysql\n"}
    assert hazards("CREATE INDEX i ON o (a);", mysql) == {}
    assert "migration-blocking-ddl" in hazards("ALTER TABLE o MODIFY a bigint;", mysql)
    assert hazards("ALTER TABLE o MODIFY a bigint, ALGORITHM=INPLACE, LOCK=NONE;", mysql) == {}


def test_an_unknown_engine_is_judged_as_postgres_with_less_confidence():
    change = looked({}, {"migrations/0002_x.sql": "CREATE INDEX i ON o (a);"}, system="o: 40 million rows")
    assert [signal.tier for signal in detect(change).signals] == [Tier.POST_MEDIUM]


def test_a_suppression_is_reported_not_obeyed():
    (signal,) = detect(
        looked(
            POSTGRES,
            {
                **POSTGRES,
                "migrations/1_x.sql": "-- squawk-ignore require-concurrent-index-creation\nCREATE INDEX i ON o (a);\n",
            },
        )
    ).signals
    assert signal.tier is Tier.EVIDENCE
    assert "marked it as safe" in signal.message


def test_old_debt_is_not_reported():
    base = {**POSTGRES, "migrations/1_x.sql": "CREATE INDEX i ON o (a);\n"}
    head = {**base, "migrations/1_x.sql": "CREATE INDEX i ON o (a);\nSELECT 1;\n"}
    assert detect(looked(base, head)).signals == ()


def test_squawk_adds_what_our_reader_does_not_judge():
    signals = detect(looked(POSTGRES, {**POSTGRES, "migrations/1_x.sql": "ALTER TABLE o DROP CONSTRAINT c;\n"})).signals
    assert [(signal.rule, signal.tier) for signal in signals] == [("squawk.ban-drop-constraint", Tier.EVIDENCE)]


def test_concurrent_index_inside_djangos_transaction():
    text = "from django.db import migrations\nclass Migration(migrations.Migration):\n    {}operations = [AddIndexConcurrently('o', models.Index(fields=['a'], name='i'))]\n"
    path = "shop/migrations/0002_i.py"
    (signal,) = detect(looked(POSTGRES, {**POSTGRES, path: text.format("")})).signals
    assert "atomic = False" in signal.fix
    assert detect(looked(POSTGRES, {**POSTGRES, path: text.format("atomic = False\n    ")})).signals == ()


@pytest.mark.parametrize(
    ("path", "bad", "twin"),
    [
        ("a.py", 'cur.execute("DELETE FROM orders")\n', 'cur.execute("DELETE FROM orders WHERE id = %s", (1,))\n'),
        (
            "a.py",
            'cur.execute("UPDATE orders SET a = 1")\n',
            'sql = "UPDATE orders SET a = 1"\nsql += " WHERE id = 1"\ncur.execute(sql)\n',
        ),
        (
            "a.go",
            'package a\nfunc f() { db.Exec("DELETE FROM orders") }\n',
            'package a\nfunc f() { db.Exec("DELETE FROM orders WHERE id = $1", id) }\n',
        ),
        ("a.ts", "await db.query(`DELETE FROM orders`);\n", "await db.query(`DELETE FROM orders ${where}`);\n"),
        (
            "A.java",
            'class A { void f() { jdbc.execute("DELETE FROM orders"); } }\n',
            'class A { void f() { jdbc.execute("DELETE FROM orders" + where); } }\n',
        ),
        (
            "a.rb",
            'connection.execute("DELETE FROM orders")\n',
            'connection.execute("DELETE FROM orders WHERE id = 1")\n',
        ),
        ("queries/wipe.sql", "DELETE FROM orders;\n", "DELETE FROM orders USING old WHERE old.id = orders.id;\n"),
    ],
)
def test_statements_in_code_that_reach_every_row(path, bad, twin):
    assert [signal.hazard for signal in detect(added(path, bad)).signals] == ["update-delete-without-where"]
    assert detect(added(path, twin)).signals == ()


def test_prose_and_tests_are_not_statements():
    assert detect(added("a.py", 'print("Delete from orders to begin")\n')).signals == ()
    assert detect(added("tests/test_a.py", 'cur.execute("DELETE FROM orders")\n')).signals == ()


def test_the_same_input_gives_the_same_signals():
    head = {**CODE, "migrations/1_x.sql": "ALTER TABLE orders DROP COLUMN zip;\nUPDATE orders SET a = 1;\n"}
    assert detect(looked(CODE, head)) == detect(looked(CODE, head))


def test_a_reformatted_migration_states_nothing_new():
    rails = "class A < ActiveRecord::Migration[7.1]\n  def change\n    {}\n  end\nend\n"
    path = "db/migrate/1_x.rb"
    base, head = (
        {**POSTGRES, path: rails.format("add_index :o, [:a, :b]")},
        {**POSTGRES, path: rails.format("add_index(:o, %i[a b])")},
    )
    assert detect(looked(base, head)).signals == ()


def test_one_foreign_key_is_one_signal_and_its_old_self_is_none():
    sql = "ALTER TABLE o DROP CONSTRAINT f;\nALTER TABLE o ADD CONSTRAINT f FOREIGN KEY (u) REFERENCES p (i) ON DELETE SET NULL;\n"
    signals = detect(looked(POSTGRES, {**POSTGRES, "migrations/1_x.sql": sql})).signals
    assert [(signal.rule, signal.start_line) for signal in signals] == [("migration-blocking-ddl", 2)]


def test_a_plain_file_beside_one_for_postgres_is_for_other_engines():
    head = {
        "m/migrations/1_x.up.sql": "CREATE INDEX i ON o (a);\n",
        "m/migrations/1_x.postgres.up.sql": "CREATE INDEX CONCURRENTLY i ON o (a);\n",
    }
    assert detect(looked({}, head)).signals == ()


def test_a_safe_sequence_holds_no_word_of_an_orm():
    text = "from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [migrations.AddField('o', 'a', models.DecimalField())]\n"
    (signal,) = detect(looked(POSTGRES, {**POSTGRES, "shop/migrations/0002_a.py": text})).signals
    assert "ADD COLUMN a numeric" in signal.fix
    assert "DecimalField" not in signal.fix
