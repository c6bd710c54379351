"""Text to syntax tree, contained: a grammar that gives up must never stop a run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reviewer.evidence.languages import LANGUAGES

if TYPE_CHECKING:
    from ast_grep_py import SgNode


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
