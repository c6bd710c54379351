"""The deliverables, the coverage, what was settled and what it cost, as parts of the HTML report."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.nouns.review import CoverageStatus, Deliverable, Review
from reviewer.reporters import view
from reviewer.reporters.page import drawing, mermaid, treemap
from reviewer.reporters.page.text import code_place, esc, inline
from reviewer.reporters.words import Words


def table(names: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table of ready HTML cells, wide ones scroll by themselves."""
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll" tabindex="0"><table class="plain {kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def deliverables(review: Review, w: Words) -> str:
    """Each table with its picture; the ones that found no change in one line each."""
    cards = "".join(_card(title, item, w) for _, title, item in view.tables(review, w) if item.rows or item.diagram)
    quiet = [
        f"<li><strong>{title}</strong>: {w('table.no-change')} {w('table.inspected', what=esc(item.inspected))}</li>"
        for _, title, item in view.tables(review, w)
        if not item.rows and not item.diagram and item.inspected
    ]
    body = cards + (f'<ul class="soft">{"".join(quiet)}</ul>' if quiet else "")
    return f'<h2 id="facts">{w("section.facts")}</h2>{body}' if body else ""


def _card(title: str, item: Deliverable, w: Words) -> str:
    shown = view.grid(item, w)
    names = [esc(name) for name in shown.names]
    rows = [[inline(cell) for cell in row] for row in shown.rows]
    if shown.places:
        names.append(w("table.where"))
        guess = f' <span class="tag">{w("table.inferred")}</span>'
        marks = [guess if row.source == "inferred" else "" for row in item.rows]
        places = [f"{code_place(where)}{mark}" for where, mark in zip(shown.places, marks, strict=True)]
        rows = [[*row, where] for row, where in zip(rows, places, strict=True)]
    notes = "".join(f"<li>{inline(note)}</li>" for note in item.notes)
    parts = [f"<h3>{title}</h3>", _diagram(title, item.diagram, w), table(names, rows) if rows else ""]
    parts += [f"<ul>{notes}</ul>" if notes else ""]
    parts += [f'<p class="soft small">{w("table.inspected", what=esc(item.inspected))}</p>' if item.inspected else ""]
    return f'<section class="card">{"".join(parts)}</section>'


def _diagram(title: str, source: str, w: Words) -> str:
    if not source.strip():
        return ""
    picture = mermaid.read(source)
    drawn = (
        drawing.draw(picture, w("html.diagram", title=title))
        if picture
        else f'<p class="soft">{w("html.not-drawn")}</p>'
    )
    return (
        f'<div class="scroll" tabindex="0">{drawn}</div>'
        f'<details class="more"{"" if picture else " open"}><summary>{w("html.source")}</summary><pre>{esc(source)}</pre></details>'
    )


def coverage(review: Review, w: Words) -> str:
    """The sentence, the map, and a table of what was not reviewed in full."""
    kinds = "".join(
        f"<li>{esc(w.name('kind', group.kind))}: {w.count('file', group.files)}, {w.count('line', group.lines)}"
        f' <span class="soft">({w("coverage.missing" if group.in_scope else "coverage.left-out")})</span></li>'
        for group in view.skip_groups(review)
    )
    legend = "".join(f'<span><i class="{s}"></i>{w(f"coverage.{s}")}</span>' for s in CoverageStatus)
    short = [file for file in review.coverage.files if file.status is not CoverageStatus.REVIEWED]
    names = [w(f"table.{name}") for name in ("file", "status", "lines", "reason")]
    rows = [
        [
            code_place(f.path),
            w(f"coverage.{f.status}"),
            f"{w.number(f.reviewed_lines)} / {w.number(f.changed_lines)}",
            esc(f.reason),
        ]
        for f in short
    ]
    picture = treemap.draw(review.coverage.files, w)
    drawn = (
        f'{picture}<p class="legend">{legend}<span class="soft">{w("html.coverage-map")}</span></p>' if picture else ""
    )
    listed = table(names, rows)
    listed = f'<details class="more"{" open" if len(rows) <= 20 else ""}><summary>{view.files_line(review, w)}</summary>{listed}</details>'
    return (
        f'<h2 id="coverage">{w("section.coverage")}</h2><p>{view.coverage_line(review, w)}</p>{drawn}'
        f"{f'<ul>{kinds}</ul>' if kinds else ''}{listed if rows else ''}"
    )


def settled(review: Review, w: Words) -> str:
    """Fixed, acknowledged and excluded: what was looked at and is not asked again."""
    parts = [f"<p>{w.count('fixed', len(review.fixed))}.</p>"] if review.fixed else []
    if review.acknowledged:
        rows = [
            [inline(a.title), code_place(a.path), esc(a.by), inline(a.reason), esc(a.until)]
            for a in review.acknowledged
        ]
        names = [w(f"table.{name}") for name in ("title", "file", "by", "reason", "until")]
        parts.append(f"<h2>{w('section.acknowledged')}</h2>{table(names, rows)}")
    if review.excluded:
        rows = [
            [
                inline(e.title),
                code_place(view.place(e.path, e.start_line, e.end_line)),
                esc(w.name("stage", e.stage)),
                inline(e.reason),
            ]
            for e in review.excluded
        ]
        names = [w(f"table.{name}") for name in ("title", "where", "stage", "reason")]
        summary = w.count("excluded", len(review.excluded))
        parts.append(f'<details class="more"><summary>{summary}</summary>{table(names, rows)}</details>')
    return "".join(parts)


def provenance(review: Review, w: Words) -> str:
    """What it cost and what it was made with."""
    from_ = review.provenance
    hashes = {"persona": from_.persona_sha256, "prompt": from_.prompt_sha256, "diff": from_.diff_sha256}
    rows = [[w("provenance.model"), esc(f"{from_.provider} {from_.model}".strip())]]
    if from_.persona:
        rows.append([w("provenance.persona"), esc(from_.persona)])
    rows += [
        [f"{w(f'provenance.{name}')} SHA-256", f"<code>{esc(value)}</code>"] for name, value in hashes.items() if value
    ]
    if review.target.head_sha:
        rows.append([w("provenance.commit"), f"<code>{esc(review.target.head_sha)}</code>"])
    rows.append([w("provenance.tool"), esc(f"{review.tool.name} {review.tool.version}".strip())])
    body = "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows)
    cost = "".join(f"<li>{esc(part)}</li>" for part in view.usage_parts(review, w))
    return (
        f'<h2 id="cost">{w("section.cost")}</h2><ul class="tiles small">{cost}</ul>'
        f'<h2>{w("section.provenance")}</h2><div class="scroll" tabindex="0"><table class="plain matrix"><tbody>{body}</tbody></table></div>'
    )
