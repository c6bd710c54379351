"""Liquibase, Go functions, db-migrate, MikroORM, knex and Sequelize: what they do to the database, and what does nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.evidence.examined import Text
from reviewer.evidence.sql.ddl import read_all
from reviewer.evidence.sql.operation import Default, OpKind
from reviewer.evidence.sql.read import operations
from reviewer.evidence.tables import schema
from tests.evidence.looking import looked

XML = """<?xml version="1.0"?>
<!DOCTYPE databaseChangeLog [<!ENTITY x "y">]>
<databaseChangeLog xmlns="http://example.test/xml">
  <!-- <dropTable tableName="not_this"/> -->
  <preConditions><tableExists tableName="orders"/></preConditions>
  <changeSet id="1" author="a">
    <preConditions><not><columnExists tableName="orders" columnName="kind"/></not></preConditions>
    <addColumn tableName="orders">
      <column name="kind" type="varchar(20)" defaultValue="plain"><constraints nullable="false"/></column>
      <column name="note" type="text"/>
    </addColumn>
    <createTable tableName="lines">
      <column name="id" type="bigint" autoIncrement="true"><constraints primaryKey="true"/></column>
      <column name="order_id" type="bigint"/>
    </createTable>
    <addForeignKeyConstraint constraintName="fk_lines" baseTableName="lines" baseColumnNames="order_id"
      referencedTableName="orders" referencedColumnNames="id" onDelete="CASCADE"/>
    <createIndex tableName="orders" indexName="i_kind" unique="true"><column name="kind"/></createIndex>
    <sql>UPDATE orders SET note = '' WHERE kind = 'a &amp; b'</sql>
  </changeSet>
  <changeSet id="2" author="a">
    <dropColumn tableName="orders" columnName="zip"/>
    <modifyDataType tableName="orders" columnName="total" newDataType="bigint"/>
    <addNotNullConstraint tableName="orders" columnName="total"/>
    <renameColumn tableName="orders" oldColumnName="a" newColumnName="b"/>
    <rollback/>
  </changeSet>
</databaseChangeLog>
"""
YAML = """databaseChangeLog:
  - changeSet:
      id: 1
      author: a
      changes:
        - addColumn:
            tableName: orders
            columns:
              - column:
                  name: kind
                  type: varchar(20)
                  constraints:
                    nullable: false
        - dropTable:
            tableName: old
        - createIndex:
            tableName: orders
            indexName: i_kind
            columns:
              - column:
                  name: kind
  - include:
      file: other.yaml
"""
GO = """package migrations

func init() { goose.AddMigrationContext(upNote, downNote) }

func upNote(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `
ALTER TABLE orders ADD COLUMN note text;
WITH last AS (SELECT 1)
UPDATE orders SET note = '' WHERE id < 9;
`)
	_, err = tx.Exec("CREATE TABLE lines (id " + db.integer() +
		" not null primary key, note " + db.text() + ")")
	log.Println("DROP TABLE orders")
	return err
}

func downNote(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.Exec(`ALTER TABLE orders DROP COLUMN note`)
	return err
}
"""
XORM = """package migration

var addKind = xormigrate.Migration{
	ID: "add-kind",
	MigrateSession: func(sess *xorm.Session) error {
		type orders struct {
			ID   int64  `xorm:"pk autoincr 'id'"`
			Kind string `xorm:"varchar(20) 'kind'"`
		}
		if err := sess.Sync(new(orders)); err != nil {
			return err
		}
		return dropTableColumns(sess, "orders", "zip")
	},
}
"""
GORM = """package migrations

var note = &gormigrate.Migration{
	Migrate: func(tx *gorm.DB) error {
		if err := tx.AutoMigrate(&model.Order{}); err != nil {
			return err
		}
		return tx.Migrator().AddColumn(&OrderLine{}, "UnitPrice")
	},
	Rollback: func(tx *gorm.DB) error {
		return tx.Migrator().DropColumn(&OrderLine{}, "UnitPrice")
	},
}
"""
DB_MIGRATE = """exports.up = function (db, cb) {
  db.runSql(`ALTER TABLE jobs ADD COLUMN tries INTEGER NOT NULL DEFAULT 0, ALTER COLUMN name DROP NOT NULL;`, cb);
};
exports.down = function (db, cb) { db.runSql('ALTER TABLE jobs DROP COLUMN tries', cb); };
"""
MIKRO = """export class Migration1 extends Migration {
  async up(): Promise<void> { this.addSql('alter table "orders" add column "kind" text not null default \\'a\\';') }
  async down(): Promise<void> { this.addSql('alter table "orders" drop column "kind";') }
}
"""
KNEX = """exports.up = (knex) => knex.schema.createTable('keys', (table) => {
  table.increments();
  table.string('key').notNullable().unique();
  table
    .integer('user_id')
    .index()
    .references('id')
    .inTable('users');
  table.dateTime('until').nullable();
  table.timestamps();
}).alterTable('orders', (table) => { table.dropIndex(['kind']); });
exports.down = (knex) => knex.schema.dropTable('keys');
"""
SEQUELIZE = """module.exports = {
  up: async (queryInterface, Sequelize) => {
    await queryInterface.createTable('lines', { id: { type: Sequelize.UUID, primaryKey: true }, note: { type: Sequelize.TEXT, allowNull: false } });
    await queryInterface.removeIndex('orders', ['kind', 'zip']);
    await queryInterface.sequelize.query(`CREATE UNIQUE INDEX \\`i\\` ON \\`orders\\` (\\`kind\\`)`);
  },
  down: async () => {},
};
"""
RAILS = """class A < ActiveRecord::Migration[8.0]
  def up
    remove_check_constraint :orders, name: "c"
    remove_foreign_key :orders, :users
    add_timestamps :orders, null: true
  end
end
"""
EXTENSION = "from django.contrib.postgres.operations import BtreeGinExtension\nfrom django.db import migrations\n\nclass Migration(migrations.Migration):\n    operations = [BtreeGinExtension()]\n"
CASES = {
    "db/changelog/1.xml": (
        "",
        XML,
        [
            "add column orders.kind", "add column orders.note", "create table lines", "add foreign key lines.fk_lines",
            "add index orders.i_kind", "update rows orders", "drop column orders.zip", "change column type orders.total",
            "set not null orders.total", "rename column orders.a",
        ],
    ),
    "db/changelog/1.yaml": ("", YAML, ["add column orders.kind", "drop table old", "add index orders.i_kind"]),
    "db/migrations/1_note.go": (
        "go", GO,
        ["add column orders.note", "update rows orders", "create table lines", "down drop column orders.note"],
    ),
    "migration/2_kind.go": ("go", XORM, ["add column orders.kind", "drop column orders.zip"]),
    "migrations/3.go": (
        "go", GORM, ["other order", "add column order_line.unit_price", "down drop column order_line.unit_price"],
    ),
    "src/migrations/4.js": (
        "javascript", DB_MIGRATE, ["add column jobs.tries", "drop not null jobs.name", "down drop column jobs.tries"],
    ),
    "src/migrations/5.ts": ("typescript", MIKRO, ["add column orders.kind", "down drop column orders.kind"]),
    "src/migrations/6.js": (
        "javascript", KNEX,
        ["create table keys", "add index keys.key", "add index keys.user_id", "drop index orders.kind", "down drop table keys"],
    ),
    "src/migrations/7.js": (
        "javascript", SEQUELIZE, ["create table lines", "drop index orders.kind_zip", "add index orders.i"],
    ),
    "db/migrate/8_a.rb": (
        "ruby", RAILS,
        ["drop constraint orders.c", "drop constraint orders.users", "add column orders.created_at", "add column orders.updated_at"],
    ),
    "shop/migrations/9.py": ("python", EXTENSION, ["other btree_gin"]),
}  # fmt: skip


def told(path):
    language, text, _ = CASES[path]
    return operations(path, Text(text, language))


@pytest.mark.parametrize("path", CASES)
def test_operations(path):
    assert [f"{'down ' * op.down}{op.kind} {op.object}" for op in told(path)] == CASES[path][2]


@pytest.mark.parametrize("path", CASES)
def test_every_operation_lies_in_the_file(path):
    last = CASES[path][1].count("\n") + 1
    assert all(op.path == path and 1 <= op.line <= max(op.line, op.end_line) <= last for op in told(path))


def test_columns_and_keys_are_read_as_they_are_written():
    kind, _, lines, key, index, *_ = told("db/changelog/1.xml")
    assert kind.column is not None
    assert (kind.column.type, kind.column.not_null, kind.column.default) == ("varchar(20)", True, Default.CONSTANT)
    assert [(c.name, c.primary_key, c.default) for c in lines.columns] == [
        ("id", True, Default.VOLATILE),
        ("order_id", False, Default.NONE),
    ]
    assert (key.keys, key.references, key.on_delete) == (("order_id",), "orders", "CASCADE")
    assert (index.keys, index.unique) == (("kind",), True)
    assert [
        c.name for c in told("src/migrations/6.js")[0].columns
    ] == "id key user_id until created_at updated_at".split()
    assert [c.name for c in told("src/migrations/7.js")[0].columns] == ["id", "note"]


def test_what_liquibase_undoes_by_itself_is_reversible():
    assert [op.reversible for op in told("db/changelog/1.xml")] == [True] * 5 + [False] + [True] * 4
    assert [op.reversible for op in told("db/changelog/1.yaml")] == [True, False, True]


def test_joined_sql_is_inferred_and_whole_sql_is_parsed():
    assert [op.source for op in told("db/migrations/1_note.go")] == ["parsed", "parsed", "inferred", "parsed"]


@pytest.mark.parametrize(
    ("path", "language", "text"),
    [
        ("db/orders.go", "go", GO),  # no migration by name
        ("db/migrations/1_test.go", "go", GO),
        ("config/pom.xml", "", "<project><dropTable tableName='x'/></project>"),
        ("config/a.yaml", "", "changes:\n  - dropTable:\n      tableName: x\n"),
        ("src/orders.js", "javascript", DB_MIGRATE),
    ],
)
def test_what_is_no_migration_states_nothing(path, language, text):
    assert operations(path, Text(text, language)) == ()


@pytest.mark.parametrize(
    ("sql", "kind", "table", "whole"),
    [
        ("DELETE o FROM orders o JOIN old x ON x.id = o.id", OpKind.DELETE, "orders", False),
        ("WITH x AS (DELETE FROM no RETURNING id) UPDATE orders SET a = 1", OpKind.UPDATE, "orders", True),
        ("WITH x AS (SELECT 1) DELETE FROM orders WHERE id IN (SELECT 1)", OpKind.DELETE, "orders", False),
    ],
)
def test_statements_behind_other_words(sql, kind, table, whole):
    (op,) = read_all(sql)
    assert (op.kind, op.table, op.whole_table) == (kind, table, whole)


def test_a_query_with_a_name_changes_nothing():
    assert read_all("WITH x AS (SELECT 1) SELECT * FROM x") == ()


def rows(base, head):
    return [f"{row.cells[0]}: {row.cells[1]}" for row in schema.table(looked(base, head), ()).rows]


def test_a_create_table_edited_in_place_is_told_by_its_columns():
    path, text = "migrations/001_users.sql", "CREATE TABLE users (\n  id int primary key,\n  name text\n);\n"
    assert rows({path: text}, {path: text.replace("name text", "name text,\n  mail text not null")}) == [
        "users.mail: add column text not null [edited in place]"
    ]


@pytest.mark.parametrize(
    ("migration", "expected"),
    [
        ("ALTER TABLE user_settings ADD COLUMN sound text", ["user_settings.sound: add column text"]),
        (
            "ALTER TABLE other ADD COLUMN thing text",
            [
                "other.thing: add column text",
                "UserSettings.sound: add column string [model changed, no migration in this change]",
            ],
        ),
    ],
)
def test_a_model_is_covered_by_the_migration_of_its_table_however_that_is_spelt(migration, expected):
    entity = "@Entity()\nexport class UserSettings {\n  @Column({ nullable: true })\n  public a: string;\n}\n"
    head = entity.replace("}\n}", "}\n}").replace(
        "  public a: string;\n", "  public a: string;\n\n  @Column({ nullable: true })\n  public sound: string;\n"
    )
    files = {"src/entity/UserSettings.ts": head, "migrations/002_x.sql": migration + ";\n"}
    assert sorted(rows({"src/entity/UserSettings.ts": entity}, files)) == sorted(expected)


def test_an_upgrade_folder_holds_migrations():
    (row,) = schema.table(
        looked({}, {"data/upgrade/4.2/schema_update.sql": "CREATE INDEX i ON orders (kind);\n"}), ()
    ).rows
    assert row.cells[1].startswith("add index")


@settings(max_examples=60)
@given(st.sampled_from(sorted(CASES)), st.integers(0, 600), st.integers(0, 60))
def test_broken_migrations_never_stop_a_run(path, start, length):
    language, text, _ = CASES[path]
    operations(path, Text(text[:start] + text[start + length :], language))


@pytest.mark.parametrize(
    "text",
    [
        "<databaseChangeLog>" + "<changeSet>" * 20_000,
        "<databaseChangeLog" + " a='" * 20_000,
        "<databaseChangeLog>" + "<!--" * 20_000,
        "<databaseChangeLog>" + "<?" * 20_000,
        "databaseChangeLog: " + "[" * 5_000,
        "databaseChangeLog:\n" + "".join(f"{'  ' * n}- changeSet:\n" for n in range(900)),
        "a: &a [x]\ndatabaseChangeLog: [" + "*a, " * 10_000 + "]",
        '{"databaseChangeLog": 7, "x": [null, {"changeSet": []}]}',
    ],
)
def test_hostile_changelogs_end(text):
    operations("db/changelog/x.xml", Text(text))


def test_a_long_chain_of_go_strings_ends():
    chain = '"CREATE " + ' * 1_500
    operations("migrations/a.go", Text(f'package a\nfunc up(tx *sql.Tx) {{ tx.Exec({chain}"x") }}\n', "go"))
