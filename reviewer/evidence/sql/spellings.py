"""The ways a table or column is spelled in code: as in SQL, as an attribute, as a class."""

from __future__ import annotations

import re

COMMON = frozenset(
    [
        "id", "name", "type", "status", "state", "value", "data", "key", "code", "date", "time", "user", "email",
        "title", "body", "content", "text", "label", "description", "url", "path", "kind", "role", "scope", "token",
        "active", "enabled", "order", "position", "count", "level", "config", "settings", "options", "metadata",
        "created_at", "updated_at", "deleted_at", "expires_at", "createdat", "updatedat", "user_id", "store_id",
        "version", "channel", "category", "group", "tags", "image", "parent", "parent_id", "message", "result",
    ]
)  # fmt: skip  # words that mean something else in most files


def column_spellings(name: str) -> tuple[str, ...]:
    """A column as SQL, as an attribute, as an exported field, and as the relation behind a foreign key."""
    found = [name, camel(name), pascal(name)]
    if name.endswith("_id") and len(name) > 4:
        found.append(name[:-3])
    return tuple(dict.fromkeys(found))


def table_words(table: str) -> tuple[str, ...]:
    """Spellings of a table in code: itself, its singular, without underscores, without the first word (Django, Spree)."""
    lower = table.lower()
    words = {lower, singular(lower), lower.replace("_", ""), singular(lower).replace("_", "")}
    if "_" in lower:
        rest = lower.partition("_")[2]
        words |= {rest, singular(rest), singular(rest).replace("_", "")}
    return tuple(sorted(word for word in words if len(word) > 2))


def same_table(table: str, declared: str, *, app: str = "") -> bool:
    """Whether a declaration is of this table: the same name, its singular, or Django's `app_model`."""
    mine, other = folded(singular(table)), folded(singular(declared))
    return bool(other) and (mine == other or (bool(app) and mine == folded(app) + other))


def folded(name: str) -> str:
    """A name without case and underscores."""
    return name.replace("_", "").lower()


def singular(name: str) -> str:
    """English singular, well enough for table names."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if re.search(r"(?:ss|x|ch|sh)es$", name):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) else name


def camel(name: str) -> str:
    """`order_item` as `orderItem`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def pascal(name: str) -> str:
    """`order_item` as `OrderItem`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
