"""Each migration tool says the same things in its own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.evidence.examined import Text
from reviewer.evidence.sql.operation import Default, OpKind
from reviewer.evidence.sql.read import operations

DJANGO = """
from django.db import migrations, models

def fill(apps, schema_editor):
    Order = apps.get_model("shop", "Order")
    for order in Order.objects.all():
        order.total = 0
        order.save()

def fill_slowly(apps, schema_editor):
    Order = apps.get_model("shop", "Order")
    for order in Order.objects.filter(total=None).iterator(chunk_size=100):
        order.save()

class Migration(migrations.Migration):
    operations = [
        migrations.AddField(model_name="order", name="total", field=models.DecimalField(max_digits=9)),
        migrations.AddField("order", "note", models.TextField(default="")),
        migrations.AddField("order", "user", models.ForeignKey(to="auth.user", null=True, on_delete=models.CASCADE)),
        migrations.AddField("order", "tags", models.ManyToManyField(to="shop.Tag")),
        migrations.RemoveField("order", "zip"),
        migrations.AddIndex("order", models.Index(fields=["total"], name="i")),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(fill_slowly),
        migrations.RunSQL("UPDATE shop_order SET a = 1", reverse_sql=""),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Old")]),
    ]
"""
ALEMBIC = """
from alembic import op
import sqlalchemy as sa
TABLE = "orders"

def upgrade():
    op.add_column(TABLE, sa.Column("total", sa.Numeric(), nullable=False))
    op.add_column(TABLE, sa.Column("kept", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column("mail", existing_type=sa.String(), nullable=False)
        batch_op.create_index(batch_op.f("ix"), ["mail"])
    with op.get_context().autocommit_block():
        op.create_index("i", TABLE, ["a"], postgresql_concurrently=True)
    op.execute("UPDATE orders SET total = 0")
    op.drop_column(TABLE, "zip")

def downgrade():
    op.drop_column("orders", "total")
"""
RAILS = """
class AddTotal < ActiveRecord::Migration[7.1]
  def change
    add_column :orders, :total, :decimal, null: false
    add_column :orders, :kept, :integer, null: false, default: 0
    add_index :orders, [:user_id, :state], unique: true, algorithm: :concurrently
    add_reference :orders, :shop, foreign_key: true, index: { algorithm: :concurrently }
    safety_assured { remove_column :orders, :zip }
    change_column_null :orders, :mail, false
    execute <<~SQL
      UPDATE orders SET total = 0
    SQL
    Order.update_all(total: 0)
    Order.where(total: nil).in_batches { |some| some.update_all(total: 0) }
    reversible do |dir|
      dir.down { drop_table :n }
    end
  end
end
"""
TYPEORM = """
export class X1 implements MigrationInterface {
  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "orders" ADD "total" integer NOT NULL`);
    await queryRunner.dropColumn("orders", "zip");
  }
  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "orders" DROP COLUMN "total"`);
  }
}
"""
KNEX = """
exports.up = async (knex) => {
  await knex.schema.alterTable('orders', (table) => {
    table.decimal('total').notNullable();
    table.integer('kept').notNullable().defaultTo(0);
    table.dropColumn('zip');
  });
  await knex.raw('UPDATE orders SET total = 0');
};
exports.down = (knex) => knex.schema.dropTable('orders');
"""
SEQUELIZE = """
module.exports = {
  async up(queryInterface, Sequelize) {
    await queryInterface.addColumn('orders', 'total', { type: Sequelize.DECIMAL, allowNull: false });
    await queryInterface.addIndex('orders', ['user_id'], { unique: true });
    await queryInterface.removeColumn('orders', 'zip');
  },
  async down(queryInterface) { await queryInterface.dropTable('orders'); },
};
"""


def ops(path: str, text: str, language: str):
    return operations(path, Text(text, language))


def told(path: str, text: str, language: str) -> list[str]:
    return [f"{'down ' if op.down else ''}{op.kind.value} {op.object}" for op in ops(path, text, language)]


def test_django():
    assert told("apps/shop/migrations/0002_total.py", DJANGO, "python") == [
        "add column shop_order.total",
        "add column shop_order.note",
        "add column shop_order.user_id",
        "drop column shop_order.zip",
        "add index shop_order.i",
        "run code shop_order.fill",
        "run code shop_order.fill_slowly",
        "update rows shop_order",
        "drop table shop_old",
    ]


def test_django_knows_defaults_loops_and_state():
    found = ops("apps/shop/migrations/0002_total.py", DJANGO, "python")
    assert [op.column.default for op in found[:2]] == [Default.NONE, Default.APPLICATION]
    assert [(op.whole_table, op.reversible) for op in found if op.kind is OpKind.RUN_CODE] == [
        (True, True),
        (False, False),
    ]
    assert found[-1].state_only
    assert {op.source for op in found} == {"inferred"}


def test_alembic():
    assert told("alembic/versions/1_x.py", ALEMBIC, "python") == [
        "add column orders.total",
        "add column orders.kept",
        "set not null users.mail",
        "add index users.ix",
        "add index orders.i",
        "update rows orders",
        "drop column orders.zip",
        "down drop column orders.total",
    ]


def test_alembic_knows_blocks_outside_the_transaction():
    found = {op.object: op for op in ops("alembic/versions/1_x.py", ALEMBIC, "python")}
    assert not found["orders.i"].in_transaction
    assert found["users.ix"].in_transaction
    assert found["orders.kept"].column.default is Default.CONSTANT


def test_alembic_without_a_way_back():
    (op,) = ops(
        "a/versions/1.py",
        "from alembic import op\ndef upgrade():\n    op.drop_table('x')\ndef downgrade():\n    pass\n",
        "python",
    )
    assert op.reversible is False


def test_rails():
    assert told("db/migrate/1_add_total.rb", RAILS, "ruby") == [
        "add column orders.total",
        "add column orders.kept",
        "add index orders.index_orders_on_user_id_and_state",
        "add column orders.shop_id",
        "add index orders.index_orders_on_shop_id",
        "add foreign key orders.orders_shop_id",
        "drop column orders.zip",
        "set not null orders.mail",
        "update rows orders",
        "update rows orders",
        "down drop table n",
    ]


def test_rails_knows_assurance_and_batches():
    found = ops("db/migrate/1_add_total.rb", RAILS, "ruby")
    assert [op.assured for op in found if op.kind is OpKind.DROP_COLUMN] == [True]
    assert [(op.whole_table, op.batched) for op in found if op.kind is OpKind.UPDATE] == [(True, False), (True, False)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (TYPEORM, "typescript", ["add column orders.total", "drop column orders.zip", "down drop column orders.total"]),
        (
            KNEX,
            "javascript",
            [
                "add column orders.total",
                "add column orders.kept",
                "drop column orders.zip",
                "update rows orders",
                "down drop table orders",
            ],
        ),
        (
            SEQUELIZE,
            "javascript",
            ["add column orders.total", "add index orders.user_id", "drop column orders.zip", "down drop table orders"],
        ),
    ],
    ids=["typeorm", "knex", "sequelize"],
)
def test_javascript_tools(text, language, expected):
    suffix = ".ts" if language == "typescript" else ".js"
    assert told(f"src/migrations/1_total{suffix}", text, language) == expected


def test_required_columns_are_seen_by_every_tool():
    for path, text, language in (
        ("shop/migrations/1.py", DJANGO, "python"),
        ("versions/1.py", ALEMBIC, "python"),
        ("db/migrate/1.rb", RAILS, "ruby"),
        ("migrations/1.ts", TYPEORM, "typescript"),
        ("migrations/1.js", KNEX, "javascript"),
        ("migrations/1.js", SEQUELIZE, "javascript"),
    ):
        column = next(op.column for op in ops(path, text, language) if op.name == "total")
        assert column.not_null, path
        assert column.default is Default.NONE, path


def test_a_file_that_is_no_migration_states_nothing():
    assert ops("a/views.py", "import os\n", "python") == ()
    assert ops("src/routes.ts", "app.get('/up', up)", "typescript") == ()


@given(st.sampled_from([DJANGO, ALEMBIC, RAILS, TYPEORM, KNEX, SEQUELIZE]), st.integers(0, 1500), st.integers(0, 40))
def test_broken_migrations_never_stop_a_run(text, start, length):
    broken = text[:start] + text[start + length :]
    for path, language in (
        ("a/migrations/1.py", "python"),
        ("db/migrate/1.rb", "ruby"),
        ("migrations/1.ts", "typescript"),
    ):
        ops(path, broken, language)


def test_rails_word_arrays():
    text = "class A < ActiveRecord::Migration[7.1]\n  def change\n    add_index :o, %i[a b]\n    remove_columns :o, *%i[c d]\n  end\nend\n"
    assert [(op.name or op.keys, op.keys) for op in ops("db/migrate/1.rb", text, "ruby")] == [
        ("index_o_on_a_and_b", ("a", "b")),
        ("c", ()),
        ("d", ()),
    ]


def test_a_stored_generated_column_is_no_missing_default():
    text = DJANGO.replace("models.DecimalField(max_digits=9)", "models.GeneratedField(db_persist=True, output_field=x)")
    assert ops("shop/migrations/1.py", text, "python")[0].column.default is Default.VOLATILE
