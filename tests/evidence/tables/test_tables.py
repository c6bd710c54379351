from __future__ import annotations

import re

import pytest

from reviewer.evidence.contracts.detect import detect as contract_signals
from reviewer.evidence.engine import number
from reviewer.evidence.sql.detect import detect as sql_signals
from reviewer.evidence.tables import api, authorization, performance, schema
from reviewer.evidence.tables.indexes import filter_columns
from reviewer.nouns.review import Deliverable
from tests.evidence.looking import looked

APP = """
router = APIRouter(prefix="/api")

@router.get("/a", dependencies=[Depends(require_user)])
def a(): pass

@router.get("/b", dependencies=[Depends(require_user)])
def b(): pass

@router.get("/c", dependencies=[Depends(require_user)])
def c(): pass

@router.delete("/d", dependencies=[Depends(require_admin)])
def d():
    Order.objects.filter(state=1)
"""
SPEC = "openapi: 3.0.0\npaths:\n  /api/a:\n    get: {responses: {'200': {description: x}}}\n  /api/d:\n    delete: {responses: {'204': {description: x}}}\n"
TABLES = {
    "api": api.table,
    "schema": schema.table,
    "authorization": authorization.table,
    "performance": performance.table,
}


def cells(table: Deliverable, column: str) -> list[str]:
    return [row.cells[table.columns.index(column)] for row in table.rows]


@pytest.mark.parametrize("name", TABLES)
def test_an_untouched_section_has_no_rows_and_says_what_was_looked_at(name):
    table = TABLES[name](looked({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}), ())
    assert (table.columns, table.rows, table.diagram) == ((), (), "")
    assert table.inspected


def test_every_row_has_a_place_a_source_and_all_cells():
    base = {"a.py": APP, "openapi.yaml": SPEC, "db/schema.sql": "create table t (a int);\n"}
    head = {
        "a.py": APP.replace('/d", dependencies=[Depends(require_admin)]', '/e"'),
        "openapi.yaml": SPEC.replace("/api/a", "/api/z"),
        "db/schema.sql": "create table t (a bigint);\n",
        "migrations/1_x.sql": "CREATE INDEX i ON o (a);\n",
    }
    change = looked(base, head)
    signals = number([*sql_signals(change).signals, *contract_signals(change).signals])
    for make in TABLES.values():
        table = make(change, signals)
        assert make(change, signals) == table
        for row in table.rows:
            assert len(row.cells) == len(table.columns)
            assert change.file(row.path) is not None
            assert row.line >= 1
            assert row.source in {"parsed", "inferred"}


def test_schema_rows_say_price_and_safe_way():
    base = {"requirements.txt": "psycopg2\n", "shop/orders.py": "orders = x.zip\n"}
    sql = "ALTER TABLE orders ADD total int NOT NULL;\nALTER TABLE orders DROP COLUMN zip;\nCREATE TABLE t (id int);\nCREATE INDEX i ON t (id);\n"
    change = looked(base, {**base, "migrations/1_x.sql": sql})
    table = schema.table(change, number(list(sql_signals(change).signals)))
    assert cells(table, "object") == ["orders.total", "orders.zip", "t", "t.i"]
    assert cells(table, "lock")[:3] == ["ACCESS EXCLUSIVE, short", "ACCESS EXCLUSIVE, short", "none on existing tables"]
    assert cells(table, "old code safe") == [
        "no: its INSERTs lack the column",
        "no: base code names it at shop/orders.py:1",
        "yes",
        "yes",
    ]
    assert cells(table, "reversible")[:2] == ["by hand: no way back is stated", "no: the data is lost"]
    assert "VALIDATE CONSTRAINT" in cells(table, "safe sequence")[0]
    assert [row.signals for row in table.rows] == [("S1",), ("S2",), (), ()]
    assert table.diagram.startswith("erDiagram\n    orders {")


def test_a_way_back_in_another_file_counts():
    change = looked(
        {},
        {
            "m/migrations/1_x.up.sql": "ALTER TABLE o ADD a int;\n",
            "m/migrations/1_x.down.sql": "ALTER TABLE o DROP a;\n",
        },
    )
    assert cells(schema.table(change, ()), "reversible") == ["yes"]


@pytest.mark.parametrize(
    ("path", "base", "old", "new", "expected"),
    [
        (
            "prisma/schema.prisma",
            "model User {\n  id Int @id\n  name String?\n}\n",
            "String?",
            "String",
            ["set not null"],
        ),
        (
            "shop/models.py",
            "class Order(models.Model):\n    a = models.IntegerField()\n",
            "    a = models.IntegerField()",
            "    b = models.IntegerField()",
            ["add column IntegerField not null", "drop column"],
        ),
        (
            "m.py",
            'class O(Base):\n    __tablename__ = "o"\n    a: Mapped[int] = mapped_column()\n',
            "Mapped[int]",
            "Mapped[str]",
            ["change column type str"],
        ),
        (
            "u.entity.ts",
            "@Entity('users')\nexport class User {\n  @Column()\n  a: string;\n}\n",
            "@Column()",
            "@Column({ nullable: true })",
            ["drop not null"],
        ),
        (
            "O.java",
            "@Entity\npublic class O {\n    @Id\n    private Long id;\n}\n",
            "Long id;",
            "Long id;\n    private String x;",
            ["add column String"],
        ),
        ("db/schema.rb", 'create_table "o" do |t|\n  t.string "a"\nend\n', '"a"', '"a", null: false', ["set not null"]),
        ("db/schema.sql", "create table o (\n a int\n);\n", "a int", "a int,\n b int", ["add column int"]),
        (
            "m.go",
            'package m\ntype P struct {\n\tgorm.Model\n\tA string `gorm:"size:9"`\n}\n',
            "A string",
            "A int64",
            ["change column type int64"],
        ),
    ],
)
def test_a_model_without_a_migration_is_a_row(path, base, old, new, expected):
    assert old in base
    table = schema.table(looked({path: base}, {path: base.replace(old, new)}), ())
    mark = " [model changed, no migration in this change]"
    assert [cell.removesuffix(mark) for cell in cells(table, "operation")] == expected
    assert {row.source for row in table.rows} == {"inferred"}


def test_a_model_with_its_migration_is_not_told_twice():
    base = {"shop/models.py": "class Order(models.Model):\n    a = models.IntegerField()\n"}
    migration = "from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [migrations.AddField('order', 'b', models.IntegerField(null=True))]\n"
    head = {
        "shop/models.py": base["shop/models.py"] + "    b = models.IntegerField(null=True)\n",
        "shop/migrations/0002_b.py": migration,
    }
    assert cells(schema.table(looked(base, head), ()), "object") == ["shop_order.b"]


def test_code_and_specification_are_compared():
    head = {"a.py": APP.replace('router.get("/c"', 'router.get("/new"'), "openapi.yaml": SPEC}
    table = api.table(looked({"a.py": APP, "openapi.yaml": SPEC}, head), ())
    assert cells(table, "method and path") == ["GET /api/new"]
    assert cells(table, "change") == ["was GET /api/c"]
    assert cells(table, "note") == ["spec not updated: openapi.yaml lacks GET /api/new"]


def test_a_removed_route_the_specification_still_has():
    cut = APP[: APP.index("@router.delete")]
    table = api.table(looked({"a.py": APP, "openapi.yaml": SPEC}, {"a.py": cut, "openapi.yaml": SPEC}), ())
    assert cells(table, "note") == ["spec not updated: openapi.yaml still has DELETE /api/d"]
    assert cells(table, "breaking") == ["breaking"]


def test_request_and_response_fields_stand_with_their_route():
    base = {"a.py": "", "s.py": "class OrderIn(BaseModel):\n    id: int\nclass Other(BaseModel):\n    a: int\n"}
    head = {
        "a.py": '@app.post("/o")\nasync def o(body: OrderIn): pass\n',
        "s.py": "class OrderIn(BaseModel):\n    id: int\n    note: str\nclass Other(BaseModel):\n    b: int\n",
    }
    table = api.table(looked(base, head), ())
    assert cells(table, "method and path") == ["POST /o", "type Other"]
    assert cells(table, "request")[0] == "OrderIn: `note: str` added, required"


def test_contract_rows_name_their_signals_and_users():
    base = {"a.proto": 'syntax = "proto3";\nmessage M {\n  string a = 1;\n}\n'}
    change = looked(base, {"a.proto": 'syntax = "proto3";\nmessage M {\n  int32 a = 1;\n}\n'})
    table = api.table(change, number(list(contract_signals(change).signals)))
    assert [(row.cells[0], row.cells[5], row.signals) for row in table.rows] == [("message M", "breaking", ("S1",))]


def test_a_lost_guard_is_told_before_and_after():
    table = authorization.table(
        looked({"a.py": APP}, {"a.py": APP.replace(", dependencies=[Depends(require_admin)]", "")}), ()
    )
    (row,) = table.rows
    assert row.cells[:6] == (
        "DELETE /api/d",
        "require_admin",
        "none seen",
        "anyone, unless a guard stands elsewhere",
        "Order",
        "none seen",
    )
    assert row.cells[6] == "lost: require_admin; 3 of 3 siblings in this file are guarded"
    assert "Note over G1: no longer passed" in table.diagram


def test_a_new_open_route_is_told():
    head = APP + '\n@router.post("/hook")\nasync def hook():\n    audit("x")\n'
    (row,) = authorization.table(looked({"a.py": APP}, {"a.py": head}), ()).rows
    assert (row.cells[0], row.cells[1], row.cells[5]) == ("POST /api/hook", "did not exist", "yes")


def test_io_per_route_with_loop_bound_and_index():
    base = {
        "a.py": APP,
        "prisma/schema.prisma": "model Item {\n  id Int @id\n  order_id Int\n  @@index([order_id])\n}\n",
    }
    body = (
        "    for o in Order.objects.filter(state=1):\n        Item.objects.get(order_id=o.id)\n    requests.get(url)\n"
    )
    head = {**base, "a.py": APP.replace("    Order.objects.filter(state=1)\n", body)}
    table = performance.table(looked(base, head), ())
    assert cells(table, "path") == ["DELETE /api/d", "DELETE /api/d"]
    assert cells(table, "in a loop") == ["yes, over Order.objects.filter(state=1)", "no"]
    assert cells(table, "bounded by") == ["one row", "one call"]
    assert cells(table, "index support") == ["order_id: index on Item", ""]
    assert cells(table, "timeout, pool, cache") == ["", "no timeout seen in the call"]


def test_a_changed_limit_is_a_row():
    table = performance.table(looked({"c.py": "POOL_SIZE = 5\nX = 1\n"}, {"c.py": "POOL_SIZE = 50\nX = 2\n"}), ())
    assert [(row.cells[0], row.cells[5]) for row in table.rows] == [("POOL_SIZE", "5 → 50")]


def test_diagrams_hold_no_foreign_syntax():
    hostile = 'CREATE TABLE "x}|{;`<script>" ("a"" b" int, "c;d" text REFERENCES "p q");\n'
    diagram = schema.table(looked({}, {"migrations/1_x.sql": hostile}), ()).diagram
    assert not re.search(r"[`<>;]", diagram)


def test_tables_are_bounded():
    sql = "".join(f"ALTER TABLE o ADD c{i} int;\n" for i in range(500))
    table = schema.table(looked({}, {"migrations/1_x.sql": sql}), ())
    assert len(table.rows) == schema.MOST_ROWS
    assert "300 more rows not shown" in table.inspected


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("User.objects.filter(profile__role='x', mail__icontains='y', age=3)", ("mail", "age")),
        ("prisma.stat.update({ where: { orgId_period: { orgId, period } } })", ()),
        ("prisma.envelope.findFirst({ where: { directLink: { token } } })", ()),
        ("prisma.order.findMany({ where: { userId: user.id } })", ("userId",)),
    ],
)
def test_of_joined_tables_and_keys_of_several_columns_nothing_is_said(query, columns):
    assert filter_columns(query) == columns


def test_limits_on_how_one_calls_are_not_who_may_call():
    go = 'package a\n\nfunc routes(r *gin.Engine) {\n\tr.POST("/x", rateLimitMiddleware, authMiddleware.Add(), handle)\n}\n'
    (row,) = authorization.table(looked({}, {"a/routes.go": go}), ()).rows
    assert row.cells[3] == "callers that pass authMiddleware.Add()"


def test_of_a_row_that_is_written_no_bound_and_no_index_is_told():
    ruby = "class A\n  def call\n    Order.create!(topic: x)\n    Order.where(a: 1)\n  end\nend\n"
    rows = performance.table(looked({}, {"app/services/a.rb": ruby}), ()).rows
    assert [(row.cells[1], row.cells[3]) for row in rows] == [
        ("database: Order.create!", ""),
        ("database: Order.where", "nothing seen"),
    ]
    assert rows[0].cells[4] == ""
