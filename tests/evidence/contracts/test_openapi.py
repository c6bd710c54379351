from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.evidence.contracts.change import Level, Part
from reviewer.evidence.contracts.load import load
from reviewer.evidence.contracts.openapi import diff

SPEC = """\
openapi: 3.0.3
info: {title: Shop, version: "1"}
security: [{bearer: []}]
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Order'}}}}
    post:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses: {"201": {description: made}}
  /orders/{id}:
    delete:
      responses: {"204": {description: gone}}
components:
  schemas:
    Order:
      type: object
      required: [id]
      properties:
        id: {type: integer}
        state: {type: string, enum: [open, paid]}
        parent: {$ref: '#/components/schemas/Order'}
"""


def kinds(head: str, base: str = SPEC) -> set[tuple[str, str, str]]:
    return {(change.level.value, change.kind, change.subject) for change in diff(base, head)}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '  /orders/{id}:\n    delete:\n      responses: {"204": {description: gone}}\n',
            "",
            ("breaking", "path-removed", "DELETE /orders/{id}"),
        ),
        ("    delete:", "    put:", ("breaking", "operation-removed", "DELETE /orders/{id}")),
        ("    delete:", "    put:", ("safe", "operation-added", "PUT /orders/{id}")),
        (
            "- {name: limit",
            "- {name: q, in: query, required: true}\n        - {name: limit",
            ("breaking", "required-parameter-added", "GET /orders"),
        ),
        (
            "- {name: limit",
            "- {name: q, in: query}\n        - {name: limit",
            ("safe", "parameter-added", "GET /orders"),
        ),
        (
            "{name: limit, in: query,",
            "{name: limit, in: query, required: true,",
            ("breaking", "parameter-became-required", "GET /orders"),
        ),
        ("maximum: 100", "maximum: 10", ("breaking", "request-bound-tightened", "GET /orders")),
        (
            "schema: {type: integer, maximum: 100}",
            "schema: {type: string}",
            ("breaking", "request-type-changed", "GET /orders"),
        ),
        (
            "schema: {type: integer, maximum: 100}",
            "schema: {type: number, maximum: 100}",
            ("safe", "request-type-changed", "GET /orders"),
        ),
        (
            "      requestBody:\n",
            "      requestBody:\n        required: true\n",
            ("breaking", "request-body-required", "POST /orders"),
        ),
        (
            '{"201": {description: made}}',
            '{"202": {description: made}}',
            ("breaking", "response-status-removed", "POST /orders"),
        ),
        ("    post:\n", "    post:\n      security: []\n", ("breaking", "security-removed", "POST /orders")),
        ("    post:\n", "    post:\n      security: [{admin: []}]\n", ("breaking", "security-changed", "POST /orders")),
        ("required: [id]", "required: [id, state]", ("breaking", "request-property-became-required", "schema Order")),
        ("required: [id]", "required: []", ("breaking", "response-property-became-optional", "schema Order")),
        ("id: {type: integer}", "id: {type: string}", ("breaking", "response-type-changed", "schema Order")),
        ("[open, paid]", "[open]", ("breaking", "enum-value-removed", "schema Order")),
        ("[open, paid]", "[open, paid, void]", ("dangerous", "enum-value-added", "schema Order")),
        (
            "        state: {type: string, enum: [open, paid]}\n",
            "",
            ("breaking", "response-property-removed", "schema Order"),
        ),
        (
            "required: [id]",
            "additionalProperties: false\n      required: [id]",
            ("dangerous", "request-closed", "schema Order"),
        ),
        ("type: object\n", "type: object\n      x: 1\n", None),
        ("/orders/{id}", "/orders/{orderId}", None),
    ],
)
def test_each_kind_of_change(old, new, expected):
    assert old in SPEC
    found = kinds(SPEC.replace(old, new))
    assert (expected in found) if expected else not found


def test_a_shared_schema_is_told_once_with_its_users():
    found = [
        change
        for change in diff(SPEC, SPEC.replace("id: {type: integer}", "id: {type: string}"))
        if change.part is Part.RESPONSE
    ]
    assert [(change.subject, change.users) for change in found] == [("schema Order", ("GET /orders",))]


def test_lines_are_of_the_side_that_has_it():
    (change,) = [item for item in diff(SPEC, SPEC.replace("/orders/{id}", "/x/{id}")) if item.kind == "path-removed"]
    assert (change.in_base, SPEC.split("\n")[change.line - 1].strip()) == (True, "delete:")


def test_an_alpha_path_and_a_deprecated_operation_are_not_stable():
    alpha = SPEC.replace("/orders/{id}", "/v1alpha/orders/{id}")
    assert [change.unstable for change in diff(alpha, SPEC) if change.kind == "path-removed"] == [True]
    deprecated = SPEC.replace("    delete:\n", "    delete:\n      deprecated: true\n")
    head = SPEC.replace("/orders/{id}", "/x")
    assert [change.unstable for change in diff(deprecated, head) if change.kind == "path-removed"] == [True]


def test_json_and_swagger_two():
    base = {
        "swagger": "2.0",
        "basePath": "/v1",
        "paths": {
            "/a": {
                "post": {
                    "parameters": [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/A"}}],
                    "responses": {"200": {"schema": {"$ref": "#/definitions/A"}}},
                }
            }
        },
        "definitions": {"A": {"type": "object", "properties": {"x": {"type": "string"}}}},
    }
    head = json.loads(json.dumps(base))
    head["definitions"]["A"]["properties"] = {"y": {"type": "string"}}
    found = diff(json.dumps(base, indent=1), json.dumps(head, indent=1))
    assert ("response-property-removed", "schema A", Level.BREAKING) in {
        (change.kind, change.subject, change.level) for change in found
    }
    assert {change.users for change in found} == {("POST /v1/a",)}


def test_a_new_and_a_deleted_document():
    assert {change.kind for change in diff("", SPEC)} == {"operation-added"}
    assert {change.kind for change in diff(SPEC, "")} == {"path-removed"}
    assert diff(SPEC, "not: [a spec") == ()


def test_references_that_loop_or_lead_nowhere_end():
    loop = SPEC.replace(
        "    Order:\n      type: object\n", "    Order:\n      $ref: '#/components/schemas/Order'\n      type: object\n"
    )
    assert isinstance(diff(loop, SPEC), tuple)
    assert isinstance(diff(SPEC.replace("schemas/Order'", "schemas/None'"), SPEC), tuple)


def test_hostile_documents_are_refused_or_survive():
    bomb = "a: &a [x,x]\n" + "".join(
        f"b{i}: &b{i} [*{'a' if i == 0 else f'b{i - 1}'},*{'a' if i == 0 else f'b{i - 1}'}]\n" for i in range(40)
    )
    assert load("openapi: 3.0.0\n" + bomb) is not None  # shared, never expanded
    assert diff(SPEC + bomb, SPEC + bomb) == ()
    assert load("[" * 5_000) is None
    assert load("a: !!python/object/apply:os.system [true]") is None
    assert load("x" * 6_000_000) is None
    assert load("{" + '"a":{' * 100_000) is None


@given(
    st.integers(0, len(SPEC)), st.integers(0, 30), st.sampled_from(["", ": ", "\n  ", "[", "$ref: x", "null", "- 1"])
)
def test_damaged_documents_never_raise(start, length, put):
    damaged = SPEC[:start] + put + SPEC[start + length :]
    diff(SPEC, damaged)
    diff(damaged, SPEC)
    assert diff(damaged, damaged) == ()


def test_a_reference_with_a_description_is_the_reference():
    wrapped = SPEC.replace(
        "parent: {$ref: '#/components/schemas/Order'}",
        "parent: {description: d, allOf: [{$ref: '#/components/schemas/Order'}]}",
    )
    found = diff(wrapped, wrapped.replace("id: {type: integer}", "id: {type: string}"))
    assert {change.subject for change in found} == {"schema Order"}
    assert all("parent" not in change.detail for change in found)
