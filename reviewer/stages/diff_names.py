"""File names as diffs write them: quoted or bare, with or without the `a/` and `b/` in front."""

from __future__ import annotations

import re
from typing import NamedTuple

DEV_NULL = b"/dev/null"

# What git itself puts in front of the two names: default, and the mnemonic ones (index, work tree, commit, object).
_PREFIXES = frozenset({b"a/", b"b/", b"i/", b"w/", b"c/", b"o/", b"1/", b"2/"})
_ESCAPES = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
    b'"': b'"',
    b"\\": b"\\",
}
_ESCAPED = re.compile(rb"\\([0-3][0-7]{2}|.)", re.DOTALL)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_NEEDS_QUOTES = re.compile(rb'[\x00-\x1f\x7f"\\]')
_BACKUP = re.compile(rb"(?:\.orig|\.bak|\.old|~)$")
_MOST_SPLITS = 200  # a header line with more spaces than this is not searched to its end


class Names(NamedTuple):
    """The two names of one file, without prefixes; None is `/dev/null`."""

    old: bytes | None
    new: bytes | None


def show(raw: bytes) -> str:
    """Bytes as the text we work with: UTF-8, and `\\xNN` for what is not. Never fails, never a surrogate."""
    return raw.decode("utf-8", "backslashreplace")


def unquote(name: bytes) -> bytes:
    """The bytes behind a name in git's C-style quotes; a bare name is returned as it is."""
    if not (len(name) >= 2 and name.startswith(b'"') and name.endswith(b'"')):
        return name
    return _ESCAPED.sub(_unescape, name[1:-1])


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if len(code) == 3:
        return bytes((int(code, 8),))
    return _ESCAPES.get(code, match[0])


def quote(prefix: str, path: str, raw: bytes | None) -> str:
    """A name as git would write it behind `prefix`: quoted only if it must be, exact bytes where we have them."""
    data = raw if raw is not None else path.encode("utf-8", "backslashreplace")
    if raw is None and not _NEEDS_QUOTES.search(data):
        return prefix + path
    letters = {value[0]: key for key, value in _ESCAPES.items()}
    text = "".join(
        "\\" + letters[byte].decode()
        if byte in letters
        else (f"\\{byte:03o}" if byte < 0x20 or byte >= 0x7F else chr(byte))
        for byte in data
    )
    return f'"{prefix}{text}"'


def header_names(rest: bytes) -> Names | None:
    """The names in `diff --git REST`, or None where only the lines below it can tell (renames).

    Both names are the same file, so the space between them is the middle one whenever the prefixes are equally
    long; that holds for spaces in names, for `--no-prefix` and for git's own prefixes.
    """
    middle = len(rest) // 2
    if rest.startswith(b'"'):
        return _quoted_header(rest)
    if rest[middle : middle + 1] == b" ":
        same = _same_file(rest[:middle], rest[middle + 1 :])
        if same is not None:
            return same
    at = -1
    for _ in range(_MOST_SPLITS):
        at = rest.find(b" ", at + 1)
        if at < 0:
            return None
        same = _same_file(rest[:at], rest[at + 1 :])
        if same is not None:
            return same
    return None


def _quoted_header(rest: bytes) -> Names | None:
    both = _QUOTED.findall(rest)
    if len(both) != 2 or rest != b" ".join(both):
        return None
    return _same_file(unquote(both[0]), unquote(both[1]))


def _same_file(left: bytes, right: bytes) -> Names | None:
    """Both names without their prefixes if that makes them the same name."""
    if left == right and left:
        return Names(left, right)
    old, new = left.partition(b"/")[2], right.partition(b"/")[2]
    return Names(old, new) if old and old == new else None


def marker_name(line: bytes) -> bytes:
    """The name on a `--- ` or `+++ ` line: without the mark, a time stamp behind a tab, or quotes."""
    name = line[4:]
    if name.startswith(b'"'):
        quoted = _QUOTED.match(name)
        return unquote(quoted[0]) if quoted else name
    return name.partition(b"\t")[0].rstrip(b"\r")


def marker_names(old_line: bytes, new_line: bytes) -> Names:
    """The names of a `---`/`+++` pair. Without a `diff --git` line this is all there is to go by."""
    left, right = marker_name(old_line), marker_name(new_line)
    if DEV_NULL in (left, right):
        return Names(_strip(left), _strip(right))
    same = _same_file(left, right)
    if same is not None:
        return same
    if left[:2] in _PREFIXES and right[:2] in _PREFIXES:
        left, right = left[2:], right[2:]
    left, right = left.lstrip(b"/"), right.lstrip(b"/")
    if _BACKUP.sub(b"", left) == right:  # `diff -u file.orig file`: one file, not a rename
        left = right
    return Names(left, right)


def _strip(name: bytes) -> bytes | None:
    if name == DEV_NULL:
        return None
    return name[2:] if name[:2] in _PREFIXES else name.lstrip(b"/")
