"""The review on a terminal: verdict, findings as a good compiler shows them, facts, coverage, cost, what to do next."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

from reviewer.nouns.review import Review, Verdict
from reviewer.reporters import view
from reviewer.reporters.look import PLAIN, Look
from reviewer.reporters.sanitise import terminal as safe
from reviewer.reporters.terminal_finding import finding_lines, prose_text, question_lines
from reviewer.reporters.terminal_tables import coverage_lines, fact_tables
from reviewer.reporters.words import Words, words

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_STYLE = {Verdict.CLEAN: "bold green", Verdict.FINDINGS: "bold yellow", Verdict.INCOMPLETE: "bold red"}
_ASCII = str.maketrans(
    {"─": "-", "│": "|", "╭": ",", "╰": "`", "•": "*", "→": "->", "·": "-", "…": "...", "━": "=", "⟨": "<", "⟩": ">", "‹": "<", "›": ">", "┆": ":"}
)  # fmt: skip


def render(review: Review, look: Look = PLAIN) -> str:
    """The report as text for `look.width` columns; without colour it carries no escape sequence at all."""
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out, width=max(40, look.width), force_terminal=look.color, color_system="256" if look.color else None,
        no_color=not look.color, highlight=False, markup=False, emoji=False, legacy_windows=False, soft_wrap=False,
        _environ={},
    )  # fmt: skip
    w = words(review.language)
    _head(console, review, w)
    _findings(console, review, w, look)
    _facts(console, review, w, look)
    _tail(console, review, w, look)
    text = "\n".join(line.rstrip() for line in out.getvalue().split("\n"))
    return text if look.unicode else _ascii(text)


def _ascii(text: str) -> str:
    """For a device that has ASCII only: marks get their plain sisters, letters lose their accents."""
    text = unicodedata.normalize("NFKD", text.translate(_ASCII))
    return "".join(char for char in text if not unicodedata.combining(char)).encode("ascii", "replace").decode()


def _head(console: Console, review: Review, w: Words) -> None:
    from rich.text import Text

    target = safe(review.target.description or review.target.url or review.target.kind).replace("\n", " ")
    head = Text.assemble((w("title"), "bold"), "  ", (target, "cyan"))
    console.print(head, overflow="ellipsis", no_wrap=True)
    if review.summary:
        console.print(prose_text(review.summary))
    for notice in review.notices:
        console.print(Text.assemble(("! ", "bold yellow"), safe(notice)))


def _section(console: Console, title: str, note: str = "") -> None:
    from rich.text import Text

    console.print()
    rule = "─" * max(0, console.width - len(title) - len(note) - (4 if note else 2) - 1)
    console.print(Text.assemble((title, "bold"), f"  {note}" if note else "", " ", (rule, "dim")), no_wrap=True)


def _findings(console: Console, review: Review, w: Words, look: Look) -> None:
    change = view.change_of(review)
    if review.findings:
        _section(console, w("section.findings"), view.counts_line(review.findings, w))
    for finding in view.ordered(review.findings):
        console.print()
        _print_all(console, finding_lines(finding, view.excerpt(change, finding), w, look, console.width))
    if review.questions:
        _section(console, w("question.heading"))
        for question in review.questions:
            _print_all(
                console,
                question_lines(question, view.excerpt(change, question, around=0, limit=4), look, console.width),
            )


def _facts(console: Console, review: Review, w: Words, look: Look) -> None:
    # Of a change with nothing in scope there is nothing to tell, not even that nothing was detected.
    tables = fact_tables(review, w, replace(look, width=console.width)) if review.coverage.in_scope_lines else []
    if tables:
        _section(console, w("section.facts"))
        _print_all(console, tables)


def _tail(console: Console, review: Review, w: Words, look: Look) -> None:
    from rich.table import Table
    from rich.text import Text

    _section(console, w("section.coverage"), view.files_line(review, w))
    _print_all(console, coverage_lines(review, w, look))
    # That no model took part stands at the top already.
    parts = [*view.usage_parts(review, w)] if review.usage.calls or not review.notices else []
    if review.fixed:
        parts.append(w.count("fixed", len(review.fixed)))
    if review.acknowledged:
        parts.append(w.count("acknowledged", len(review.acknowledged)))
    if review.excluded:
        parts.append(w.count("excluded", len(review.excluded)))
    if parts:
        console.print(Text(safe(" · ".join(parts)), style="dim"))
    steps = _next(review, w)
    if steps:
        _section(console, w("section.next"))
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        for command, why in steps:
            grid.add_row(Text(f"  {command}", "bold"), Text(why, "dim"))
        console.print(grid)
    console.print()
    verdict = w(f"verdict.{review.verdict}")
    console.print(Text.assemble((verdict, _STYLE[review.verdict]), (": ", "bold"), view.verdict_line(review, w)))


def _next(review: Review, w: Words) -> list[tuple[str, str]]:
    steps = []
    if review.findings:
        hazard = safe(view.ordered(review.findings)[0].hazard)
        steps.append((f"python -m reviewer explain {hazard}", w("next.explain")))
        steps.append(("--output review.html", w("next.html")))
    if review.verdict is Verdict.INCOMPLETE:
        steps.append(("--full" if not view.missing_lines(review) else "python -m reviewer", w("next.rerun")))
    return steps


def _print_all(console: Console, items: list[RenderableType]) -> None:
    """All at once: a print has a price of its own."""
    from rich.console import Group

    if items:
        console.print(Group(*items))
