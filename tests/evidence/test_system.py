from __future__ import annotations

import pytest

from reviewer.evidence.system import busy_in, public

FACTS = """tables:
  orders: 400 million rows, 2,000 writes a second
  order_items: 3,000,000,000
  countries: 250 rows
  audit_log: the largest one we have, it is a big one
  flags: a small table, never a large one
"""


@pytest.mark.parametrize(
    ("table", "busy"),
    [
        ("orders", True),
        ("order_items", True),
        ("OrderItem", True),
        ("audit_log", True),
        ("countries", False),
        ("flags", False),
        ("customers", False),
        ("", False),
    ],
)
def test_a_table_is_busy_where_a_line_gives_it_many_rows(table, busy):
    assert bool(busy_in(FACTS, table)) is busy


@pytest.mark.parametrize(
    "line",
    ["orders has 5M rows", "orders: 1.2 bn", "hot: [orders, carts]", "orders is large", "hot:\n- carts\n- orders\n"],
)
def test_size_may_be_said_in_several_ways(line):
    assert "orders" in busy_in(line, "orders")


@pytest.mark.parametrize(
    "line",
    [
        "orders: 99.95 % available",
        "orders: 900k",
        "orders belong to checkout",
        "orders: 12_000",
        "hot:\n- carts\nkept:\n- orders\n",
    ],
)
def test_other_numbers_are_no_size(line):
    assert busy_in(line, "orders") == ""


@pytest.mark.parametrize(
    ("facts", "path", "fits"),
    [
        ("The API is public.", "openapi.yaml", False),  # what is public must stand beside the word
        ("Partners build against our public API.", "openapi.yaml", True),
        ("public-contracts: [api/openapi.yaml]", "api/openapi.yaml", True),
        ("public-contracts: [api/openapi.yaml]", "internal/queue.proto", False),
        ("public-contracts:\n- api/v1/**\n", "api/v1/orders.proto", True),
        ("public-contracts:\n- api/v1/**\n", "api/v2/orders.proto", False),
        ("We have no public API.", "openapi.yaml", False),
        ("", "openapi.yaml", False),
    ],
)
def test_a_contract_is_public_where_the_facts_say_so(facts, path, fits):
    assert public(facts, path) is fits
