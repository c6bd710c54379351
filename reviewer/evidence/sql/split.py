"""SQL text into statements with line numbers, without a grammar: any dialect, any damage.

Text inside comments, strings and dollar quotes never ends a statement; the way back of goose, dbmate and
sql-migrate files is marked as such.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<line>--[^\n]*|^[ \t]*\#[^\n]*)
    | (?P<block>/\*.*?(?:\*/|\Z))
    | (?P<dollar>\$\$.*?(?:\$\$|\Z)|\$(?P<tag>[A-Za-z_]\w*)\$.*?(?:\$(?P=tag)\$|\Z))
    | (?P<escaped>\b[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
    | (?P<string>'(?:[^'\\]|''|\\'(?=[^;\n]*')|\\)*(?:'|\Z))
    | (?P<quoted>"[^"\n]*"|`[^`\n]*`)
    | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_DOWN = re.compile(r"--\s*(?:\+goose\s+down|migrate:down|\+migrate\s+down|//@undo|\+micrate\s+down)\b", re.IGNORECASE)
_UP = re.compile(r"--\s*(?:\+goose\s+up|migrate:up|\+migrate\s+up|\+micrate\s+up)\b", re.IGNORECASE)
_NO_TRANSACTION = re.compile(
    r"--\s*(?:\+goose\s+no\s+transaction|migrate:up\b.*transaction\s*:\s*false|\+migrate\s+up\s+notransaction"
    r"|atlas:txmode\s+none|disable-transaction|no[-_ ]transaction)",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"^[ \t]*DELIMITER[ \t]+\S+[ \t]*$", re.IGNORECASE | re.MULTILINE)
_IGNORED = re.compile(r"--\s*squawk-ignore(?:-file)?\b(?P<rules>[^\n]*)", re.IGNORECASE)
MAX_STATEMENTS = 20_000


class Statement(NamedTuple):
    """One statement. `text` has comments blanked, `bare` the contents of strings too; both keep offsets and lines."""

    line: int
    end_line: int
    text: str
    bare: str
    down: bool = False
    assured: bool = False  # a `squawk-ignore` stands right above
    in_transaction: bool = True


class _Masked(NamedTuple):
    text: str
    bare: str
    ends: tuple[int, ...]
    down_from: tuple[tuple[int, bool], ...]
    ignores: tuple[int, ...]


def split(sql: str, first_line: int = 1) -> tuple[Statement, ...]:
    """The statements of `sql` in order; `first_line` is the line its first character stands on. Never raises."""
    sql = _DELIMITER.sub(lambda match: " " * len(match[0]), sql)
    masked = _mask(sql)
    outside = _NO_TRANSACTION.search(sql) is not None
    statements: list[Statement] = []
    start, line = 0, first_line
    counted = 0
    for end in (*masked.ends, len(sql)):
        text, bare = masked.text[start:end], masked.bare[start:end]
        lead = len(text) - len(text.lstrip())
        if text.strip():
            line += sql.count("\n", counted, start + lead)
            counted = start + lead
            body = text.strip()
            statements.append(
                Statement(
                    line=line,
                    end_line=line + body.count("\n"),
                    text=body,
                    bare=bare[lead : lead + len(body)],
                    down=_is_down(masked.down_from, start + lead),
                    assured=any(start <= position < start + lead for position in masked.ignores),
                    in_transaction=not outside,
                )
            )
        start = end + 1
        if len(statements) >= MAX_STATEMENTS:
            break
    return tuple(statements)


def blank_down(sql: str) -> str:
    """The text with every way back blanked, line for line."""
    marks = sorted(
        [(match.start(), True) for match in _DOWN.finditer(sql)]
        + [(match.start(), False) for match in _UP.finditer(sql)]
    )
    if not any(down for _, down in marks):
        return sql
    parts, position, down = [], 0, False
    for offset, is_down in (*marks, (len(sql), down)):
        piece = sql[position:offset]
        parts.append(re.sub(r"[^\n]", " ", piece) if down else piece)
        position, down = offset, is_down
    return "".join(parts)


def _is_down(marks: tuple[tuple[int, bool], ...], offset: int) -> bool:
    state = False
    for position, down in marks:
        if position > offset:
            break
        state = down
    return state


def _mask(sql: str) -> _Masked:
    text: list[str] = []
    bare: list[str] = []
    ends: list[int] = []
    marks: list[tuple[int, bool]] = []
    ignores: list[int] = []
    last = 0
    for match in _TOKEN.finditer(sql):
        between = sql[last : match.start()]
        text.append(between)
        bare.append(between)
        last = match.end()
        token = match[0]
        kind = match.lastgroup
        if kind in ("line", "block"):
            if _DOWN.match(token.lstrip()):
                marks.append((match.start(), True))
            elif _UP.match(token.lstrip()):
                marks.append((match.start(), False))
            elif _IGNORED.match(token):
                ignores.append(match.start())
            blank = re.sub(r"[^\n]", " ", token)
            text.append(blank)
            bare.append(blank)
        elif kind == "quoted":
            text.append(token)
            bare.append(token)
        elif kind == "end":
            ends.append(match.start())
            text.append(token)
            bare.append(token)
        else:
            text.append(token)
            bare.append("'" + re.sub(r"[^\n]", " ", token[1:-1]) + "'" if len(token) > 1 else token)
    text.append(sql[last:])
    bare.append(sql[last:])
    return _Masked("".join(text), "".join(bare), tuple(ends), tuple(marks), tuple(ignores))
