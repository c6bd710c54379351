"""The deliverables' tables and the coverage on a terminal, compact."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.nouns.review import CoverageStatus, Deliverable, Review
from reviewer.reporters import view
from reviewer.reporters.look import Look
from reviewer.reporters.rebuild import cut
from reviewer.reporters.sanitise import terminal as safe
from reviewer.reporters.words import Words

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_PLACES = re.compile(r"[\w./-]+:\d+(?:-\d+)?(?:, [\w./-]+:\d+(?:-\d+)?)*")
CELL = 90  # characters of a cell; all of them with --verbose
ROWS = 8  # a table on a terminal is a glance; the file reports have every row
FILES = 10
WRAPPED = 5  # more columns than this in 80 characters read badly when they wrap


def fact_tables(review: Review, w: Words, look: Look) -> list[RenderableType]:
    """Each table that has rows, and one line for those that have none but looked at something."""
    out: list[RenderableType] = []
    for _, title, table in view.tables(review, w):
        if table.rows:
            out += _table(title, table, w, look)
    quiet = [title for _, title, table in view.tables(review, w) if not table.rows and table.inspected]
    if quiet:
        from rich.text import Text

        out.append(Text(f"{', '.join(quiet)}: {w('table.no-change')}", "dim"))
    return out


def _table(title: str, table: Deliverable, w: Words, look: Look) -> list[RenderableType]:
    from rich.text import Text

    shown = view.grid(table, w)
    limit = len(shown.rows) if look.verbose else ROWS
    names = [_one_line(name) for name in shown.names]
    room = 10_000 if look.verbose else CELL
    rows = [[cut(_short(_one_line(cell)), room) for cell in row] for row in shown.rows[:limit]]
    if shown.places:
        names.append(w("table.where"))
        rows = [[*row, _short(_one_line(where))] for row, where in zip(rows, shown.places, strict=False)]
    widest = [max(len(row[at]) for row in [names, *rows]) for at in range(len(names))]
    fits = len(names) <= WRAPPED or sum(widest) + 2 * len(widest) <= look.width
    drawn = _columns(names, rows) if fits else _records(names, rows)
    out: list[RenderableType] = [Text(title, "bold"), *drawn]
    if len(shown.rows) > limit:
        out.append(Text("  " + w("more", n=len(shown.rows) - limit), "dim"))
    return [*out, *(Text(f"  • {_one_line(note)}", "dim") for note in table.notes), Text("")]


def _columns(names: list[str], rows: list[list[str]]) -> list[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    drawn = Table.grid(padding=(0, 2))
    for _ in names:
        drawn.add_column(overflow="fold")
    drawn.add_row(*(Text(name, "dim") for name in names))
    for row in rows:
        drawn.add_row(*(Text(cell, "cyan" if at == len(names) - 1 else "") for at, cell in enumerate(row)))
    return [drawn]


def _records(names: list[str], rows: list[list[str]]) -> list[RenderableType]:
    """A table too wide for the terminal: a line with where each row is, and below it its cells, wrapped.

    What decides (is old code safe, does it go back) stands last: a cut line would hide it.
    """
    from rich.padding import Padding
    from rich.text import Text

    out: list[RenderableType] = []
    for row in rows:
        head = Text.assemble((row[0], "bold"), "  ", (row[-1], "cyan"), overflow="ellipsis", no_wrap=True)
        cells = zip(names[1:-1], row[1:-1], strict=False)
        named = [
            Text.assemble((f"{name} " if at else "", "dim"), cell) for at, (name, cell) in enumerate(cells) if cell
        ]
        rest = Text.assemble(*_joined(named))
        out += [Padding(head, (0, 0, 0, 2)), Padding(rest, (0, 0, 0, 4))]
    return out


def _joined(parts: list[Text]) -> list[Text]:
    from rich.text import Text

    return [piece for at, part in enumerate(parts) for piece in ([Text(" · ", "dim")] if at else []) + [part]]


def coverage_lines(review: Review, w: Words, look: Look) -> list[RenderableType]:
    """How much was reviewed; what was not though in scope, file by file; what was left out, by kind."""
    from rich.text import Text

    missing = view.missing_lines(review)
    out: list[RenderableType] = [Text(view.coverage_line(review, w), "bold red" if missing else "green")]
    short = [f for f in review.coverage.files if f.status is CoverageStatus.PARTIAL or _in_scope(review, f.path)]
    for file in short if look.verbose else short[:FILES]:
        lines = w("coverage.of", done=w.number(file.reviewed_lines), all=w.number(file.changed_lines))
        out.append(
            Text.assemble(
                "  ",
                ("! ", "bold red"),
                (_one_line(file.path), "cyan"),
                f"  {lines}  ",
                (_one_line(file.reason), "dim"),
            )
        )
    if len(short) > FILES and not look.verbose:
        out.append(Text("  " + w("more", n=len(short) - FILES), "dim"))
    groups = [group for group in view.skip_groups(review) if not group.in_scope]
    if groups:
        named = ", ".join(
            f"{w.name('kind', safe(g.kind))} {w.count('file', g.files)} ({w.count('line', g.lines)})" for g in groups
        )
        out.append(Text(f"  {w('coverage.left-out')}: {named}", "dim"))
    if look.verbose:
        left = [skip for group in groups for skip in group.skips]
        out += [Text(f"    {_one_line(skip.path)}  {_one_line(skip.reason)}", "dim") for skip in left]
    return out


def _in_scope(review: Review, path: str) -> bool:
    return any(skip.in_scope and skip.path == path for skip in review.skips)


def _short(text: str, limit: int = 34) -> str:
    """Of long paths the files' names: those and the lines are what is looked for."""
    if len(text) <= limit or not _PLACES.fullmatch(text):
        return text
    return ", ".join("…/" + path.rsplit("/", 1)[-1] if "/" in path else path for path in text.split(", "))


def _one_line(text: str) -> str:
    return " ".join(safe(text).split())
