"""The schema table on whole migrations: what runs meanwhile, what goes back, and what Django and SQLite hide."""

from reviewer.evidence.tables import schema
from tests.evidence.looking import looked

POSTGRES = {"requirements.txt": "psycopg2\n"}


def told(base, head):
    found = schema.table(looked(base, {**base, **head}), ())
    return {
        (row.cells[0], row.cells[1].partition(" ")[0]): dict(zip(found.columns, row.cells, strict=True))
        for row in found.rows
    }


def django(*operations, first=""):
    head = "from django.db import migrations, models\nclass Migration(migrations.Migration):\n"
    return f"{head}    {first}operations = [{', '.join(operations)}]\n"


FIRST = django(
    "migrations.CreateModel('order', fields=[('id', models.AutoField(primary_key=True)),"
    " ('note', models.CharField(max_length=20, null=True)), ('paid', models.BooleanField(default=False)),"
    " ('slug', models.SlugField(unique=True))])"
)


def altered(field, name="note"):
    text = django(f"migrations.AlterField('order', '{name}', {field})")
    return told({**POSTGRES, "shop/migrations/0001_initial.py": FIRST}, {"shop/migrations/0002_x.py": text})


def test_an_altered_field_is_told_by_what_changes():
    row = altered("models.CharField(max_length=80, null=True)")[("shop_order.note", "change")]
    assert row["operation"] == "change column type varchar(20) → varchar(80)"
    assert row["rewrite or scan"] == "none (the stored values fit as they are)"
    assert row["old code safe"] == "yes: what it reads and writes still fits"
    assert row["reversible"] == "yes; values longer than 20 characters do not fit then"
    assert ("shop_order.note", "set") in altered("models.CharField(max_length=20)")
    assert ("shop_order.paid", "drop") in altered("models.BooleanField(null=True)", "paid")
    assert set(altered("models.SlugField()", "slug")) == {("shop_order.slug", "drop"), ("shop_order.slug", "add")}


def test_an_altered_field_may_change_nothing():
    row = altered("models.CharField('Note', max_length=20, null=True, help_text='x')")[("shop_order.note", "alter")]
    assert row["operation"] == "alter field: nothing changes in the database"
    assert row["lock"] == "none (state only)"


def test_a_field_whose_past_is_not_known_says_so():
    text = django("migrations.AlterField('gone', 'note', models.TextField())")
    row = told(POSTGRES, {"shop/migrations/0002_x.py": text})[("shop_gone.note", "alter")]
    assert row["lock"] == row["rewrite or scan"] == row["old code safe"] == "not known"


def test_a_field_is_followed_through_renames_and_this_change():
    base = {**POSTGRES, "shop/migrations/0001_initial.py": FIRST}
    second = django("migrations.RenameField('order', 'note', 'text')")
    third = django("migrations.AlterField('order', 'text', models.CharField(max_length=10, null=True))")
    rows = told(base, {"shop/migrations/0002_a.py": second, "shop/migrations/0003_b.py": third})
    assert rows[("shop_order.text", "change")]["rewrite or scan"] == "table rewrite under the lock"


def test_a_unique_constraint_on_a_part_of_the_rows_is_an_index():
    text = django(
        "migrations.AddConstraint('order', models.UniqueConstraint(fields=['note'], condition=models.Q(paid=True), name='u'))"
    )
    row = told(POSTGRES, {"shop/migrations/0002_x.py": text})[("shop_order.u", "add")]
    assert row["lock"] == "SHARE"
    assert row["old code safe"] == "only if it never writes duplicates"


def test_a_foreign_key_of_django_brings_an_index_and_locks_its_target():
    text = django("migrations.AddField('order', 'user', models.ForeignKey('accounts.User', models.CASCADE, null=True))")
    row = told(POSTGRES, {"shop/migrations/0002_x.py": text})[("shop_order.user_id", "add")]
    assert row["lock"] == "ACCESS EXCLUSIVE; SHARE ROW EXCLUSIVE on accounts_user, short"
    assert row["rewrite or scan"] == "index on the column built under the lock"


def test_code_whose_way_back_does_nothing_does_not_go_back():
    text = django("migrations.RunPython(fill, migrations.RunPython.noop)").replace(
        "class Migration", "def fill(apps, editor):\n    pass\nclass Migration"
    )
    (row,) = told(POSTGRES, {"shop/migrations/0002_x.py": text}).values()
    assert row["reversible"] == "the way back does nothing: what the code did stays"
    assert row["backfill"] == "depends on the code"


def test_a_column_that_comes_and_becomes_required_in_one_change_stops_old_code():
    sql = (
        "ALTER TABLE o ADD a int;\nUPDATE o SET a = b;\nALTER TABLE o ALTER a SET NOT NULL;\n"
        "ALTER TABLE o ADD c int NOT NULL DEFAULT 0;\nALTER TABLE o ALTER c DROP DEFAULT;\n"
        "ALTER TABLE o ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id);\n"
    )
    rows = told(POSTGRES, {"migrations/1_x.sql": sql})
    assert rows[("o", "update")]["old code safe"] == "yes: it does not know the column"
    assert rows[("o.a", "set")]["old code safe"] == "no: its INSERTs lack the column"
    assert rows[("o.c", "drop")]["old code safe"] == "no: its INSERTs lack the column, and its default is gone"
    assert rows[("o.f", "add")]["old code safe"] == "yes: it does not know the column"
    assert rows[("o.f", "add")]["backfill"] == "no"


def test_a_way_back_that_loses_or_fails_says_so():
    sql = "ALTER TABLE o ALTER a DROP NOT NULL;\nUPDATE o SET b = 1 WHERE c;\nALTER TYPE mood ADD VALUE 'x';\n"
    rows = told(POSTGRES, {"migrations/1_x.sql": sql})
    assert rows[("o.a", "drop")]["reversible"] == "by hand: no way back is stated; while no row holds NULL"
    assert rows[("o", "update")]["reversible"] == "no: the old values are overwritten"
    assert rows[("mood.x", "add")]["old code safe"] == "only if it can read a value it does not know"


def test_a_check_on_another_column_proves_nothing():
    sql = "ALTER TABLE o ADD CONSTRAINT c CHECK (b > 0);\nALTER TABLE o ALTER a SET NOT NULL;\n"
    assert told(POSTGRES, {"migrations/1_x.sql": sql})[("o.a", "set")]["lock"] == "ACCESS EXCLUSIVE"
    proven = sql.replace("b > 0", "a IS NOT NULL")
    assert told(POSTGRES, {"migrations/1_x.sql": proven})[("o.a", "set")]["lock"] == "ACCESS EXCLUSIVE, short"


def test_sqlite_swaps_are_one_rebuild():
    sql = (
        "PRAGMA foreign_keys=OFF;\nCREATE TABLE new_o (id int, a int, b int);\n"
        "INSERT INTO new_o (id, a) SELECT id, a FROM o;\nDROP TABLE o;\nALTER TABLE new_o RENAME TO o;\n"
    )
    rows = told({"go.mod": "require modernc.org/sqlite v1.0.0\n"}, {"migrations/1_x.sql": sql})
    assert set(rows) == {("pragma", "switch"), ("o", "rebuild"), ("o.b", "add")}
    assert rows[("o", "rebuild")]["rewrite or scan"] == "table rebuild"
    assert rows[("o", "rebuild")]["old code safe"] == "yes, as far as the columns it names stay"
    kept = sql.replace("DROP TABLE o;\n", "")
    assert ("new_o", "create") in told({"go.mod": "require modernc.org/sqlite v1.0.0\n"}, {"migrations/1_x.sql": kept})


def test_a_create_table_edited_in_place_makes_no_new_table():
    first = "CREATE TABLE o (id int, a varchar(10));\n"
    head = {
        "db/migration/B1__base.sql": first.replace("10", "20"),
        "db/migration/V2__x.sql": "ALTER TABLE o ALTER a TYPE varchar(20);\n",
    }
    rows = schema.table(looked({**POSTGRES, "db/migration/B1__base.sql": first}, {**POSTGRES, **head}), ()).rows
    assert [row.cells[2] for row in rows] == ["ACCESS EXCLUSIVE, short", "none: only databases made anew run it"]


def test_the_table_says_which_engine_it_was_judged_for():
    sql = {"migrations/1_x.sql": "ALTER TABLE o ADD a int;\n"}
    assert schema.table(looked({}, sql), ()).inspected.endswith(
        "not known; judged as PostgreSQL, as nothing tells which"
    )
    assert schema.table(looked(POSTGRES, {**POSTGRES, **sql}), ()).inspected.endswith("database engine: postgresql")
    both = {"requirements.txt": "psycopg2\nmysqlclient\n"}
    assert "judged as PostgreSQL" in schema.table(looked(both, {**both, **sql}), ()).inspected
    h2 = {"db/migration/h2/V1__x.sql": "ALTER TABLE o ADD a int;\n"}
    assert "of which no locks are known" in schema.table(looked(both, {**both, **h2}), ()).inspected


def test_a_driver_that_only_dependencies_bring_is_no_engine():
    base = {
        "go.mod": "require (\n\tgithub.com/jackc/pgx/v5 v5.0.0\n\tgithub.com/go-sql-driver/mysql v1.0.0 // indirect\n)\n"
    }
    found = schema.table(looked(base, {**base, "migrations/1_x.sql": "ALTER TABLE o ADD a int;\n"}), ())
    assert found.inspected.endswith("database engine: postgresql")


RAILS = "class X < ActiveRecord::Migration[7.0]\n  def change\n    {}\n  end\nend\n"


def rails(line):
    head = {"db/migrate/1_x.rb": RAILS.format(line)}
    return told({"Gemfile": "gem 'pg'\n", "config/database.yml": "adapter: postgresql\n"}, head)


def test_change_table_reads_as_its_own_calls():
    rows = rails(
        "change_table :o do |t|\n      t.change_null :a, true\n      t.references :user, type: :uuid, foreign_key: true\n      t.remove :b\n    end"
    )
    assert set(rows) == {
        ("o.a", "drop"),
        ("o.user_id", "add"),
        ("o.index_o_on_user_id", "add"),
        ("o.o_user_id", "add"),
        ("o.b", "drop"),
    }
    assert rows[("o.user_id", "add")]["operation"] == "add column uuid"


def test_an_index_removed_by_its_column_has_the_name_rails_gives_it():
    rows = rails("remove_index :o, :a")
    assert rows[("o.index_o_on_a", "drop")]["reversible"] == "yes"
    assert rails("remove_index :o, name: :i")[("o.i", "drop")]["reversible"] == "by hand: no way back is stated"


def test_what_rails_turns_round_is_reversible():
    assert rails("change_column_null :o, :a, false")[("o.a", "set")]["reversible"] == "yes"
    assert rails("change_column :o, :a, :text")[("o.a", "change")]["reversible"].startswith("by hand")


def test_a_model_within_a_module_is_inferred():
    head = {"db/migrate/1_x.rb": RAILS.format("Shop::Order.where(a: 1).update_all(b: 2)")}
    (row,) = schema.table(looked({}, head), ()).rows
    assert row.source == "inferred"


def test_alembic_builds_the_index_of_a_new_column():
    text = (
        "from alembic import op\nimport sqlalchemy as sa\n\ndef upgrade():\n"
        "    op.add_column('o', sa.Column('a', sa.String(length=9), index=True))\n"
        "    op.add_column('o', sa.Column('b', sa.Integer(), sa.Identity()))\n"
    )
    rows = told(POSTGRES, {"alembic/versions/1_x.py": text})
    assert rows[("o.a", "add")]["operation"] == "add column String(9)"
    assert rows[("o.a", "add")]["rewrite or scan"] == "index on the column built under the lock"
    assert rows[("o.b", "add")]["rewrite or scan"] == "table rewrite under the lock"


def test_renamed_indexes_and_constraints_are_rows():
    sql = "ALTER INDEX i RENAME TO j;\nALTER TABLE o RENAME CONSTRAINT c TO d;\n"
    rows = told(POSTGRES, {"migrations/1_x.sql": sql})
    assert rows[("i", "rename")]["lock"].startswith("SHARE UPDATE EXCLUSIVE")
    assert rows[("o.c", "rename")]["operation"] == "rename constraint to d"


def test_a_pydantic_model_is_no_table():
    text = "from pydantic import BaseModel, Field\nfrom app import models\n\n\nclass Order(BaseModel):\n    note: str = Field(default='')\n    kind = models.Kind()\n"
    assert told(POSTGRES, {"client/order.py": text}) == {}


def test_a_swap_tells_the_columns_that_hold_nothing_of_the_old_ones():
    sql = (
        "CREATE TABLE n (id int, memo_id int, note text, kind text);\n"
        "INSERT INTO n (id, memo_id, note, kind) SELECT o.id, memo.id, COALESCE(o.note, ''), json_extract(o.body, '$.kind') FROM o;\n"
        "DROP TABLE o;\nRENAME TABLE n TO o;\n"
    )
    rows = told({"requirements.txt": "mysqlclient\n"}, {"migrations/1_x.sql": sql})
    assert set(rows) == {("o", "rebuild"), ("o.memo_id", "add"), ("o.kind", "add")}
    assert rows[("o", "rebuild")]["lock"] == "metadata lock at the swap"


def test_a_changeset_for_one_database_is_judged_for_it():
    text = (
        '<databaseChangeLog><changeSet id="1" author="a" dbms="mysql, mariadb">'
        '<addNotNullConstraint tableName="o" columnName="a" columnDataType="int"/></changeSet>'
        '<changeSet id="2" author="a" dbms="mysql, postgresql"><dropColumn tableName="o" columnName="b"/></changeSet>'
        "</databaseChangeLog>"
    )
    rows = told(POSTGRES, {"db/changelog/1.xml": text})
    assert rows[("o.a", "set")]["lock"] == "metadata lock, short"
    assert rows[("o.b", "drop")]["lock"] == "ACCESS EXCLUSIVE, short"


def test_a_table_the_program_names_is_not_named():
    text = "from alembic import op\n\ndef upgrade():\n    for t in ('a', 'b'):\n        op.execute(f'DELETE FROM {t} WHERE c')\n"
    (row,) = schema.table(looked({}, {"alembic/versions/1_x.py": text}), ()).rows
    assert (row.cells[0], row.source) == ("?", "inferred")


def test_a_column_changed_to_required_is_both():
    rows = rails("change_column :o, :a, :string, null: false")
    assert set(rows) == {("o.a", "change"), ("o.a", "set")}
    assert rows[("o.a", "set")]["reversible"] == "by hand: no way back is stated"


def test_a_text_of_sequelize_without_limit_needs_no_rewrite():
    text = "module.exports = { async up(queryInterface, Sequelize) { await queryInterface.changeColumn('O', 'a', { type: Sequelize.TEXT }); } };\n"
    base = {"package.json": '{"dependencies": {"pg": "8", "sequelize": "6"}}'}
    rows = told(base, {"migrations/2-x.js": text})
    assert rows[("O.a", "change")]["rewrite or scan"] == "none if it was a varchar"
    first = "module.exports = { async up(queryInterface, Sequelize) { await queryInterface.addColumn('O', 'a', { type: Sequelize.STRING(20) }); } };\n"
    known = told({**base, "migrations/1-x.js": first}, {"migrations/2-x.js": text})
    assert known[("O.a", "change")]["rewrite or scan"] == "none (the stored values fit as they are)"
