"""The diffs of the HTML report as JSON in the page: built into tables by the script when a file is opened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from reviewer.nouns.changeset import FileChange, Hunk
from reviewer.nouns.finding import Finding
from reviewer.reporters.page.text import clean
from reviewer.reporters.words import Words

LINES = 3_000  # of one file: what is past that is drawn only where it has findings
CODE = 2_000  # characters of one line

PackedHunk = list[int | str | list[str]]


def embed(files: Mapping[int, list[PackedHunk]], w: Words) -> str:
    """The data block. `<` is escaped, so that nothing in it can end the block or begin another."""
    words = {
        "shown": w("html.shown", shown="{shown}", all="{all}"),
        "line": w("html.at-line", line="{line}"),
        "oldLine": w("html.at-old-line", line="{line}"),
        "themes": [f"{w('html.theme')}: {w(f'html.theme-{name}')}" for name in ("auto", "light", "dark")],
    }
    text = json.dumps({"files": files, "words": words}, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return f'<script type="application/json" id="data">{text}</script>'


def pack(file: FileChange, findings: Sequence[Finding]) -> list[PackedHunk]:
    """The hunks of a file as `[old start, new start, section, lines with their marks]`."""
    packed: list[PackedHunk] = []
    room = LINES
    for hunk in file.hunks:
        if room < len(hunk.lines) and not any(_touches(hunk, finding) for finding in findings):
            continue
        room -= len(hunk.lines)
        packed.append([hunk.old_start, hunk.new_start, clean(hunk.section), _lines(hunk)])
    return packed


def is_cut(file: FileChange) -> bool:
    """Whether hunks may have been left out."""
    return sum(len(hunk.lines) for hunk in file.hunks) > LINES


def _lines(hunk: Hunk) -> list[str]:
    """Cleaned all at once: masking each line alone would cost too much and miss what spans lines."""
    marks = [line.kind for line in hunk.lines]
    texts = "\n".join(line.text.rstrip("\r").replace("\r", "\u240d")[:CODE] for line in hunk.lines)
    shown = _whole(texts).split("\n")
    return [mark + text for mark, text in zip(marks, shown, strict=False)]


def _whole(text: str) -> str:
    from reviewer.reporters.unseen import reveal
    from reviewer.stages.redact import mask

    # Other line ends inside a line (form feed, U+2028) would add lines here: they are shown as characters first.
    for char in "\x0b\x0c\x85\u2028\u2029":
        text = text.replace(char, f"\u27e8U+{ord(char):04X}\u27e9")
    return reveal(mask(text))


def _touches(hunk: Hunk, finding: Finding) -> bool:
    old = finding.side == "LEFT"
    start, count = (hunk.old_start, hunk.old_count) if old else (hunk.new_start, hunk.new_count)
    return finding.start_line < start + count and finding.end_line >= start
