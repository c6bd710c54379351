"""Show code to a model: one mark and one number a line, the text after the bar verbatim.

    @@ src/orders.py (modified) def place @@
     41|def place(order):
    -42|    with transaction.atomic():
    +42|    if True:

Removed lines carry their number in base, all others theirs in head.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewer.nouns.batch import Context, Piece
from reviewer.nouns.changeset import FileChange, Hunk, Line


def piece(part: Piece) -> str:
    """The hunks of a piece under the file's name; a window shows only its lines and says so."""
    shown = [_hunk(part.file.hunks[index], part.window) for index in part.hunks]
    return "\n".join((f"## {heading(part.file)}", *shown))


def heading(file: FileChange) -> str:
    """The file's path, status and what its name was, on one line."""
    renamed = f" from {one_line(file.old_path)}" if file.old_path and file.old_path != file.path else ""
    return f"{one_line(file.path)} ({file.status}{renamed})"


def contexts(parts: Iterable[Context]) -> Iterator[str]:
    """Code around the change, file by file: numbered as its file is, each excerpt under why it is shown."""
    files: dict[tuple[str, bool], list[str]] = {}
    for part in parts:
        excerpt = (f" {number}|{text}" for number, text in enumerate(part.text.split("\n"), part.start_line))
        files.setdefault((part.path, part.base), []).append("\n".join((f"@ {one_line(part.why)}", *excerpt)))
    for (path, base), excerpts in files.items():
        yield "\n".join((f"## context: {one_line(path)}{' at base' if base else ''}", *excerpts))


def lines(part: Iterable[Line]) -> str:
    """Lines of a hunk, marked and numbered."""
    return "\n".join(f"{line.kind}{line.number}|{line.text}" for line in part)


def one_line(text: str, limit: int = 300) -> str:
    """Untrusted text as part of a heading: no line break may start a heading of its own."""
    return " ".join(text.split())[:limit]


def _hunk(hunk: Hunk, window: tuple[int, int] | None) -> str:
    section = f" {one_line(hunk.section, 120)}" if hunk.section else ""
    if window is None:
        return f"@@{section}\n{lines(hunk.lines)}"
    low, high = window
    return f"@@{section} (lines {low + 1}-{high} of {len(hunk.lines)} of this hunk)\n{lines(hunk.lines[low:high])}"
