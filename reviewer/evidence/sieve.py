"""Regular expressions over much text, tried only where a literal that each of their matches holds occurs at all.

Looking for a literal costs a twentieth of trying an expression without a fixed beginning at every character, and most
texts hold none. That the literals are implied by the expression is proved in the tests, alternative by alternative.
"""

from __future__ import annotations

import re


class Sieve:
    """An expression with `words`, of which every match holds at least one.

    Where the expression ignores case its words are in lower case and are looked for in `folded` text.
    """

    __slots__ = ("_folds", "pattern", "words")

    def __init__(self, pattern: re.Pattern[str], words: tuple[str, ...]) -> None:
        self.pattern = pattern
        self.words = words
        self._folds = bool(pattern.flags & re.IGNORECASE)

    def passes(self, text: str, low: str | None = None) -> bool:
        """Whether a match is possible. `low` is the folded text, where the caller has it already."""
        where = (folded(text) if low is None else low) if self._folds else text
        return any(word in where for word in self.words)

    def search(self, text: str, low: str | None = None) -> re.Match[str] | None:
        """What the expression finds first."""
        return self.pattern.search(text) if self.passes(text, low) else None


def folded(text: str) -> str:
    """The text in lower case as `re.IGNORECASE` sees it: three letters of other scripts count as `i` and `s` there."""
    if text.isascii():
        return text.lower()
    return text.replace("\u0130", "i").lower().replace("\u0131", "i").replace("\u017f", "s")
