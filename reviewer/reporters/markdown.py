"""The review as Markdown: the job summary, a file to keep, a text to paste. Inert wherever it is rendered."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Finding, Standing, VerificationStatus
from reviewer.nouns.review import CoverageStatus, Deliverable, Review
from reviewer.reporters import view
from reviewer.reporters.look import PLAIN, Look
from reviewer.reporters.sanitise import cell, code, fence, inline, link, prose
from reviewer.reporters.words import Words, words

SIZE_LIMIT = 900_000  # bytes; a job summary may have 1 MiB
ROWS = 100
_LANGUAGES = {
    "py": "python",
    "sql": "sql",
    "go": "go",
    "java": "java",
    "ts": "typescript",
    "js": "javascript",
    "rb": "ruby",
}
_LANGUAGES |= {
    "rs": "rust",
    "kt": "kotlin",
    "cs": "csharp",
    "php": "php",
    "yml": "yaml",
    "yaml": "yaml",
    "json": "json",
}


def render(review: Review, look: Look = PLAIN) -> str:
    """The whole review. Past the size of a job summary the last findings are named and not shown."""
    del look
    w, change = words(review.language), view.change_of(review)
    head = [f"## {w('title')}: {w(f'verdict.{review.verdict}')}", _lead(review, w), _counts(review, w)]
    tail = [_questions(review, w), _facts(review, w), _coverage(review, w), _settled(review, w), _foot(review, w)]
    room = SIZE_LIMIT - sum(_bytes(part) for part in head + tail)
    shown: list[str] = []
    findings = view.ordered(review.findings)
    for at, finding in enumerate(findings):
        text = _finding(finding, view.excerpt(change, finding), w)
        if _bytes(text) > room:
            shown.append(w("more", n=w.number(len(findings) - at)))
            break
        room -= _bytes(text)
        shown.append(text)
    body = [f"### {w('section.findings')}", *shown] if shown else []
    return "\n\n".join(part for part in [*head, *body, *tail] if part) + "\n"


def _lead(review: Review, w: Words) -> str:
    target = inline(review.target.description or review.target.url)
    lines = [f"**{target}** — {view.verdict_line(review, w)}" if target else view.verdict_line(review, w)]
    lines += [prose(review.summary)] if review.summary else []
    lines += ["\n".join(f"> {inline(notice)}" for notice in review.notices)] if review.notices else []
    return "\n\n".join(lines)


def _counts(review: Review, w: Words) -> str:
    counted = view.by_category(review.findings)
    severities = [s for s in view.SEVERITIES if any(s in row for row in counted.values())]
    if not counted:
        return ""
    rows = [
        [w(f"category.{c}"), *(w.number(row[s]) if s in row else "" for s in severities)] for c, row in counted.items()
    ]
    return _table([w("table.category"), *(w(f"severity.{s}") for s in severities)], rows)


def _finding(finding: Finding, lines: Iterable[view.ShownLine], w: Words) -> str:
    where = code(view.place(finding.path, finding.start_line, finding.end_line))
    removed = f" ({w('finding.removed')})" if finding.side is Side.LEFT else ""
    facts = [w(f"category.{finding.category}"), w(f"confidence.{finding.confidence}"), code(finding.hazard)]
    if finding.standing is not Standing.NEW:
        facts.append(w(f"standing.{finding.standing}"))
    language = _LANGUAGES.get(finding.path.rsplit(".", 1)[-1].lower(), "")
    parts = [
        f"#### {w(f'severity.{finding.severity}')}: {inline(finding.title)}",
        f"{where}{removed} · {' · '.join(facts)}",
        fence("\n".join(line.text for line in lines), language),
        prose(finding.scenario),
        f"**{w('finding.fix')}:** {prose(finding.recommendation)}" if finding.recommendation else "",
    ]
    if finding.suggestion is not None:
        parts += [f"{w('finding.suggestion')}:", fence(finding.suggestion, language)]
    if finding.verification.status is not VerificationStatus.UNVERIFIED:
        parts.append(
            f"_{w(f'verification.{finding.verification.status}')}_ {inline(finding.verification.reason)}".rstrip()
        )
    parts += (
        [w("finding.also") + " " + ", ".join(code(view.place(r.path, r.start_line)) for r in finding.related)]
        if finding.related
        else []
    )
    parts += [w("finding.see") + " " + ", ".join(link(url) for url in finding.references)] if finding.references else []
    return "\n\n".join(part for part in parts if part)


def _questions(review: Review, w: Words) -> str:
    if not review.questions:
        return ""
    items = [
        f"- {inline(q.text)}" + (f" ({code(view.place(q.path, q.start_line, q.end_line))})" if q.path else "")
        for q in review.questions
    ]
    return f"### {w('question.heading')}\n\n{w('question.note')}\n\n" + "\n".join(items)


def _facts(review: Review, w: Words) -> str:
    parts = [_fact(title, table, w) for _, title, table in view.tables(review, w) if table.rows or table.inspected]
    return "\n\n".join([f"### {w('section.facts')}", *parts]) if parts else ""


def _fact(title: str, table: Deliverable, w: Words) -> str:
    notes = [f"- {inline(note)}" for note in table.notes]
    inspected = w("table.inspected", what=inline(table.inspected)) if table.inspected else ""
    if not table.rows:
        return "\n\n".join(
            part for part in (f"**{title}**", f"{w('table.no-change')} {inspected}".strip(), "\n".join(notes)) if part
        )
    shown = view.grid(table, w)
    names = [inline(name) for name in shown.names]
    rows = [[cell(text) for text in row] for row in shown.rows[:ROWS]]
    if shown.places:
        names.append(w("table.where"))
        rows = [[*row, code(where, table=True)] for row, where in zip(rows, shown.places, strict=False)]
    more = w("more", n=w.number(len(table.rows) - ROWS)) if len(table.rows) > ROWS else ""
    return "\n\n".join(
        part for part in (f"**{title}**", _table(names, rows), more, "\n".join(notes), inspected) if part
    )


def _coverage(review: Review, w: Words) -> str:
    parts = [f"### {w('section.coverage')}", view.coverage_line(review, w)]
    short = [f for f in review.coverage.files if f.status is not CoverageStatus.REVIEWED]
    if short:
        rows = [
            [
                code(f.path, table=True),
                w(f"coverage.{f.status}"),
                f"{w.number(f.reviewed_lines)}/{w.number(f.changed_lines)}",
                cell(f.reason),
            ]
            for f in short[: 10 * ROWS]
        ]
        names = [w(f"table.{name}") for name in ("file", "status", "lines", "reason")]
        summary = view.files_line(review, w)
        more = f"\n\n{w('more', n=w.number(len(short) - 10 * ROWS))}" if len(short) > 10 * ROWS else ""
        parts.append(f"<details><summary>{summary}</summary>\n\n{_table(names, rows)}{more}\n\n</details>")
    return "\n\n".join(parts)


def _settled(review: Review, w: Words) -> str:
    parts = [w.count("fixed", len(review.fixed)) + "."] if review.fixed else []
    if review.acknowledged:
        items = [
            f"- {inline(a.title)} ({code(a.path)}; {inline(a.by)}: {inline(a.reason)})" for a in review.acknowledged
        ]
        parts.append(f"**{w.count('acknowledged', len(review.acknowledged))}**\n\n" + "\n".join(items))
    if review.excluded:
        rows = [
            [cell(e.title), code(view.place(e.path, e.start_line), table=True), cell(e.stage), cell(e.reason)]
            for e in review.excluded[:ROWS]
        ]
        names = [w(f"table.{name}") for name in ("title", "where", "stage", "reason")]
        heading = w.count("excluded", len(review.excluded))
        parts.append(f"<details><summary>{heading}</summary>\n\n{_table(names, rows)}\n\n</details>")
    return "\n\n".join(parts)


def _foot(review: Review, w: Words) -> str:
    made = f"{review.tool.name} {review.tool.version}".strip()
    return f"<sub>{' · '.join([*(inline(part) for part in view.usage_parts(review, w)), inline(made)])}</sub>"


def _table(names: list[str], rows: list[list[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
