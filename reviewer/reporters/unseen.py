"""Characters a reader cannot see but a machine obeys: controls, terminal escapes, bidirectional marks, tags, fillers."""

from __future__ import annotations

import re
import unicodedata

# CSI, OSC/DCS/PM/APC strings and two-byte escapes, with 7-bit and 8-bit introducers (ECMA-48).
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_ODD = re.compile(r"[^\n\t -~]")  # all that needs a closer look: a search for it is quick where there is none
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")

# Everything Unicode calls format, control, surrogate, private use or unassigned is found by category; these are
# "letters" and "marks" that show nothing, or change what is before them.
_BLANK = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE1000),
    )
)
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def is_hidden(char: str) -> bool:
    """Whether a character shows nothing of itself (line feed and tab are not hidden)."""
    if " " <= char <= "~" or char in "\n\t":
        return False
    return ord(char) in _BLANK or unicodedata.category(char) in _HIDDEN


def breaks(text: str) -> str:
    """All line ends as line feeds."""
    return _BREAKS.sub("\n", text)


def remove(text: str) -> str:
    """For prose: escape sequences and hidden characters gone, line ends as line feeds."""
    return _ODD.sub(lambda m: "" if is_hidden(m[0]) else m[0], breaks(_ANSI.sub("", text)))


def reveal(text: str) -> str:
    """For code, where a hidden character is itself the defect: each one shown as `⟨U+202E⟩`."""
    return _ODD.sub(_shown, breaks(text))


def has_hidden(text: str) -> bool:
    """Whether a text (line ends normalised) carries any hidden character."""
    return any(is_hidden(match[0]) for match in _ODD.finditer(breaks(text)))


def _shown(match: re.Match[str]) -> str:
    char = match[0]
    return f"\u27e8U+{ord(char):04X}\u27e9" if is_hidden(char) else char
