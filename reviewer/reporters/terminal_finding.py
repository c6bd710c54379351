"""One finding on a terminal: place, code with line numbers and underline, why, fix, suggestion, verification."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Finding, Question, Severity, Standing, VerificationStatus
from reviewer.reporters.look import Look
from reviewer.reporters.sanitise import terminal as safe
from reviewer.reporters.view import ShownLine, place
from reviewer.reporters.words import Words

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

SEVERITY_STYLE = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "bold magenta",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
}
_TICKED = re.compile(r"`([^`\n]+)`")


def finding_lines(
    finding: Finding, code: tuple[ShownLine, ...], w: Words, look: Look, width: int
) -> list[RenderableType]:
    """The finding from its severity to its references."""
    from rich.text import Text

    style = SEVERITY_STYLE[finding.severity]
    head = Text.assemble((w(f"severity.{finding.severity}"), style), " ", (f"[{safe(finding.hazard)}]", style), " ")
    head.append(_one_line(finding.title), "bold")
    facts = [w(f"category.{finding.category}"), w(f"confidence.{finding.confidence}")]
    if finding.standing is not Standing.NEW:
        facts.append(w(f"standing.{finding.standing}"))
    gutter = max((len(str(line.number)) for line in code), default=1)
    where = Text.assemble(
        " " * gutter, ("╭─ ", "bright_black"), _link(finding.path, finding.start_line, finding.end_line, look)
    )
    if finding.side is Side.LEFT:
        where.append(f" ({w('finding.removed')})")
    symbol = f" {w('finding.in', symbol=_one_line(finding.symbol))}" if finding.symbol else ""
    if len(where) + len(symbol) <= width:  # the place is what is needed, the symbol only helps
        where.append(symbol, "dim")
    parts: list[RenderableType] = [head, where, *_code(code, gutter, style, width)]
    parts.append(Text.assemble(" " * gutter, ("╰─ ", "bright_black"), (", ".join(facts), "dim")))
    rows = [(w("finding.why"), finding.scenario), (w("finding.fix"), finding.recommendation)]
    if finding.verification.status is not VerificationStatus.UNVERIFIED:
        status = w(f"verification.{finding.verification.status}")
        rows.append((w("finding.verified"), f"{status}: {finding.verification.reason}".rstrip(": ")))
    if finding.related:
        rows.append((w("finding.also"), ", ".join(place(r.path, r.start_line, r.end_line) for r in finding.related)))
    if finding.references:
        rows.append((w("finding.see"), ", ".join(finding.references)))
    rows = [(name, text) for name, text in rows if text]
    shown: list[tuple[str, Text]] = [(name, prose_text(text)) for name, text in rows]
    label = max(len(w(f"finding.{name}")) for name in ("why", "fix", "suggestion", "verified", "also", "see")) + 2
    if finding.suggestion is not None:
        shown.insert(min(2, len(shown)), (w("finding.suggestion"), _suggestion(finding.suggestion, width - label)))
    return [*parts, _labelled(shown, label)]


def question_lines(question: Question, code: tuple[ShownLine, ...], look: Look, width: int) -> list[RenderableType]:
    """The question, and where it was met."""
    from rich.text import Text

    parts: list[RenderableType] = [Text.assemble(("? ", "dim"), prose_text(question.text))]
    if question.path:
        parts.append(Text.assemble("  ", _link(question.path, question.start_line, question.end_line, look)))
        gutter = max((len(str(line.number)) for line in code), default=1)
        parts += _code(code, gutter + 2, "", width)
    return parts


def prose_text(text: str) -> Text:
    """Running text; what is in backticks stands out where there is colour."""
    from rich.text import Text

    shown = Text(safe(text).strip())
    shown.highlight_regex(_TICKED, "cyan")
    return shown


def _one_line(text: str) -> str:
    return " ".join(safe(text).split())


def _labelled(rows: list[tuple[str, Text]], width: int) -> RenderableType:
    """One table for all: measuring a table costs more than its rows."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(expand=False)
    grid.add_column(width=width)
    grid.add_column(overflow="fold")
    for name, text in rows:
        grid.add_row(Text(name, "dim"), text)
    return grid


def _link(path: str, start: int, end: int, look: Look) -> Text:
    from rich.style import Style
    from rich.text import Text

    shown = _one_line(place(path, start, end))
    plain = re.fullmatch(r"[\w./@+-]+", path) and ".." not in path.split("/")
    style = Style(color="cyan", link=path if look.links and look.color and plain else None)
    return Text(shown, style)


def _code(code: tuple[ShownLine, ...], gutter: int, style: str, width: int) -> list[RenderableType]:
    """Numbered lines; hit lines are marked in the margin, and a single one is underlined."""
    from rich.text import Text

    out: list[RenderableType] = []
    hits = sum(line.hit for line in code)
    before = 0
    for line in code:
        if before and line.number != before + 1:
            out.append(Text(" " * gutter + " ┆", "bright_black"))
        before = line.number
        text = safe(line.text.rstrip("\r")).expandtabs(4)
        row = Text.assemble((f"{line.number:>{gutter}} ", "bright_black"), ("│ ", "bright_black"))
        row.append(f"{line.kind} " if line.kind != " " else "  ", "green" if line.kind == "+" else "red")
        row.append(("> " if line.hit and hits > 1 else "  ") if hits > 1 else "", style)
        row.append(text, "" if line.hit else "dim")
        row.truncate(width, overflow="ellipsis")
        out.append(row)
        if line.hit and hits == 1 and text.strip():
            indent = len(text) - len(text.lstrip())
            mark = Text.assemble(
                " " * gutter, (" │ ", "bright_black"), "  ", " " * indent, ("^" * len(text.strip()), style)
            )
            mark.truncate(width)
            out.append(mark)
    return out


def _suggestion(text: str, width: int) -> Text:
    from rich.text import Text

    shown = Text()
    for index, line in enumerate(safe(text).expandtabs(4).split("\n")):
        row = Text(f"+ {line}", "green")
        row.truncate(max(10, width), overflow="ellipsis")
        shown.append("\n" if index else "")
        shown.append_text(row)
    return shown
