"""Guard on what a log call writes: values that are secrets by name, not words in a message."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from reviewer.evidence.guards.names import is_secret, last_name
from reviewer.evidence.hit import Hit

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_TEXT = frozenset(
    {
        "string",
        "template_string",
        "concatenated_string",
        "interpreted_string_literal",
        "raw_string_literal",
        "string_literal",
        "chained_string",
    }
)
_HOLES = frozenset({"interpolation", "template_substitution"})
_MEMBERS = {
    "attribute": "attribute",
    "member_expression": "property",
    "selector_expression": "field",
    "field_access": "field",
}
_CALLS = frozenset({"call", "call_expression", "method_invocation"})
_CONTAINERS = frozenset(
    {
        "argument_list", "arguments", "tuple", "list", "array", "object", "dictionary", "parenthesized_expression", "hash",
        "expression_list", "spread_element", "await_expression", "await", "as_expression", "non_null_expression", "parenthesized_statements",
    }
)  # fmt: skip
_PASS_THROUGH = re.compile(
    r"(?:^|\.)(?:format|Sprintf|Sprint|stringify|str|repr|String|toString|to_s|inspect|valueOf|string|decode|encode|strip|trim|concat|join)$"
)
_STRUCTURED = re.compile(
    r"^(?:zap|slog)\.(?:String|Any|Stringp|ByteString|Reflect)$|^(?:kv|keyValue|StructuredArguments\.\w+)$|\.WithField$"
)
_GETTER = re.compile(r"^get([A-Z]\w*)$")


def secret_value_logged(hit: Hit, _argument: str) -> bool:
    """Some argument writes the value of a name such as `accessToken` or `user.password`, as it is."""
    arguments = hit.node.field("arguments")
    if arguments is None:
        return False
    given = [child for child in arguments.children() if child.is_named() and child.kind() != "comment"]
    if _SHOWN_ONCE.search(" ".join(child.text() for child in given if child.kind() in _TEXT)):
        return False
    described = {
        value.range().start.index for key, value in itertools.pairwise(given) if _PLACE_KEY.fullmatch(key.text())
    }
    plain = [child for child in given if child.range().start.index not in described]
    return any(_writes(child, 0) for child in plain) or _pairs_write(given)


# The first password of an installation has to be told somehow; it is meant to be read and changed.
_SHOWN_ONCE = re.compile(r"(?i)log ?in with|(?:initial|one-time|first|default|new) (?:admin\w* )?password")
_PLACE_KEY = re.compile(
    r"[\"'`]\w*(?:[pP]ath|[fF]ile\w*|URL|Url|_url|[nN]ame|ID|Id|_id)[\"'`]"
)  # says what its value is


_MASKED = re.compile(
    r"(?i)mask|redact|hash|(?:^|[._])(?:has|is|no|len|length|count|present|valid|set|hidden)(?:[A-Z_]|$)"
)


def _pairs_write(given: list[SgNode]) -> bool:
    """`"card_number", card.Number`: a key that names a secret, then its value, as slog and zap take them."""
    return any(
        key.kind() in _TEXT
        and re.fullmatch(r"[\"'`][\w.-]+[\"'`]", key.text()) is not None
        and _under(key.text(), value)
        for key, value in itertools.pairwise(given)
    )


def _under(key: str, value: SgNode) -> bool:
    """A plain value (a name or a field, nothing computed) stands under a key that names a secret."""
    plain = value.kind() == "identifier" or value.kind() in _MEMBERS
    return plain and is_secret(last_name(key)) and not value.text().isupper() and not _MASKED.search(value.text())


def _writes(node: SgNode, depth: int) -> bool:  # noqa: PLR0911  one return for each kind of node
    kind = node.kind()
    if depth > 8:
        return False
    if kind in {"identifier", "shorthand_property_identifier", "instance_variable"}:
        return is_secret(node.text().lstrip("@")) and not node.text().isupper()
    if kind in _MEMBERS:
        field = node.field(_MEMBERS[kind])
        return field is not None and is_secret(field.text()) and not field.text().isupper()
    if kind in {"subscript", "subscript_expression", "element_reference", "index_expression"}:
        return is_secret(last_name(node.text()))
    if kind in _CALLS:
        return _call_writes(node, depth)
    if kind in _TEXT:
        return any(_writes(child, depth + 1) for child in node.children() if child.kind() in _HOLES | _TEXT)
    if kind in _HOLES | _CONTAINERS:
        return any(_writes(child, depth + 1) for child in node.children() if child.is_named())
    if kind in {"keyword_argument", "pair"}:
        value, key = node.field("value"), node.field("key") or node.field("name")
        under = key is not None and value is not None and _under(key.text(), value)
        return under or (value is not None and _writes(value, depth + 1))
    if kind in {"binary_operator", "binary_expression", "binary"}:
        operator = node.field("operator")
        plain = operator is None or operator.text() in {"+", "%", "<<"}
        return plain and any(
            _writes(side, depth + 1) for name in ("left", "right") if (side := node.field(name)) is not None
        )
    return False


def _call_writes(node: SgNode, depth: int) -> bool:
    name = node.field("function") or node.field("name") or node.field("method")
    arguments = node.field("arguments")
    given = [child for child in arguments.children() if child.is_named()] if arguments else []
    text = name.text() if name else ""
    getter = _GETTER.match(text)
    if getter and not given:
        return is_secret(getter[1])
    if node.kind() == "call" and not given and node.field("method") is not None and not _PASS_THROUGH.search(text):
        return is_secret(text)  # Ruby: a method without arguments reads like a field
    if _STRUCTURED.search(text):
        return _pairs_write(given)
    if not _PASS_THROUGH.search(text):
        return False
    receiver = node.field("receiver") or node.field("object") or (name.field("object") if name else None)
    return any(_writes(child, depth + 1) for child in given) or (receiver is not None and _writes(receiver, depth + 1))
