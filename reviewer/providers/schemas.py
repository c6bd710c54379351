"""The agreed form of an answer, as each server wants to be told of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# Anthropic compiles the schema into a grammar and rejects what that cannot express. Our own validation of the
# reply holds the bounds; here they are moved into the description, where the model can still read them.
_BOUNDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "default",
    "minProperties",
    "maxProperties",
)
_KEPT_ITEMS = (0, 1)  # the grammar knows "any" and "at least one"


def without_bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` with numeric, length and pattern bounds moved into descriptions. The input is not changed."""
    bounds = {key: schema[key] for key in _BOUNDS if key in schema}
    if bounds.get("minItems") in _KEPT_ITEMS:
        del bounds["minItems"]
    kept = {key: value for key, value in schema.items() if key not in bounds}
    for key in ("properties", "$defs", "definitions"):
        if isinstance(kept.get(key), Mapping):
            kept[key] = {name: without_bounds(inner) for name, inner in kept[key].items()}
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(kept.get(key), list):
            kept[key] = [without_bounds(inner) for inner in kept[key]]
    if isinstance(kept.get("items"), Mapping):
        kept["items"] = without_bounds(kept["items"])
    if bounds:
        told = ", ".join(f"{key} {json.dumps(value)}" for key, value in bounds.items())
        kept["description"] = f"{kept['description']} ({told})" if kept.get("description") else told
    return kept


def in_words(schema: Mapping[str, Any]) -> str:
    """The schema as a last paragraph of the prompt, for servers that take no schema of their own."""
    return (
        "\n\nAnswer with one JSON object and nothing else: no Markdown, no words before or after it. "
        f"It must follow this JSON Schema:\n{text(schema)}\n"
    )


def text(schema: Mapping[str, Any]) -> str:
    """The schema as compact, stable JSON."""
    return json.dumps(schema, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
