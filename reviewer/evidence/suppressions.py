"""Comments that silence other checkers. They do not silence us: they lower our confidence, and we say so."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MARKER = re.compile(
    r"(?:#|//|/\*|--)\s*("
    r"noqa:\s*S\d+|noqa\s*$|nosec\b[^\n]{0,20}|NOSONAR|nolint\b[^\n]{0,30}|nosemgrep\b[^\n]{0,40}|#nosec\b[^\n]{0,20}"
    r"|rubocop:disable[^\n]{0,40}|eslint-disable[^\n]{0,40}|pylint:\s*disable[^\n]{0,40}|brakeman:ignore|lgtm\b[^\n]{0,20})"
)
_ANNOTATION = re.compile(r"@SuppressWarnings\([^)\n]{0,60}\)")


def suppressed(lines: Sequence[str], start: int, end: int) -> str:
    """The marker on lines `start`..`end` or the line above `start` (1-based), "" if there is none."""
    above = [lines[start - 2]] if start > 1 and lines[start - 2].strip().startswith(("#", "//", "/*", "@")) else []
    for line in (*above, *lines[start - 1 : min(end, start + 5)]):
        found = _MARKER.search(line) or _ANNOTATION.search(line)
        if found:
            return found[found.lastindex or 0].strip()
    return ""
