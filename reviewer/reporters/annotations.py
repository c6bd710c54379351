"""GitHub annotations, as workflow commands on standard output.

GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word, so the rest is
counted in the last notice.
"""

from __future__ import annotations

from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.finding import Finding
from reviewer.nouns.review import Review, Verdict
from reviewer.reporters import plain, view
from reviewer.reporters.look import PLAIN, Look
from reviewer.reporters.sanitise import workflow, workflow_property
from reviewer.reporters.words import Words, words

LIMIT = 10
_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}


def render(review: Review, look: Look = PLAIN) -> str:
    """One command a line, most severe first; at most ten of each kind."""
    del look
    w, change = words(review.language), view.change_of(review)
    lines: list[str] = []
    room = {"error": LIMIT, "warning": LIMIT, "notice": LIMIT - 1}  # one notice is kept for the count of the rest
    if review.verdict is Verdict.INCOMPLETE:
        room["warning"] -= 1
        heading = f"{w('title')}: {w('verdict.incomplete')}"
        lines.append(f"::warning title={workflow_property(heading)}::{workflow(view.verdict_line(review, w))}")
    rest = 0
    for finding in view.ordered(review.findings):
        command = _COMMAND[plain.level(finding.severity)]
        if room[command]:
            room[command] -= 1
            lines.append(_annotation(command, finding, change, w))
        else:
            rest += 1
    if rest:
        lines.append(
            f"::notice title={workflow_property(w('title'))}::{workflow(w('annotations.rest', n=w.number(rest)))}"
        )
    return "".join(line + "\n" for line in lines)


def _annotation(command: str, finding: Finding, change: ChangeSet, w: Words) -> str:
    where = view.head_place(change, finding)
    properties = {"file": where.path}
    if where.start:
        properties |= {"line": str(where.start), "endLine": str(max(where.start, where.end))}
    severity, category = w(f"severity.{finding.severity}"), w(f"category.{finding.category}")
    properties["title"] = f"{severity} {category}: {plain.title(finding)} [{finding.hazard}]"
    named = ",".join(f"{name}={workflow_property(value)}" for name, value in properties.items())
    return f"::{command} {named}::{workflow(plain.message(finding, w, titled=False))}"
