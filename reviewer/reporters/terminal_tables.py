"""The deliverables' tables and the coverage on a terminal, compact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.nouns.review import CoverageStatus, Deliverable, Review
from reviewer.reporters import view
from reviewer.reporters.look import Look
from reviewer.reporters.sanitise import terminal as safe
from reviewer.reporters.words import Words

if TYPE_CHECKING:
    from rich.console import RenderableType

ROWS = 12  # a table on a terminal is a glance; the file reports have every row
FILES = 10
WRAPPED = 5  # more columns than this in 80 characters read badly when they wrap


def fact_tables(review: Review, w: Words, width: int) -> list[RenderableType]:
    """Each table that has rows, and one line for those that have none but looked at something."""
    out: list[RenderableType] = []
    for _, title, table in view.tables(review, w):
        if table.rows:
            out += _table(title, table, w, width)
    quiet = [title for _, title, table in view.tables(review, w) if not table.rows and table.inspected]
    if quiet:
        from rich.text import Text

        out.append(Text(f"{', '.join(quiet)}: {w('table.no-change')}", "dim"))
    return out


def _table(title: str, table: Deliverable, w: Words, width: int) -> list[RenderableType]:
    from rich.text import Text

    names = [w.name("column", _one_line(name)) for name in table.columns]
    rows = [[_one_line(cell) for cell in row.cells][: len(names)] for row in table.rows[:ROWS]]
    places = [_short(view.place(_one_line(row.path), row.line)) for row in table.rows[:ROWS]]
    if any(places):
        names, rows = [*names, w("table.where")], [[*row, where] for row, where in zip(rows, places, strict=True)]
    widest = [max(len(line[at]) if at < len(line) else 0 for line in [names, *rows]) for at in range(len(names))]
    fits = len(names) <= WRAPPED or sum(widest) + 2 * len(widest) <= width
    out: list[RenderableType] = [Text(title, "bold"), *(_columns(names, rows) if fits else _records(names, rows))]
    if len(table.rows) > ROWS:
        out.append(Text("  " + w("more", n=len(table.rows) - ROWS), "dim"))
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
    """A table too wide for the terminal: a line or two for each row, from the third cell on with its column's name."""
    from rich.padding import Padding
    from rich.text import Text

    out: list[RenderableType] = []
    for row in rows:
        text = Text.assemble((" · ".join(row[:2]), "bold"))
        for name, cell in zip(names[2:], row[2:], strict=False):
            if cell:
                text.append_text(Text.assemble((f" · {name}: ", "dim"), (cell, "not bold")))
        out.append(Padding(text, (0, 0, 0, 2)))
    return out


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


def _short(path: str, limit: int = 34) -> str:
    """Of a long path the file's name: that and the line are what is looked for."""
    return path if len(path) <= limit else "…/" + path.rsplit("/", 1)[-1]


def _one_line(text: str) -> str:
    return " ".join(safe(text).split())
