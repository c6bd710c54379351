"""The one summary comment: the verdict and everything behind it, folded; a screen at most when there is little to say.

GitHub takes 65,536 characters. What does not fit goes in order: sections shrink, least needed first, and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from reviewer import state
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Finding, Standing
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import CoverageStatus, Deliverable, Review
from reviewer.reporters import view
from reviewer.reporters.pull_links import Links
from reviewer.reporters.sanitise import cell, code, inline, prose
from reviewer.reporters.words import Words, words

LIMIT = 65_000
_TITLE = 160
_LINKED = 150

Variants = tuple[Callable[[], str], ...]  # fullest first; the last may be empty


class _Section(NamedTuple):
    keep: int  # sections with a low number shrink first
    variants: Variants


def body(review: Review, memory: Memory, unplaced: Collection[str] = ()) -> str:
    """The comment's text. `unplaced` are prints of findings that have no comment of their own (GitHub refused it)."""
    w = words(review.language)
    # Addresses are long: where there are very many findings, places are named and not linked.
    links = Links.of(review.target) if len(review.findings) <= _LINKED else Links("", "", "")
    hidden = state.encode(state.remember(review, memory), state.ROOM)
    sections = _sections(review, w, links, frozenset(unplaced))
    texts = _fit(sections, LIMIT - len(hidden) - len(state.SUMMARY_MARK) - 4)
    return "\n\n".join(part for part in (state.SUMMARY_MARK, *texts, hidden) if part)


def _sections(review: Review, w: Words, links: Links, unplaced: frozenset[str]) -> list[_Section]:
    findings = view.ordered(review.findings)
    tables = [
        _Section(2, (lambda table=table, title=title: _table_section(title, table, w, 100), lambda: ""))  # type: ignore[misc]
        for _, title, table in view.tables(review, w)
        if table.rows
    ]
    return [
        _Section(9, (lambda: _head(review, w, 4_000), lambda: _head(review, w, 600))),
        _Section(
            8,
            tuple(
                (lambda size=size: _findings(findings[:size], len(findings), w, links, unplaced))  # type: ignore[misc]
                for size in (500, 300, 200, 120, 60, 20)
            ),
        ),
        _Section(7, tuple((lambda n=n: _questions(review, w, links, n)) for n in (50, 10, 3))),  # type: ignore[misc]
        _Section(
            6, (lambda: _coverage(review, w, 400), lambda: _coverage(review, w, 60), lambda: _coverage(review, w, 0))
        ),
        *tables,
        _Section(4, (lambda: _acknowledged(review, w, 100), lambda: _acknowledged(review, w, 10))),
        _Section(1, (lambda: _excluded(review, w, 60), lambda: _excluded(review, w, 10), lambda: "")),
        _Section(3, (lambda: _foot(review, w),)),
    ]


def _fit(sections: list[_Section], room: int) -> list[str]:
    """The sections' texts, shrunk until they fit together."""
    chosen = [0] * len(sections)
    texts = [section.variants[0]() for section in sections]
    while sum(len(text) + 2 for text in texts) > room:
        open_ = [at for at, section in enumerate(sections) if chosen[at] + 1 < len(section.variants)]
        if not open_:
            break
        at = min(open_, key=lambda at: (sections[at].keep, -len(texts[at])))
        chosen[at] += 1
        texts[at] = sections[at].variants[chosen[at]]()
    return texts


def _head(review: Review, w: Words, limit: int) -> str:
    # The summary's first sentence says what was found and how much was reviewed.
    said = prose(review.summary, limit) if review.summary else f"**{view.verdict_line(review, w)}**"
    parts = [f"## {w('title')}: {w(f'verdict.{review.verdict}')}", said]
    counts = _counts(review, w)
    parts += [counts] if counts else []
    standing = [w.count("fixed", len(review.fixed))] if review.fixed else []
    if standing:
        parts.append(". ".join(standing) + ".")
    parts += ["\n".join(f"> {inline(notice)}" for notice in review.notices[:20])] if review.notices else []
    return "\n\n".join(parts)


def _counts(review: Review, w: Words) -> str:
    counted = view.by_category(review.findings)
    severities = [s for s in view.SEVERITIES if any(s in row for row in counted.values())]
    if not counted:
        return ""
    names = [w("table.category"), *(w(f"severity.{s}") for s in severities)]
    rows = [
        [w(f"category.{c}"), *(w.number(row[s]) if s in row else "" for s in severities)] for c, row in counted.items()
    ]
    return _table(names, rows)


def _findings(shown: tuple[Finding, ...], total: int, w: Words, links: Links, unplaced: frozenset[str]) -> str:
    if not total:
        return ""
    items = [_item(finding, w, links, finding.fingerprint in unplaced) for finding in shown]
    if len(shown) < total:
        items.append(f"- {w('more', n=w.number(total - len(shown)))}")
    return f"### {w('section.findings')}\n\n" + "\n".join(items)


def _item(finding: Finding, w: Words, links: Links, unplaced: bool) -> str:
    where = links.place(finding.path, finding.side, finding.start_line, finding.end_line)
    notes = [w("finding.removed")] if finding.side is Side.LEFT else []
    notes += [w(f"standing.{finding.standing}")] if finding.standing is not Standing.NEW else []
    notes += [w("pull.no-comment")] if unplaced else []
    tail = f" _({', '.join(notes)})_" if notes else ""
    return f"- **{w(f'severity.{finding.severity}')}** · {inline(finding.title, _TITLE)} · {where}{tail}"


def _questions(review: Review, w: Words, links: Links, limit: int) -> str:
    if not review.questions:
        return ""
    items = []
    for question in review.questions[:limit]:
        at = links.place(question.path, question.side, question.start_line, question.end_line) if question.path else ""
        items.append(f"- {inline(question.text, 600)}" + (f" · {at}" if at else ""))
    left = len(review.questions) - limit
    items += [f"- {w('more', n=w.number(left))}"] if left > 0 else []
    return f"### {w('question.heading')}\n\n{w('question.note')}\n\n" + "\n".join(items)


def _coverage(review: Review, w: Words, limit: int) -> str:
    """How much was read in one line; every file that was not, with its reason, folded."""
    line = f"**{w('section.coverage')}:** {view.coverage_line(review, w)}"
    short = [file for file in review.coverage.files if file.status is not CoverageStatus.REVIEWED]
    if not short:
        return line
    rows = [
        [
            code(file.path, table=True),
            w(f"coverage.{file.status}"),
            f"{w.number(file.reviewed_lines)}/{w.number(file.changed_lines)}",
            cell(file.reason, 160),
        ]
        for file in short[:limit]
    ]
    names = [w(f"table.{name}") for name in ("file", "status", "lines", "reason")]
    parts = [_table(names, rows)] if rows else []
    if len(short) > limit:
        groups = [
            f"- {w.name('kind', g.kind)}: {w.count('file', g.files)}, {w.count('line', g.lines)}"
            for g in view.skip_groups(review)
        ]
        parts += ["\n".join(groups[:30]), w("more", n=w.number(len(short) - limit))]
    return f"{line}\n\n{_folded(view.files_line(review, w), parts)}"


def _table_section(title: str, table: Deliverable, w: Words, limit: int) -> str:
    names = [*(w.name("column", inline(name)) for name in table.columns), w("table.where")]
    rows = []
    for row in table.rows[:limit]:
        cells = [cell(text, 160) for text in row.cells][: len(table.columns)]
        cells += [""] * (len(table.columns) - len(cells))
        rows.append([*cells, code(view.place(row.path, row.line), table=True) if row.path else ""])
    parts = [_table(names, rows), *(f"- {inline(note)}" for note in table.notes[:10])]
    if len(table.rows) > limit:
        parts.append(w("more", n=w.number(len(table.rows) - limit)))
    return _folded(f"{title} ({w.number(len(table.rows))})", parts)


def _acknowledged(review: Review, w: Words, limit: int) -> str:
    if not review.acknowledged:
        return ""
    items = []
    for one in review.acknowledged[:limit]:
        until = f", {w('acknowledged.until', date=inline(one.until))}" if one.until else ""
        said = w("acknowledged.by", by=code(one.by or "?"), reason=inline(one.reason, 200))
        items.append(f"- {inline(one.title, _TITLE)} · {code(one.path)} · {said}{until}")
    return _folded(w.count("acknowledged", len(review.acknowledged)), ["\n".join(items)])


def _excluded(review: Review, w: Words, limit: int) -> str:
    if not review.excluded:
        return ""
    rows = [
        [cell(e.title, 120), code(view.place(e.path, e.start_line), table=True), cell(e.reason, 200)]
        for e in review.excluded[:limit]
    ]
    names = [w(f"table.{name}") for name in ("title", "where", "reason")]
    return _folded(w.count("excluded", len(review.excluded)), [_table(names, rows)])


def _foot(review: Review, w: Words) -> str:
    """Cost and provenance, small: who looked, with which persona, at which commit."""
    source = review.provenance
    prints = [
        f"{w('provenance.persona')} {inline(source.persona)} {code(source.persona_sha256[:12])}"
        if source.persona
        else "",
        f"{w('provenance.prompt')} {code(source.prompt_sha256[:12])}" if source.prompt_sha256 else "",
        f"{w('provenance.diff')} {code(source.diff_sha256[:12])}" if source.diff_sha256 else "",
        f"{w('provenance.commit')} {code(review.target.head_sha[:12])}" if review.target.head_sha else "",
    ]
    made = inline(f"{review.tool.name} {review.tool.version}".strip())
    parts = [*(inline(part) for part in view.usage_parts(review, w)), *(print_ for print_ in prints if print_), made]
    return f"<sub>{' · '.join(parts)}</sub>"


def _folded(summary: str, parts: Iterable[str]) -> str:
    inside = "\n\n".join(part for part in parts if part)
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"


def _table(names: list[str], rows: list[list[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
