"""Text to syntax tree, contained: a grammar that gives up must never stop a run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reviewer.evidence.languages import LANGUAGES

if TYPE_CHECKING:
    from ast_grep_py import SgNode


KEPT = 300_000  # characters whose trees stay: about 6,000 lines, 9 MB in each process at work
_LATEST = 4  # trees beyond that which stay while one file is worked on, base and head


class Forest:
    """The syntax trees of one change. Those of an ordinary change are parsed once and stay; of a huge one a tree stays
    while its file is read, and few are wanted after that.
    """

    def __init__(self, room: int = KEPT) -> None:
        self._room = room
        self._kept: dict[tuple[str, str], SgNode | None] = {}
        self._latest: dict[tuple[str, str], SgNode | None] = {}

    def root(self, text: str, language: str) -> SgNode | None:
        """What `parse` gives, from memory where there was room to keep it."""
        key = (text, language)
        for shelf in (self._kept, self._latest):
            if key in shelf:
                return shelf[key]
        found = parse(text, language)
        if len(text) <= self._room:
            self._room -= len(text)
            self._kept[key] = found
        else:
            self._latest[key] = found
            if len(self._latest) > _LATEST:
                del self._latest[next(iter(self._latest))]
        return found


def parse(text: str, language: str) -> SgNode | None:
    """The root node, or None where the language is not ours or the parser gave up.

    The parser is native code; when it panics it raises a `BaseException` that no `except Exception` sees, and
    prints a backtrace unless told not to.
    """
    if language not in LANGUAGES:
        return None
    os.environ["RUST_BACKTRACE"] = "0"  # written, never read: the parser's own switch
    from ast_grep_py import SgRoot

    try:
        return SgRoot(text.encode("utf-8", "replace").decode("utf-8"), language).root()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        if type(error).__name__ not in {"PanicException", "RuntimeError", "ValueError", "UnicodeEncodeError"}:
            raise
        return None
