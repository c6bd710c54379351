"""What other files of the repository have to say about a change: definitions, table layouts, tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from reviewer.stages.symbols import outline

_MOST_DEFINITION = 12  # lines
_MOST_SCHEMA = 30
_MOST_TEST = 10


class Related(NamedTuple):
    """A file read because of `name`; `what` is why: `definition`, `schema` or `test`."""

    path: str
    text: str
    what: str
    name: str


Found = tuple[str, Sequence[str], int, int, str, bool]  # path, lines, start, end, why, base


def definition(related: Related) -> Found | None:
    """Where the file defines the name: its first lines."""
    for symbol in outline(related.path, related.text):
        if symbol.name.rsplit(".", 1)[-1] == related.name:
            end = min(symbol.end_line, symbol.start_line + _MOST_DEFINITION - 1)
            return (
                related.path,
                related.text.split("\n"),
                symbol.start_line,
                end,
                f"definition of {related.name}",
                False,
            )
    return None


def schema(related: Related) -> Found | None:
    """The block that lays the table out, in whichever of the usual notations, else None."""
    single = related.name.removesuffix("s")
    named = rf"[\"'`:\[.]?\b(?:{re.escape(related.name)}|{re.escape(single)}|{re.escape(_camel(single))})s?\b"
    header = re.compile(
        rf"\b(?:create_table|CREATE TABLE(?: IF NOT EXISTS)?|op\.create_table|createTable|pgTable|model|class|entity|ALTER TABLE)\b[^\n]{{0,40}}?{named}",
        re.IGNORECASE,
    )
    lines = related.text.split("\n")
    for number, line in enumerate(lines, start=1):
        if header.search(line):
            return related.path, lines, number, _block_end(lines, number), f"schema of {related.name}", False
    return None


def exercised(related: Related, names: set[str]) -> Found | None:
    """The first test that mentions one of the touched symbols."""
    lines = related.text.split("\n")
    wanted = [name for name in sorted(names) if len(name) > 3]
    if not wanted:
        return None
    mention = re.compile(r"\b(?:" + "|".join(map(re.escape, wanted)) + r")\b")
    for symbol in outline(related.path, related.text):
        if symbol.kind != "function":
            continue
        if mention.search("\n".join(lines[symbol.start_line - 1 : symbol.end_line])):
            end = min(symbol.end_line, symbol.start_line + _MOST_TEST - 1)
            return related.path, lines, symbol.start_line, end, f"test of {wanted[0]}", False
    return None


def _block_end(lines: Sequence[str], start: int) -> int:
    """The last line of the block that begins on `start`: before the next line as far left that is not a closer."""
    margin = _indent(lines[start - 1])
    for number in range(start + 1, min(len(lines), start + _MOST_SCHEMA) + 1):
        line = lines[number - 1]
        if line.strip() and _indent(line) <= margin:
            return number if line.strip()[:1] in ")}]" or line.strip().startswith("end") else number - 1
    return min(len(lines), start + _MOST_SCHEMA)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
