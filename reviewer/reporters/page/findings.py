"""Findings, questions and files of the HTML report."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Finding, Question, Standing, VerificationStatus
from reviewer.nouns.review import FileCoverage
from reviewer.reporters import view
from reviewer.reporters.page.text import esc, inline, prose, reference
from reviewer.reporters.words import Words


def anchor(finding: Finding) -> str:
    """The id that a link to the finding uses."""
    return f"f-{finding.fingerprint}"


def finding_card(finding: Finding, lines: Sequence[view.ShownLine], w: Words) -> str:
    """One finding. The excerpt is for readers without script and for files whose diff is not in the report."""
    severity, name = str(finding.severity), esc(anchor(finding))
    place = esc(view.place(finding.path, finding.start_line, finding.end_line))
    meta = [
        f'<span class="badge {severity}">{w(f"severity.{severity}")}</span>',
        f"<span>{w(f'category.{finding.category}')}</span>",
        f"<span>· {w(f'confidence.{finding.confidence}')}</span>",
        f"<span>· <code>{esc(finding.hazard)}</code></span>",
    ]
    if finding.standing is not Standing.NEW:
        meta.append(f'<span class="tag">{w(f"standing.{finding.standing}")}</span>')
    if finding.side is Side.LEFT:
        meta.append(f'<span class="tag">{w("finding.removed")}</span>')
    meta.append(f'<a class="mono" href="#{name}" title="{w("html.permalink")}">{place}</a>')
    rows = "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in _rows(finding, w) if text)
    excerpt = "\n".join(f"{line.number} {line.kind} {line.text}" for line in lines)
    shown = f'<pre class="excerpt">{esc(excerpt)}</pre>' if excerpt else ""
    data = {"severity": severity, "category": finding.category, "path": finding.path, "side": finding.side}
    data |= {"start": str(finding.start_line), "end": str(finding.end_line)}
    attributes = " ".join(f'data-{key}="{esc(value)}"' for key, value in data.items())
    return (
        f'<article class="finding {severity}" id="{name}" tabindex="-1" {attributes}>'
        f'<div class="meta">{"".join(meta)}</div><h4>{inline(finding.title)}</h4>{shown}<dl>{rows}</dl></article>'
    )


def _rows(finding: Finding, w: Words) -> list[tuple[str, str]]:
    rows = [(w("finding.why"), prose(finding.scenario)), (w("finding.fix"), prose(finding.recommendation))]
    if finding.suggestion is not None:
        rows.append((w("finding.suggestion"), f"<pre>{esc(finding.suggestion)}</pre>"))
    if finding.verification.status is not VerificationStatus.UNVERIFIED:
        status = w(f"verification.{finding.verification.status}")
        rows.append((w("finding.verified"), f"<strong>{status}</strong> {inline(finding.verification.reason)}"))
    related = ", ".join(f"<code>{esc(view.place(r.path, r.start_line, r.end_line))}</code>" for r in finding.related)
    rows.append((w("finding.also"), related))
    rows.append((w("finding.see"), ", ".join(reference(url) for url in finding.references)))
    return rows


def file_section(index: int, path: str, cards: Sequence[str], cover: FileCoverage | None, worst: str, w: Words) -> str:  # noqa: PLR0917
    """A file: its findings, and the place where its diff is built when it is opened."""
    tags = []
    if cards:
        tags.append(f'<span class="dot {worst}"></span><span class="small">{w.count("finding", len(cards))}</span>')
    if cover is not None:
        lines = w("coverage.of", done=w.number(cover.reviewed_lines), all=w.number(cover.changed_lines))
        tags.append(
            f'<span class="tag {cover.status}" title="{esc(cover.reason)}">{w(f"coverage.{cover.status}")} · {lines}</span>'
        )
    opened = " open" if cards else ""
    return (
        f'<details class="file" id="file-{index}" data-index="{index}" data-path="{esc(path)}"{opened}>'
        f'<summary><span class="path">{esc(path)}</span>{"".join(tags)}</summary>'
        f'<div class="loose">{"".join(cards)}</div><div class="diff"></div></details>'
    )


def questions(items: Sequence[Question], w: Words) -> str:
    """The questions to the author."""
    if not items:
        return ""
    listed = "".join(
        f"<li>{inline(q.text)}"
        + (f' <code class="soft">{esc(view.place(q.path, q.start_line, q.end_line))}</code>' if q.path else "")
        + "</li>"
        for q in items
    )
    return f'<h2>{w("question.heading")}</h2><p class="soft">{w("question.note")}</p><ul>{listed}</ul>'
