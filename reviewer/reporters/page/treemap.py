"""The coverage map: each file a box as large as its changed lines, coloured by what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reviewer.nouns.review import FileCoverage
from reviewer.reporters.page.text import esc
from reviewer.reporters.words import Words

WIDTH, HEIGHT = 960.0, 260.0
MOST = 600  # smaller files than that are specks: they are in the table


class Area(NamedTuple):
    x: float
    y: float
    width: float
    height: float


def draw(files: Sequence[FileCoverage], w: Words) -> str:
    """An `<svg>`; empty where no line changed."""
    shown = sorted((file for file in files if file.changed_lines), key=lambda f: (-f.changed_lines, f.path))[:MOST]
    if not shown:
        return ""
    areas = _divide(shown, Area(0, 0, WIDTH, HEIGHT))
    boxes = "".join(_box(file, area, w) for file, area in zip(shown, areas, strict=True))
    label = esc(w("html.coverage-map"))
    return f'<svg class="treemap" role="img" aria-label="{label}" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"><title>{label}</title>{boxes}</svg>'


def _box(file: FileCoverage, area: Area, w: Words) -> str:
    x, y, width, height = area
    lines = w("coverage.of", done=w.number(file.reviewed_lines), all=w.number(file.changed_lines))
    title = f"{esc(file.path)}: {w(f'coverage.{file.status}')}, {lines}"
    shape = f'x="{x + 1:.1f}" y="{y + 1:.1f}" width="{max(1, width - 2):.1f}" height="{max(1, height - 2):.1f}"'
    name = file.path.rsplit("/", 1)[-1]
    room = int((width - 12) / 7.4)
    text = ""
    if height > 18 and room >= 4:
        shown = name if len(name) <= room else name[: room - 1] + "…"
        text = f'<text x="{x + 6:.1f}" y="{y + 15:.1f}">{esc(shown)}</text>'
    return f'<g class="{file.status}"><title>{title}</title><rect {shape} rx="2"/>{text}</g>'


def _divide(files: Sequence[FileCoverage], area: Area) -> list[Area]:
    """Halve by weight, along the longer side, until each file has its box."""
    if len(files) == 1:
        return [area]
    x, y, width, height = area
    whole = sum(file.changed_lines for file in files)
    half, at = 0, 0
    while at < len(files) - 1 and (at == 0 or half + files[at].changed_lines / 2 <= whole / 2):
        half += files[at].changed_lines
        at += 1
    share = half / whole
    if width >= height:
        first, second = Area(x, y, width * share, height), Area(x + width * share, y, width * (1 - share), height)
    else:
        first, second = Area(x, y, width, height * share), Area(x, y + height * share, width, height * (1 - share))
    return _divide(files[:at], first) + _divide(files[at:], second)
