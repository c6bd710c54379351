"""What looks random and is no leak: such values are masked like all others, but nobody is told of them."""

from __future__ import annotations

import re

_PATTERN = re.compile(r"\^|\(\?[=!:<]|\(\[|\[[Aa]-[Zz]")  # a regular expression, by how it begins
_ALPHABET = re.compile(r"abcdefghij|ABCDEFGHIJ|0123456789[a-zA-Z]{3}")
_NAMES = (
    re.compile(
        r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,6}(?:/[\w.@-]+)+"
    ),  # a package by its address: `import "git.example.org/team/part"`
    re.compile(r"\.{0,2}/[\w.{}:-]+(?:/[\w.{}:-]*)*"),  # a path, a route
    re.compile(r"[a-z]\w*(?:\.[A-Za-z]\w*){2,}"),  # a dotted name
    re.compile(r"[a-z]+(?:[/_-][a-z]+\d?)*/[a-z]+(?:[/_-][a-z]+\d?)*"),  # the name of a purpose, of a topic
    re.compile(r"[\w.:/-]*(?:\{[\w.\[\]]+\}[\w.:/-]*)+"),  # put together at run time: f"{base}v1/tokens/"
    re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"),  # the name of a setting: SMTP_CLIENT_SECRET
)
_NEEDED = re.compile(r"""\s*\(\s*['"]\w+['"],\s*['"]\d{4}_\w+['"]\s*\)""")  # a migration that another one needs
_HASH = re.compile(r"(?i)(?:hash|hashed_?\w*|digest|checksum|fingerprint|sha\d+_?key)\W{1,6}$")
_PUBLIC = re.compile(
    r"(?i)(?:pub(?:lic)?|instrumentation|verify\w{0,4}|verification|site|write|publishable|anon|ingest(?:ion)?)[_-]?key\w{0,12}\W{1,8}(?:string\W{1,4})?$"
)  # for everyone to see
_FEWEST = 5  # different characters: filler has less
_ASSIGNED = re.compile(r"[=:]\s*$")


def is_leak(text: str, start: int, end: int, *, code: bool = False) -> bool:
    """Whether `text[start:end]`, random as it looks, is worth a finding.

    No leak is an alphabet, filler, a pattern, a path, a route, a dotted name, the hash of something, a public key, a key meant for browsers
    or, in `code`, what stands outside quotes.
    """
    value, before = text[start:end], text[max(start - 40, 0) : start]
    if (
        not value.isascii()
        or len(set(value)) < _FEWEST
        or _ALPHABET.search(value)
        or _PATTERN.match(value)
        or any(pattern.fullmatch(value) for pattern in _NAMES)
    ):
        return False
    line = text.rfind("\n", 0, start) + 1
    if _NEEDED.match(text[line : end + 4]) or _HASH.search(before) or _PUBLIC.search(before):
        return False
    if code and _ASSIGNED.search(before):
        # outside quotes code has names and expressions only; inside, `password=…` is part of a connection string
        return sum(text[line:start].count(quote) for quote in "\"'`") % 2 == 1
    return True
