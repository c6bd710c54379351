"""protobuf, GraphQL and Avro."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.evidence.contracts import avro, graphql, proto

PROTO = """\
syntax = "proto3";
package shop.v1;
// an order
message Order {
  string id = 1;
  int32 qty = 2;
  repeated Item items = 3;
  oneof how { string card = 4; string cash = 5; }
  map<string, int32> notes = 6;
  State state = 7;
  reserved 20 to 30, 40;
  reserved "old";
  message Item { string sku = 1; }
}
enum State { OPEN = 0; PAID = 1; }
service Shop {
  rpc Get (GetRequest) returns (Order) { option (google.api.http) = { get: "/v1/x" }; }
  rpc Watch (GetRequest) returns (stream Order);
}
"""
SDL = """\
type Query {
  order(id: ID!): Order
  orders: [Order!]!
}
type Order @key(fields: "id") {
  id: ID!
  note: String
  state: State
}
enum State { OPEN PAID }
input NewOrder { note: String }
"""
RECORD = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "int"},
        {"name": "note", "type": "string"},
        {"name": "at", "type": "long", "default": 0},
    ],
}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  int32 qty = 2;\n", "", ("breaking", "field-removed")),
        ("  int32 qty = 2;\n", "  reserved 2;\n", ("dangerous", "field-removed")),
        ("int32 qty = 2", "string qty = 2", ("breaking", "field-type-changed")),
        ("int32 qty = 2", "int64 qty = 2", ("dangerous", "field-type-changed")),
        ("int32 qty = 2", "int32 count = 2", ("dangerous", "field-renamed")),
        ("int32 qty = 2", "string count = 2", ("breaking", "field-number-reused")),
        ("int32 qty = 2", "int32 qty = 9", ("breaking", "field-number-changed")),
        ("int32 qty = 2", "repeated int32 qty = 2", ("breaking", "field-cardinality-changed")),
        ("int32 qty = 2", "optional int32 qty = 2", None),
        ("  reserved 20", "  string x = 25;\n  reserved 20", ("breaking", "reserved-number-reused")),
        ("  reserved 20", "  string x = 8;\n  reserved 20", ("safe", "field-added")),
        ("string cash = 5; }", "}\n string cash = 5;", ("dangerous", "field-oneof-changed")),
        (" PAID = 1;", "", ("breaking", "enum-value-removed")),
        (" PAID = 1;", " PAID = 2;", ("breaking", "enum-number-changed")),
        (" PAID = 1;", " PAID = 1; VOID = 2;", ("dangerous", "enum-value-added")),
        ("rpc Watch", "rpc Follow", ("breaking", "rpc-removed")),
        ("returns (stream Order)", "returns (Order)", ("breaking", "rpc-response-changed")),
        ("package shop.v1", "package shop.v2", ("breaking", "package-changed")),
        ("// an order", "// the order", None),
    ],
)
def test_proto(old, new, expected):
    assert old in PROTO
    found = {(change.level.value, change.kind) for change in proto.diff(PROTO, PROTO.replace(old, new))}
    assert (expected in found) if expected else not found


def test_an_alpha_package_is_not_stable():
    alpha = PROTO.replace("shop.v1", "shop.v1alpha1")
    assert {change.unstable for change in proto.diff(alpha, alpha.replace("  int32 qty = 2;\n", ""))} == {True}


@pytest.mark.parametrize(
    ("old", "new", "expected", "line"),
    [
        ("  note: String\n", "", ("breaking", "field-removed"), 7),
        ("order(id: ID!)", "order(id: ID!, lang: String!)", ("breaking", "required-arg-added"), 2),
        ("note: String }", "note: String, total: Int! }", ("breaking", "required-input-field-added"), 11),
        ("OPEN PAID", "OPEN", ("breaking", "value-removed-from-enum"), 10),
        ("OPEN PAID", "OPEN PAID VOID", ("dangerous", "value-added-to-enum"), 10),
        ("  note: String\n", "  note: String\n  total: Int\n", ("safe", "field-added"), 8),
        ('@key(fields: "id")', "", None, 0),
    ],
)
def test_graphql(old, new, expected, line):
    assert old in SDL
    found = {(change.level.value, change.kind): change.line for change in graphql.diff(SDL, SDL.replace(old, new))}
    assert (found.get(expected) == line) if expected else not found


def test_graphql_with_types_of_other_files():
    base = "extend type Query { me: Account }\ntype Box { at: DateTime }\n"
    assert [change.subject for change in graphql.diff(base, base.replace("at: DateTime", "in: Int"))] == [
        "Box.at",
        "Box.in",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            [{"name": "id", "type": "int"}, {"name": "at", "type": "long", "default": 0}],
            {("breaking", "field-removed")},
        ),
        (RECORD["fields"][:2], {("dangerous", "field-removed")}),
        ([*RECORD["fields"], {"name": "x", "type": "int"}], {("breaking", "field-added")}),
        ([*RECORD["fields"], {"name": "x", "type": "int", "default": 1}], {("safe", "field-added")}),
        ([{"name": "id", "type": "long"}, *RECORD["fields"][1:]], {("safe", "field-type-changed")}),
        ([{"name": "id", "type": "string"}, *RECORD["fields"][1:]], {("breaking", "field-type-changed")}),
        ([{"name": "key", "type": "int", "aliases": ["id"]}, *RECORD["fields"][1:]], set()),
    ],
)
def test_avro(fields, expected):
    found = avro.diff(json.dumps(RECORD), json.dumps({**RECORD, "fields": fields}))
    assert {(change.level.value, change.kind) for change in found} == expected


@given(
    st.sampled_from([(proto, PROTO), (graphql, SDL), (avro, json.dumps(RECORD))]),
    st.integers(0, 700),
    st.integers(0, 20),
    st.sampled_from(["", "{", "}", "(", '"', "message", "= 1;", "[", "!"]),
)
def test_damaged_contracts_never_raise_and_equal_ones_do_not_differ(differ, start, length, put):
    module, text = differ
    damaged = text[:start] + put + text[start + length :]
    module.diff(text, damaged)
    module.diff(damaged, text)
    assert module.diff(damaged, damaged) == ()


@given(st.text(max_size=200))
def test_any_text_is_survived(text):
    for module in (proto, graphql, avro):
        module.diff(text, "")
        module.diff("", text)


def test_nesting_without_end_is_survived():
    assert graphql.diff("type A { a(b: [[[[" * 200, SDL) == ()
    proto.diff("message A {" * 5_000, PROTO)
    avro.diff('{"type":' * 50_000, "")


def test_a_new_graphql_type_is_one_row_however_many_fields_it_has():
    base = "type Query { order: Order }\ntype Order { id: ID }\n"
    head = base.replace("{ id: ID }", "{ id: ID note: String }") + "input Filter { a: Int b: Int }\n"
    added = [
        (change.subject, change.verb, change.detail) for change in graphql.diff(base, head) if change.verb == "added"
    ]
    assert added == [("Filter", "added", "added, fields: 2"), ("Order.note", "added", "`note: String` added")]
