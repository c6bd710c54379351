"""What a Django field is stored as: the words of `AddField` in those of the database, so that two can be compared."""

from __future__ import annotations

import ast

from reviewer.evidence.sql import pytree

_PLAIN = {
    "AutoField": "integer", "BigAutoField": "bigint", "SmallAutoField": "smallint", "BooleanField": "boolean",
    "NullBooleanField": "boolean", "IntegerField": "integer", "PositiveIntegerField": "integer", "BigIntegerField": "bigint",
    "PositiveBigIntegerField": "bigint", "SmallIntegerField": "smallint", "PositiveSmallIntegerField": "smallint",
    "TextField": "text", "DateField": "date", "DateTimeField": "timestamp with time zone", "TimeField": "time",
    "DurationField": "interval", "FloatField": "double precision", "UUIDField": "uuid", "JSONField": "jsonb",
    "BinaryField": "bytea", "GenericIPAddressField": "inet", "CITextField": "citext", "HStoreField": "hstore",
    "SearchVectorField": "tsvector",
}  # fmt: skip
_LIMITED = {"CharField": 0, "SlugField": 50, "EmailField": 254, "URLField": 200, "FileField": 100, "ImageField": 100,
            "FilePathField": 100}  # fmt: skip
# What a field says to forms, validation and Python only.
_NOT_STORED = frozenset(
    {
        "verbose_name", "help_text", "choices", "validators", "blank", "null", "default", "db_default", "related_name",
        "related_query_name", "limit_choices_to", "error_messages", "editable", "auto_now", "auto_now_add", "on_delete",
        "upload_to", "storage", "unique", "db_index", "unique_for_date", "primary_key", "serialize", "db_column",
        "db_comment", "swappable", "encoder", "decoder", "width_field", "height_field", "allow_unicode", "db_constraint",
    }
)  # fmt: skip


def stored_type(node: ast.Call) -> str:  # noqa: PLR0911  one line a family
    """The type on PostgreSQL; for a class we do not know, its name with the arguments that may reach the database."""
    kind = pytree.tail(node)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _LIMITED:
        length = _number(pytree.argument(node, "max_length"))
        if length is None and pytree.argument(node, "max_length") is not None:
            return f"varchar({ast.unparse(pytree.argument(node, 'max_length') or node)})"
        size = length if length is not None else _LIMITED[kind]
        return f"varchar({size})" if size else "varchar"
    if kind == "DecimalField":
        digits, places = (_number(pytree.argument(node, key)) for key in ("max_digits", "decimal_places"))
        return f"numeric({digits}, {places})" if digits is not None and places is not None else "numeric"
    if kind in {"ForeignKey", "OneToOneField"}:
        return f"key of {ast.unparse(pytree.argument(node, 'to', 0) or node)}"
    if kind == "ArrayField":
        inner = pytree.argument(node, "base_field", 0)
        return f"{stored_type(inner)}[]" if isinstance(inner, ast.Call) else "array"
    kept = [ast.unparse(item) for item in node.args]
    kept += [f"{item.arg}={ast.unparse(item.value)}" for item in node.keywords if item.arg not in _NOT_STORED]
    return f"{kind}({', '.join(kept)})"


def indexed(node: ast.Call) -> bool:
    """Whether Django makes a plain index for it."""
    by_kind = pytree.tail(node) in {"ForeignKey", "SlugField"}
    return pytree.true(pytree.argument(node, "db_index"), default=by_kind)


def _number(node: ast.expr | None) -> int | None:
    whole = isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool)
    return node.value if whole and isinstance(node, ast.Constant) and isinstance(node.value, int) else None
