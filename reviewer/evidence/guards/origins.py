"""Guards on what a name stands for: the module it was imported from, the type it was declared with, the call that made it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from reviewer.evidence.guards.around import capture_text, compiled, function_text
from reviewer.evidence.guards.locals import assignments
from reviewer.evidence.guards.names import last_name
from reviewer.evidence.hit import Hit

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)
_NAMED = re.compile(r"([\w.]+)(?:[ \t]+as[ \t]+(\w+))?")


@lru_cache(maxsize=64)
def _renamed(text: str) -> dict[str, str]:
    """Local names of a Python text that stand for something imported under another name: `pg` for `psycopg2`."""
    found: dict[str, str] = {}
    for match in _FROM.finditer(text):
        for name, alias in _NAMED.findall(match[2].strip("()")):
            found[alias or name] = f"{match[1]}.{name}"
    for match in _IMPORT.finditer(text):
        found.update({alias: name for name, alias in _NAMED.findall(match[1]) if alias})
    return found


def resolves(hit: Hit, argument: str) -> bool:
    """`NAME=regex`: the capture, read through the file's imports, is that dotted name.

    `from requests import get as fetch` makes `fetch` the name `requests.get`. A name no import explains is no match:
    what is written in full (`requests.get`) is for the rule itself.
    """
    capture, _, pattern = argument.partition("=")
    head, dot, rest = hit.capture(capture).partition(".")
    origin = _renamed(hit.text.text).get(head)
    return origin is not None and bool(compiled(pattern).search(f"{origin}{dot}{rest}"))


def declared_as(hit: Hit, argument: str) -> bool:
    """`NAME=regex`: the last name of the capture is declared in the file with that type, or assigned from that call.

    Reads `client = redis.Redis(`, `client: Redis`, `rdb *redis.Client`, `private final RedisTemplate<…> cache`.
    """
    capture, _, pattern = argument.partition("=")
    name = last_name(capture_text(hit, capture))
    return bool(name) and _declared(hit.text.text, name, pattern)


@lru_cache(maxsize=512)
def _declared(text: str, name: str, pattern: str) -> bool:
    if not compiled(pattern).search(text):
        return False
    made = rf"\b{name}\b\??\s*(?:!?:\s*[^=\n,)]{{0,60}}=|:=|=|:|\s)\s*(?:await\s+|new\s+|[*&])*(?:{pattern})"
    typed = rf"(?:{pattern})(?:<[^;=\n]*>)?\s+{name}\b"
    bound = rf"\bwith\s[^\n]*(?:{pattern})[^\n]*\bas\s+{name}\b"
    return bool(compiled(f"{made}|{typed}|{bound}").search(text))


def side_from(hit: Hit, pattern: str) -> bool:
    """One side of the comparison is, or is a local that is assigned, what matches: `expected = mac.hexdigest()`."""
    wanted = compiled(pattern)
    return any(
        wanted.search(side.text())
        or (side.kind() == "identifier" and any(wanted.search(value.text()) for value in assignments(hit, side.text())))
        for side in _sides(hit.node)
    )


def _sides(node: SgNode) -> list[SgNode]:
    """What is compared: both operands, or receiver and arguments of an `equals` call."""
    if node.field("left") is not None or node.field("object") is not None or node.field("arguments") is not None:
        found = [node.field("left"), node.field("right"), node.field("object")]
        arguments = node.field("arguments")
        inner = [child for child in arguments.children() if child.is_named()] if arguments is not None else []
        return [side for side in (*found, *inner) if side is not None]
    return [child for child in node.children() if child.is_named()]


def function_names(hit: Hit, argument: str) -> bool:
    """`NAME=regex`: the enclosing function matches, with `{name}` the capture's text."""
    capture, _, pattern = argument.partition("=")
    text = function_text(hit)
    return text is not None and bool(compiled(_filled(hit, capture, pattern)).search(text))


def file_names(hit: Hit, argument: str) -> bool:
    """As `function_names`, for the whole file."""
    capture, _, pattern = argument.partition("=")
    return bool(compiled(_filled(hit, capture, pattern)).search(hit.text.text))


def _filled(hit: Hit, capture: str, pattern: str) -> str:
    return pattern.replace("{name}", re.escape(hit.capture(capture)))
