"""Names that survive rewording and moving: prints of findings and of hunks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from reviewer.nouns.changeset import Hunk

_SPACE = re.compile(r"\s+")


def normalise(quote: str) -> str:
    """A quote as it is compared: white space folded, per line, empty lines dropped."""
    lines = (_SPACE.sub(" ", line).strip() for line in quote.splitlines())
    return "\n".join(line for line in lines if line)


def fingerprint(hazard: str, path: str, symbol: str, quote: str, occurrence: int = 0) -> str:
    """The print of a finding: 16 hex digits of hazard, path, enclosing symbol and normalised quote.

    `occurrence` counts equal prints in one file from 0, so that two equal lines get two prints. Line numbers
    and the model's wording are left out on purpose: neither may make an old finding look new.
    """
    parts = (hazard, path, symbol, normalise(quote), str(occurrence))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def hunk_print(path: str, hunk: Hunk) -> str:
    """The print of a hunk: 12 hex digits of its path and changed lines, without line numbers or context."""
    changed = "\n".join(line.kind + line.text for line in hunk.lines if line.kind != " ")
    return hashlib.sha256(f"{path}\0{changed}".encode("utf-8", "replace")).hexdigest()[:12]


def file_print(path: str, hunks: Iterable[Hunk]) -> str:
    """The print of all hunks of a file together: 12 hex digits."""
    together = "\0".join(hunk_print(path, hunk) for hunk in hunks)
    return hashlib.sha256(f"{path}\0{together}".encode("utf-8", "replace")).hexdigest()[:12]
