"""Guards on read-modify-write: was the value read here, without a lock, and is it written back?"""

from __future__ import annotations

import re

from reviewer.evidence.guards.around import function_text
from reviewer.evidence.hit import Hit

_LOCKED = re.compile(
    r"select_for_update|with_for_update|[lL]ock|\bF\(|for_update|forUpdate|ForUpdate|FOR UPDATE|GET_LOCK|advisory|[sS]erializable|@Version|synchronized|Locking\{|session\.start"
)


def counter_saved(hit: Hit, capture: str) -> bool:
    """The object changed in memory was loaded in this function, without a lock, and is saved after."""
    return _loaded_and_saved(
        hit,
        capture,
        loaded=r"(?<![\w.]){name}(?:\s*:\s*\w+)?\s*=\s*[^\n]*(?:\.get\(|\.first\(|get_object_or_404\(|\.one\(|\.one_or_none\(|scalar|find|\.query\b|select)",
        saved=r"(?<![\w.]){name}\.save\b|\.commit\(|\.flush\(",
    )


def js_counter_saved(hit: Hit, capture: str) -> bool:
    return _loaded_and_saved(
        hit,
        capture,
        loaded=r"\b(?:const|let|var)\s+{name}\s*=\s*await\s+[^\n]*\.find\w*\(",
        saved=r"\b{name}\.save\(|\.save\(\s*{name}\s*[,)]",
    )


def java_counter(hit: Hit, capture: str) -> bool:
    name = hit.capture(capture)
    same = re.search(rf"\b{re.escape(name)}\.get\w+\(\)", hit.node.text())
    return bool(same) and _loaded_and_saved(
        hit,
        capture,
        loaded=r"\b{name}\s*=\s*[^\n;]*(?:find|get|select)\w*\(",
        saved=r"\.(?:save|saveAndFlush|update\w*|merge)\(\s*{name}\s*\)",
    )


def same_field(hit: Hit, capture: str) -> bool:
    """The new value is made from the same field of an object: `count: row.count + 1`."""
    field = hit.capture(capture).strip("'\":")
    value = hit.node.field("value")
    return value is not None and bool(re.search(rf"\.{re.escape(field)}\b|\['{re.escape(field)}'\]", value.text()))


def _loaded_and_saved(hit: Hit, capture: str, *, loaded: str, saved: str) -> bool:
    name = hit.capture(capture)
    text = function_text(hit)
    if text is None or hit.outer_function is None or not re.fullmatch(r"[A-Za-z_]\w*", name):
        return False
    found = re.search(loaded.replace("{name}", name), text)
    written = re.search(saved.replace("{name}", name), text)
    return bool(found and written) and not _LOCKED.search(text)


def go_counter_saved(hit: Hit, capture: str) -> bool:
    return _loaded_and_saved(
        hit,
        capture,
        loaded=r"\.(?:First|Take|Find|Get|Scan)\(\s*(?:ctx,\s*)?&{name}\b",
        saved=r"\.(?:Save|Updates?)\(\s*&?{name}\b",
    )


def ruby_counter_saved(hit: Hit, capture: str) -> bool:
    return _loaded_and_saved(
        hit, capture, loaded=r"\b{name}\s*=\s*[A-Z]\w*\S*\.(?:find|find_by!?|first|where)\b", saved=r"\b{name}\.save\b"
    )


def reads_same_field(hit: Hit, _argument: str) -> bool:
    """`x.stock = x.stock - n`: both sides name the same field of the same object."""
    left, right = hit.node.field("left"), hit.node.field("right")
    return bool(left and right and re.search(rf"(?<![\w.]){re.escape(left.text())}(?!\w)", right.text()))


_SET = re.compile(r"(?i)\bUPDATE\b[\s\S]*?\bSET\s+([\s\S]*)")
_BOUND = re.compile(r"(?i)(?:^|,)\s*(\w+)\s*=\s*(?:\?|\$\d+|%s|:\w+|@\w+)")


def sql_counter(hit: Hit, _argument: str) -> bool:
    """`UPDATE … SET stock = ?` with `stock - n`, where this function read `stock` before, without a lock."""
    arguments = hit.node.field("arguments")
    text = function_text(hit)
    statement = _SET.search(arguments.text()) if arguments is not None else None
    if statement is None or text is None or hit.outer_function is None or _LOCKED.search(text):
        return False
    for column in _BOUND.findall(statement[1]):
        changed = re.search(rf"\b\w*{column}\b[\])]*\s*[+-]\s*\w", statement[1], re.IGNORECASE)
        read = re.search(rf"(?i)\bSELECT\b[^;]*\b{column}\b[^;]*\bFROM\b", text)
        if changed and read:
            return True
    return False
