"""The HTML report: one file that asks nothing of the network, with the findings beside the code."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from reviewer.nouns.finding import Category, Finding, Severity
from reviewer.nouns.review import Review, Verdict
from reviewer.reporters import view
from reviewer.reporters.look import PLAIN, Look
from reviewer.reporters.page import data, facts
from reviewer.reporters.page.findings import file_section, finding_card, questions
from reviewer.reporters.page.text import esc, prose
from reviewer.reporters.words import Words, words

_TARGET = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?/[\w.-]+/[\w.-]+(?:/pull/\d+)?")


def render(review: Review, look: Look = PLAIN) -> str:
    """The page. A Content-Security-Policy in it forbids every request, and every script and style but its own."""
    del look
    w = words(review.language)
    style, script = _asset("report.css"), _asset("report.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    sections, block = _files(review, w)
    title = esc(f"{w('title')}: {review.target.description or review.target.kind}")
    body = [
        _header(review, w),
        _bar(review, w),
        sections,
        questions(review.questions, w),
        facts.deliverables(review, w),
    ]
    body += [facts.coverage(review, w), facts.settled(review, w), facts.provenance(review, w)]
    made = w("html.made", tool=esc(review.tool.name), version=esc(review.tool.version))
    return (
        f'<!doctype html>\n<html lang="{w.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f'<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<a class="skip" href="#findings">{w("html.skip-link")}</a>\n'
        f"{body[0]}<main>{''.join(body[1:])}</main><footer>{made}</footer>\n{block}\n<script>{script}</script>\n</body>\n</html>\n"
    )


@cache
def _asset(name: str) -> str:
    return (Path(__file__).parent / "page" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _header(review: Review, w: Words) -> str:
    target = esc(review.target.description or str(review.target.kind))
    if _TARGET.fullmatch(review.target.url):
        target = f'<a href="{esc(review.target.url)}" rel="noopener noreferrer">{target}</a>'
    counts = view.by_severity(review.findings)
    tiles = "".join(f'<li class="{s}"><b>{w.number(n)}</b>{w(f"severity.{s}")}</li>' for s, n in counts.items())
    cover = (
        w.percent(review.coverage.reviewed_lines, review.coverage.in_scope_lines)
        if review.coverage.in_scope_lines
        else "-"
    )
    tiles += f"<li><b>{cover}</b>{w('coverage.reviewed')}</li>"
    tiles += (
        f"<li><b>{w.number(len(review.questions))}</b>{_noun(w.count('question', len(review.questions)))}</li>"
        if review.questions
        else ""
    )
    notices = "".join(f"<li>{esc(notice)}</li>" for notice in review.notices)
    # The lead says how much was reviewed; what an incomplete review means needs saying.
    incomplete = review.verdict is Verdict.INCOMPLETE
    means = (
        f'<p class="soft">{w("verdict-means.incomplete")} {view.coverage_line(review, w)}.</p>' if incomplete else ""
    )
    return (
        f'<header><h1>{w("title")} <span class="verdict {review.verdict}">{w(f"verdict.{review.verdict}")}</span></h1>'
        f'<p class="soft">{target}</p><div class="lead">{prose(review.summary)}</div>'
        f'{means}<ul class="tiles">{tiles}</ul>'
        f"{_matrix(review.findings, w)}{f'<div class=notices><ul>{notices}</ul></div>' if notices else ''}</header>"
    )


def _noun(counted: str) -> str:
    return counted.split(" ", 1)[-1]


def _matrix(findings: Sequence[Finding], w: Words) -> str:
    counted = view.by_category(findings)
    severities = [s for s in view.SEVERITIES if any(s in row for row in counted.values())]
    if len(counted) < 2:
        return ""
    rows = [
        [w(f"category.{c}"), *(w.number(row[s]) if s in row else "" for s in severities)] for c, row in counted.items()
    ]
    return facts.table([w("table.category"), *(w(f"severity.{s}") for s in severities)], rows, "matrix")


def _bar(review: Review, w: Words) -> str:
    """The filters. They are there without findings too: the script counts on them, the bar is only hidden."""
    present = {finding.severity for finding in review.findings}
    kinds = {finding.category for finding in review.findings}
    severities = "".join(_pill("severity", s, w(f"severity.{s}"), str(s)) for s in reversed(Severity) if s in present)
    categories = "".join(_pill("category", c, w(f"category.{c}"), "") for c in Category if c in kinds)
    paths = sorted({finding.path for finding in review.findings})
    options = "".join(f'<option value="{esc(path)}">{esc(path)}</option>' for path in paths)
    hidden = "" if review.findings else " hidden"
    return (
        f'<div class="bar" role="search" aria-label="{w("html.filter")}"><span{hidden}><fieldset><legend>{w("table.severity")}</legend>{severities}</fieldset></span>'
        f"<span{hidden}><fieldset><legend>{w('table.category')}</legend>{categories}</fieldset></span>"
        f'<select id="only-file" aria-label="{w("table.file")}"{hidden}><option value="">{w("html.all-files")}</option>{options}</select>'
        f'<input type="search" id="search" placeholder="{w("html.filter-text")}" aria-label="{w("html.filter-text")}"{hidden}>'
        f'<button type="button" id="reset"{hidden}>{w("html.reset")}</button><span id="shown" class="soft small" role="status"{hidden}></span>'
        f'<span class="group push"><button type="button" data-view="unified" aria-pressed="true">{w("html.unified")}</button>'
        f'<button type="button" data-view="split" aria-pressed="false">{w("html.split")}</button></span>'
        f'<button type="button" id="expand">{w("html.expand")}</button><button type="button" id="collapse">{w("html.collapse")}</button>'
        f'<button type="button" id="theme">{w("html.theme")}: {w("html.theme-auto")}</button></div>'
    )


def _pill(name: str, value: str, label: str, kind: str) -> str:
    return f'<label class="pill {kind}"><input type="checkbox" name="{name}" value="{value}" checked><span>{label}</span></label>'


def _files(review: Review, w: Words) -> tuple[str, str]:
    """Files in the order of their worst finding, then as in the diff; and the data block with their hunks."""
    change = view.change_of(review)
    cover = {file.path: file for file in review.coverage.files}
    mine: dict[str, list[Finding]] = {}
    for finding in view.ordered(review.findings):
        mine.setdefault(finding.path, []).append(finding)
    paths = list(dict.fromkeys([*mine, *(file.path for file in change.files)]))
    sections, links, hunks = [], [], {}
    for index, path in enumerate(paths):
        findings, file = mine.get(path, []), change.file(path)
        cards = [finding_card(finding, view.excerpt(change, finding), w) for finding in findings]
        worst = view.highest(findings)
        sections.append(file_section(index, path, cards, cover.get(path), worst, w))
        links.append(_link(index, path, worst, len(findings)))
        if file is not None:
            hunks[index] = data.pack(file, findings)
            if data.is_cut(file):
                sections.append(f'<p class="soft small">{w("html.too-long")}</p>')
    nav = f'<nav aria-label="{w("section.changes")}"><ul>{"".join(links)}</ul></nav>'
    empty = f'<p id="nothing" class="soft" hidden>{w("html.nothing")}</p>'
    heading = f'<h2 id="findings">{w("section.findings" if review.findings else "section.changes")}</h2>'
    return f'<div class="layout">{nav}<div>{heading}{empty}{"".join(sections)}</div></div>', data.embed(hunks, w)


def _link(index: int, path: str, worst: str, count: int) -> str:
    name = esc(path.rsplit("/", 1)[-1])
    tail = f'<span class="count"><i class="dot {worst}"></i> {count}</span>' if count else ""
    kind = "" if count else ' class="quiet"'
    return f'<li{kind}><a href="#file-{index}" data-file="file-{index}" title="{esc(path)}"><span>{name}</span>{tail}</a></li>'
