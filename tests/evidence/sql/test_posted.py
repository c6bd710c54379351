"""What a migration must be to be posted without a model: harm that is certain, or a table known to be large."""

from __future__ import annotations

import pytest

from reviewer.evidence.sql.detect import detect
from reviewer.nouns.signal import Signal, Tier
from tests.evidence.looking import looked

POSTGRES = {"requirements.txt": "psycopg2\n"}
INDEX = "CREATE INDEX i ON orders (a);\n"
DROP = "ALTER TABLE orders DROP COLUMN zip;\n"


def posted(
    text: str, base: dict[str, str] | None = None, *, path: str = "migrations/0009_x.sql", system: str = "", **head: str
) -> list[Signal]:
    before = POSTGRES if base is None else {**POSTGRES, **base}
    after = {**before, **{name.replace("__", "/").replace("_py", ".py"): value for name, value in head.items()}}
    signals = detect(looked(before, {**after, path: text}, system=system)).signals
    return [signal for signal in signals if signal.tier is not Tier.EVIDENCE]


@pytest.mark.parametrize("text", [INDEX, "UPDATE orders SET a = b + 1;\n", "ALTER TABLE orders ALTER a TYPE bigint;\n"])
def test_a_lock_is_posted_only_where_the_table_is_known_to_be_large(text):
    assert posted(text) == []
    assert posted(text, system="tables:\n  customers: 90 million rows") == []
    (signal,) = posted(text, system="tables:\n  orders: 90 million rows")
    assert "90 million rows" in signal.message


@pytest.mark.parametrize(
    ("path", "earlier"),
    [
        ("migrations/0003_y.sql", "CREATE INDEX CONCURRENTLY j ON orders (b);\n"),
        ("migrations/0003_y.sql", 'ALTER TABLE "orders" ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\n'),
        (
            "db/migrate/3_y.rb",
            "class Y < ActiveRecord::Migration[7.0]\n  def change; add_index :orders, :b, algorithm: :concurrently; end\nend\n",
        ),
        (
            "alembic/versions/3_y.py",
            'revision = "a"; from alembic import op\ndef upgrade(): op.create_index("j", "orders", ["b"], postgresql_concurrently=True)\n',
        ),
    ],
)
def test_a_team_that_took_care_of_a_table_before_is_reminded(path, earlier):
    (signal,) = posted(INDEX, {path: earlier})
    assert f"earlier migration took care not to lock this table ({path}:" in signal.message
    assert posted(INDEX, {path: earlier.replace("orders", "customers")}) == []
    assert posted(INDEX, {"docs/x.sql": earlier}) == []  # no migration
    assert posted(INDEX, {path: earlier.replace("orders", "carts") + "-- orders\nCREATE TABLE orders (i int);\n"}) == []


def test_not_null_behind_a_check_scans_nothing():
    required, facts = "ALTER TABLE orders ALTER COLUMN zip SET NOT NULL;\n", "orders: 90 million rows"
    check = "ALTER TABLE orders ADD CONSTRAINT z CHECK (zip IS NOT NULL) NOT VALID;\n"
    assert posted(required, system=facts) != []
    assert posted(required, {"migrations/0008_z.sql": check}, system=facts) == []
    assert posted(required, {"migrations/0008_z.sql": check.replace("zip", "town")}, system=facts) != []
    assert posted(required + "ALTER TABLE orders DROP CONSTRAINT z;\n", system=facts) == []


def test_values_that_were_there_before_are_lost_for_certain():
    (signal,) = posted("UPDATE orders SET status = 'paid';\n")
    assert "`status` held before is gone" in signal.message
    assert posted("ALTER TABLE orders ADD paid text;\nUPDATE orders SET paid = 'yes';\n") == []
    assert posted("UPDATE orders SET status = lower(status);\n") == []
    assert posted("UPDATE orders SET status = 'paid' WHERE paid_at IS NOT NULL;\n") == []


DJANGO = "from django.db import models\n\nclass Order(models.Model):\n    zip = models.CharField(max_length=9)\n"
PRISMA = 'model Order {\n  id Int @id\n  zip String\n  @@map("orders")\n}\n'


@pytest.mark.parametrize(
    ("path", "code", "line"),
    [
        ("shop/models.py", DJANGO, 4),
        ("prisma/schema.prisma", PRISMA, 3),
        ("app/models/order.rb", "class Order < ApplicationRecord\n  validates :zip\nend\n", 2),
        ("store/q.go", 'package store\n\nconst q = "SELECT zip FROM orders"\nvar zip = 1\n', 4),
    ],
)
def test_a_drop_is_posted_where_code_declares_the_column_or_names_it_beside_its_table(path, code, line):
    (signal,) = posted(DROP, {path: code})
    assert f"{path}:{line}" in signal.message or f"{path}:3" in signal.message
    assert posted(DROP, {path: code.replace("zip", "town")}) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("lib/archive.rb", "# orders\n" + "\n" * 9 + "zip = Zip.open(path)\n"),  # far from any word of the table
        ("app/models/order.rb", "class Order\n  self.ignored_columns += %w[zip]\n  def zip; end\nend\n"),
        ("shop/models.py", DJANGO.replace("    zip", "    # deprecated: dropped in the next release\n    zip")),
        ("frontend/order.ts", "order.zip\n"),
        ("spec/order_spec.rb", "order.zip\n"),
    ],
)
def test_a_word_that_reads_the_same_or_is_retired_proves_nothing(path, code):
    assert posted(DROP, {path: code, "lib/other.py": "x = 1\n"}) == []


def test_a_common_word_counts_only_in_a_declaration_or_the_tables_own_file():
    drop = "ALTER TABLE orders DROP COLUMN state;\n"
    assert posted(drop, {"lib/machine.py": "orders = 1\nstate = 2\n"}) == []
    (signal,) = posted(drop, {"lib/order.py": "def f(o):\n    return o.state\n"})
    assert "lib/order.py:2" in signal.message


def test_what_a_request_carries_is_no_column():
    drop = "ALTER TABLE orders DROP COLUMN params;\n"
    assert posted(drop, {"app/controllers/orders_controller.rb": "def show\n  Order.find(params[:id])\nend\n"}) == []
    assert posted(drop, {"app/models/order.rb": "def title\n  params['title']\n  self.params\nend\n"}) != []


def test_code_that_is_left_behind_fails_for_good():
    (signal,) = posted(DROP, {"shop/models.py": DJANGO})
    assert "still declares it (shop/models.py:4)" in signal.message
    (signal,) = posted(DROP, {"shop/models.py": DJANGO}, shop__models_py=DJANGO.replace("zip", "town"))
    assert "running release still names it (shop/models.py:4)" in signal.message


def test_a_column_made_anew_is_not_called_left_behind():
    (signal,) = posted(DROP + "ALTER TABLE orders ADD COLUMN zip int;\n", {"shop/models.py": DJANGO})
    assert "dropped and added again" in signal.message


def test_a_column_of_the_same_change_is_known_to_no_release():
    rename = "ALTER TABLE orders RENAME COLUMN zip TO code;\n"
    assert posted(rename, {"shop/models.py": DJANGO}) != []
    assert posted("ALTER TABLE orders ADD COLUMN zip int;\n" + rename, {"shop/models.py": DJANGO}) == []
    assert posted("ALTER TABLE orders ADD COLUMN zip int;\n" + DROP, {"shop/models.py": DJANGO}) == []


def test_a_relation_that_takes_the_name_of_a_column_is_another_one():
    path, head = (
        "shop/models.py",
        DJANGO.replace("zip = models.CharField(max_length=9)", "zip = models.ForeignKey(Zip)"),
    )
    (signal,) = posted(
        DROP.replace("zip", "zip_id"), {path: DJANGO.replace("    zip", "    zip_id")}, shop__models_py=head
    )
    assert "running release still names it" in signal.message


def test_djangos_own_names_of_tables_are_known():
    text = "from django.db import migrations\nclass Migration(migrations.Migration):\n    operations = [migrations.RemoveField(model_name='order', name='{}')]\n"
    path = "shop/migrations/0009_x.py"
    gone = DJANGO.replace("zip", "town")
    (signal,) = posted(text.format("zip"), {"shop/models.py": DJANGO}, path=path, shop__models_py=gone)
    assert "shop/models.py:4" in signal.message
    assert posted(text.format("town"), {"shop/models.py": DJANGO}, path=path, shop__models_py=gone) == []


def test_a_field_of_the_projects_own_may_allow_null():
    text = "from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [migrations.AddField('order', 'code', {}(max_length=9))]\n"
    path = "shop/migrations/0009_x.py"
    assert posted(text.format("shop.fields.NullCharField"), path=path) == []
    (signal,) = posted(text.format("models.CharField"), path=path)
    assert signal.hazard == "migration-add-required-column"


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ('class Order(Base):\n    __tablename__ = "orders"\n    a = Column(Text)\n', True),
        ('cursor.execute("SELECT a FROM orders")\n', True),
        ("orders = sorted(found)\n", False),
        ("# the orders of a customer\n", False),
    ],
)
def test_a_table_is_used_where_a_model_or_a_statement_names_it(code, used):
    assert bool(posted("DROP TABLE orders;\n", {"shop/x.py": code})) is used


def test_a_rebuilt_table_is_not_dropped():
    rebuild = "CREATE TABLE orders_new (a int);\nINSERT INTO orders_new SELECT a FROM orders;\nDROP TABLE orders;\nALTER TABLE orders_new RENAME TO orders;\n"
    code = {"shop/x.py": 'cursor.execute("SELECT a FROM orders")\n'}
    assert posted(rebuild, code) == []
    assert posted(rebuild.replace("RENAME TO orders;", "RENAME TO sales;"), code) != []


def test_a_database_in_a_file_has_no_roll_out():
    lite = {"requirements.txt": "aiosqlite\n", "shop/models.py": DJANGO}
    gone = DJANGO.replace("zip", "town")
    assert posted(DROP, lite, shop__models_py=gone) == []
    assert posted(DROP, {**lite, "requirements.txt": "psycopg2\n"}, shop__models_py=gone) != []


def test_a_table_named_by_a_variable_is_evidence():
    text = "class X < ActiveRecord::Migration[7.0]\n  def up\n    remove_column {}, :zip\n  end\nend\n"
    code = {"app/models/order.rb": "class Order\n  validates :zip\nend\n"}
    path = "db/migrate/20260101000000_x.rb"
    assert posted(text.format("orders"), code, path=path) == []
    assert posted(text.format(":orders"), code, path=path) != []


def test_copies_of_a_script_for_several_databases_are_told_once():
    text = "CREATE TABLE bills (\n  id int,\n  total {}\n);\n"
    files = {f"db/migration/{engine}/V2__x.sql": text.format(kind) for engine, kind in ENGINES.items()}
    signals = detect(looked(POSTGRES, {**POSTGRES, **files})).signals
    assert len(signals) == len(ENGINES)
    assert [signal.tier for signal in signals].count(Tier.POST) == 1


ENGINES = {"postgresql": "double precision", "mysql": "double", "h2": "real"}


def test_money_is_told_on_the_line_of_its_column():
    (signal,) = posted("CREATE TABLE bills (\n  id int,\n  total real NOT NULL\n);\n")
    assert (signal.start_line, signal.end_line, signal.quote) == (3, 3, "  total real NOT NULL")
    (signal,) = posted("CREATE TABLE bills (id int, total real);\n")
    assert (signal.start_line, signal.end_line) == (1, 1)


@pytest.mark.parametrize("path", ["src/test/resources/db/migration/V2__x.sql", "tests/migrations/0002_x.sql"])
def test_a_migration_of_the_tests_is_evidence(path):
    text = "ALTER TABLE orders ADD a int NOT NULL;\n"
    assert posted(text, path=path) == []
    assert posted(text) != []


def test_of_squawk_only_what_comes_true_whatever_the_table_holds_is_posted():
    assert posted("ALTER TABLE orders DROP CONSTRAINT c;\n") == []
    (signal,) = posted("TRUNCATE orders CASCADE;\n")
    assert signal.hazard == "migration-destructive-change"


@pytest.mark.parametrize(
    ("made", "now", "gone"),
    [
        ("name text", "varchar(50)", "longer than 50"),
        ("name varchar(255)", "varchar(50)", "longer than 50"),
        ("name varchar(50)", "varchar(255)", ""),
        ("name varchar", "varchar(50)", ""),  # what a varchar without a length holds depends on the database
        ("name bigint", "int", "range of int"),
        ("name int", "bigint", ""),
        ("name numeric(12, 4)", "numeric(12, 2)", "beyond 2"),
        ("name numeric(12, 2)", "numeric(9, 2)", "more than 7 digits"),
        ("name numeric(12, 2)", "integer", "decimal point"),
        ("name timestamptz", "date", "time of day"),
        ("other text", "varchar(50)", ""),
    ],
)
def test_a_type_that_becomes_narrower_is_posted_where_the_tree_says_what_it_was(made, now, gone):
    base = {"migrations/0001_init.sql": f"CREATE TABLE orders (\n  id int,\n  {made}\n);\n"}
    found = posted(f"ALTER TABLE orders ALTER name TYPE {now};\n", base)
    assert [gone in signal.message for signal in found] == ([True] if gone else [])


def test_the_latest_type_counts_and_alembic_states_it_itself():
    base = {
        "migrations/0001_init.sql": "CREATE TABLE orders (name text);\n",
        "migrations/0002_y.sql": "ALTER TABLE orders ALTER name TYPE varchar(40);\n",
    }
    assert posted("ALTER TABLE orders ALTER name TYPE varchar(50);\n", base) == []
    assert posted("ALTER TABLE orders ALTER name TYPE varchar(30);\n", base) != []
    other = {"migrations/mysql/0003_z.sql": "CREATE TABLE orders (name varchar(90));\n"}
    assert posted("ALTER TABLE orders ALTER name TYPE varchar(60);\n", {**base, **other}) == []
    text = "from alembic import op\nimport sqlalchemy as sa\nrevision = 'a'\ndef upgrade():\n    op.alter_column('orders', 'name', existing_type=sa.{}, type_=sa.String(length=50))\n"
    path = "alembic/versions/a_x.py"
    (signal,) = posted(text.format("String(length=255)"), path=path)
    assert "longer than 50" in signal.message
    assert posted(text.format("String(length=20)"), path=path) == []


def test_a_plain_script_does_not_say_that_its_tool_wraps_it_in_a_transaction():
    build = "CREATE INDEX CONCURRENTLY i ON orders (customer_id);\n"
    assert posted(f"SET lock_timeout = '3s';\n{build}") == []
    (signal,) = posted(f"BEGIN;\n{build}COMMIT;\n")
    assert "concurrently inside a transaction" in signal.title


BUILD = "CREATE INDEX CONCURRENTLY i ON orders (customer_id)"


@pytest.mark.parametrize(
    ("code", "inside"),
    [
        ("async up(queryInterface) { await queryInterface.sequelize.query(`SQL`); }", False),
        ("async up(queryInterface) { await queryInterface.sequelize.query(`SQL`, { transaction }); }", True),
        ("async up(queryRunner) { await queryRunner.query(`SQL`); }", True),
        ("async up(queryRunner) { await queryRunner.commitTransaction(); await queryRunner.query(`SQL`); }", False),
        ("transaction = false; async up(queryRunner) { await queryRunner.query(`SQL`); }", False),
        ("async up(knex) { await knex.raw(`SQL`); }", True),
        ("config = { transaction: false }; async up(knex) { await knex.raw(`SQL`); }", False),
        ("isTransactional() { return false; } async up() { this.addSql(`SQL`); }", False),
    ],
)
def test_concurrently_is_posted_only_where_the_tool_opens_a_transaction(code, inside):
    text = "export class M {\n" + code.replace("SQL", BUILD) + "\nasync down() {}\n}\n"
    assert bool(posted(text, path="migrations/9_x.ts")) is inside


def test_concurrently_that_went_well_before_goes_well_again():
    text = "export class M {\nasync up(queryRunner) { await queryRunner.query(`SQL`); }\nasync down() {}\n}\n"
    earlier = text.replace("SQL", BUILD.replace("orders", "carts"))
    assert posted(text.replace("SQL", BUILD), {"migrations/8_y.ts": earlier}, path="migrations/9_x.ts") == []
    other = {"migrations/8_y.ts": earlier.replace("CONCURRENTLY ", "") + "// CONCURRENTLY\n"}
    assert posted(text.replace("SQL", BUILD), other, path="migrations/9_x.ts") != []


MODEL = {
    "app/models.py": "class Order(models.Model):\n    zip = models.CharField()\n    class Meta:\n        db_table = 'orders'\n"
}


def test_a_column_that_comes_back_is_told_as_such():
    (signal,) = posted(DROP + "ALTER TABLE orders ADD COLUMN zip integer;\n", MODEL)
    assert "dropped and added again" in signal.message
    computed = "ALTER TABLE orders ADD COLUMN zip text GENERATED ALWAYS AS (lower(street)) STORED;\n"
    assert posted(DROP + computed, MODEL) == []
    copied = "UPDATE orders SET kept = zip WHERE zip IS NOT NULL;\n"
    assert posted(copied + DROP + "ALTER TABLE orders ADD COLUMN zip integer;\n", MODEL) == []


def test_a_column_that_takes_the_name_of_another_is_posted_only_with_another_type():
    made = {**MODEL, "migrations/0001_a.sql": "CREATE TABLE orders (id int, zip text);\n"}
    swap = "ALTER TABLE orders ADD COLUMN zip_new TYPE;\n" + DROP + "ALTER TABLE orders RENAME COLUMN zip_new TO zip;\n"
    (signal,) = posted(swap.replace("TYPE", "jsonb"), made)
    assert "(text before, jsonb then)" in signal.message
    assert posted(swap.replace("TYPE", "text"), made) == []


def test_a_prisma_model_that_no_code_names_asks_for_nothing():
    schema = {"prisma/schema.prisma": 'model GuestNote {\n  id Int @id\n\n  @@map("guest_notes")\n}\n'}
    gone = "DROP TABLE guest_notes;\n"
    assert posted(gone, schema) == []
    uses = "export const all = () => client.guestNote.findMany();\n"
    assert posted(gone, {**schema, "src/notes.ts": uses}) != []
    assert posted(gone, {**schema, "scripts/notes.ts": uses}) == []


@pytest.mark.parametrize(
    ("off", "on"),
    [
        ("SET FOREIGN_KEY_CHECKS = 0;\n", "SET FOREIGN_KEY_CHECKS = 1;\n"),
        ("PRAGMA foreign_keys=off;\n", "PRAGMA foreign_keys = ON;\n"),
        ("SET session_replication_role = replica;\n", "SET session_replication_role = DEFAULT;\n"),
    ],
)
def test_a_safeguard_that_the_script_switches_on_again_is_not_posted(off, on):
    work = "INSERT INTO orders (a) SELECT a FROM carts;\n"
    assert posted(off + work) != []
    assert posted(on + off + work) != []
    assert posted(off + work + on) == []


def test_which_table_a_generic_go_migration_changes_only_its_callers_know():
    text = """package migration
func Fold[T any](db *gorm.DB) error {
	var model T
	return db.Migrator().DropColumn(&model, "zip")
}
"""
    base = {"store/model.go": "package store\n// model\nvar zip = model.zip\n"}
    assert posted(text, base, path="migrations/fold.go") == []
    named = text.replace("Fold[T any]", "Fold").replace("var model T", "").replace("&model", "&Order{}")
    assert posted(named, {"store/order.go": "package store\nvar z = order.zip\n"}, path="migrations/fold.go") != []
