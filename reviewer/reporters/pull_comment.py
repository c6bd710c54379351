"""One inline comment: what a senior engineer would write beside the code, and the mark later runs know it by."""

from __future__ import annotations

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Finding, VerificationStatus
from reviewer.reporters import view
from reviewer.reporters.sanitise import code, fence, inline, is_suggestible, link, prose
from reviewer.reporters.words import Words
from reviewer.state import Mark, write_mark

LIMIT = 60_000  # characters; GitHub takes 65,536


def headline(finding: Finding, w: Words) -> str:
    """`**Data integrity · high** — title`: what is at stake first, so that a notification says it."""
    category = w(f"category.{finding.category}")
    return f"**{category[:1].upper()}{category[1:]} · {w(f'severity.{finding.severity}')}** — {inline(finding.title)}"


def body(finding: Finding, hunk_print: str, w: Words) -> str:
    """The comment on a finding's lines."""
    parts = [headline(finding, w), prose(finding.scenario)]
    if finding.recommendation:
        parts.append(f"**{w('pull.do')}:** {prose(finding.recommendation)}")
    if offers_suggestion(finding):
        parts.append(fence(finding.suggestion or "", "suggestion"))
    text = "\n\n".join(part for part in parts if part)
    details, mark = _details(finding, w), _mark(finding, hunk_print)
    if len(text) + len(details) + len(mark) > LIMIT:
        text, details = "\n\n".join(parts[:2])[: LIMIT - len(mark)], ""
    return "\n\n".join(part for part in (text, details, mark) if part)


def elsewhere(finding: Finding, hunk_print: str, w: Words) -> str:
    """The comment on the file, where GitHub takes none on the lines: it says which lines are meant."""
    where = code(view.place(finding.path, finding.start_line, finding.end_line))
    parts = [headline(finding, w), f"{where}: {prose(finding.scenario)}"]
    if finding.recommendation:
        parts.append(f"**{w('pull.do')}:** {prose(finding.recommendation)}")
    text = "\n\n".join(parts)[:LIMIT]
    return f"{text}\n\n{_mark(finding, hunk_print)}"


def offers_suggestion(finding: Finding) -> bool:
    """Whether the suggestion may be committed from the comment: on the new side, and exact as it stands."""
    return finding.suggestion is not None and finding.side is Side.RIGHT and is_suggestible(finding.suggestion)


def _details(finding: Finding, w: Words) -> str:
    """What convinces a doubter, folded."""
    items = [f"{code(finding.hazard)}, {w(f'confidence.{finding.confidence}')}, {w(f'origin.{finding.origin}')}"]
    checked = finding.verification
    if checked.status is not VerificationStatus.UNVERIFIED:
        items.append(f"{w(f'verification.{checked.status}')}: {inline(checked.reason)}".rstrip(": "))
    if finding.related:
        also = ", ".join(code(view.place(at.path, at.start_line, at.end_line)) for at in finding.related[:20])
        items.append(f"{w('finding.also')} {also}")
    if finding.references:
        items.append(f"{w('finding.see')} {', '.join(link(url) for url in finding.references[:8])}")
    listed = "\n".join(f"- {item}" for item in items)
    return f"<details><summary>{w('pull.details')}</summary>\n\n{listed}\n\n</details>"


def _mark(finding: Finding, hunk_print: str) -> str:
    return write_mark(Mark(finding.fingerprint, hunk_print, finding.hazard, finding.category, finding.severity))
