"""What a review wants done on its pull request, as effects: one review with new comments, one summary comment.

Pure: `reviewer.publish` performs it, `--dry-run` shows it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from reviewer.nouns.changeset import ChangeSet, Side
from reviewer.nouns.effects import CheckRun, Effect, InlineComment, PostReview, ResolveThread, UpsertSticky
from reviewer.nouns.finding import Finding, Severity, Standing
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import Review, Verdict
from reviewer.reporters import pull_comment, pull_sticky, view
from reviewer.reporters.sanitise import code, inline, terminal
from reviewer.reporters.words import Words, words
from reviewer.stages import locate
from reviewer.stages.matching import print_at

MOST_COMMENTS = 50  # in one review: above that GitHub's write limits begin to bite
_BODY = 60_000


class Placed(NamedTuple):
    """New findings with a comment of their own, and those without (no place in the diff, or over the limit)."""

    comments: tuple[InlineComment, ...]
    without: tuple[Finding, ...]


def effects(
    review: Review,
    memory: Memory,
    *,
    known: Collection[str] = (),
    max_findings: int = 0,
    check_run: bool = False,
    fail_on: str = "high",
) -> tuple[Effect, ...]:
    """All that is to be done. `max_findings` bounds inline comments, most severe first (0: no limit of ours).

    `known` are fingerprints that have a thread of ours already: they are not posted again, whatever memory says.
    `fail_on` is the severity from which on the check run fails, or `never`.
    """
    w = words(review.language)
    placed = place(review, max_findings, known)
    done: list[Effect] = []
    if placed.comments:
        done.append(post_review(review, placed, w))
    done.append(UpsertSticky(pull_sticky.body(review, memory, [f.fingerprint for f in placed.without])))
    threads = {
        r.finding.fingerprint: r for r in memory.findings if r.thread_id and not r.human_replied and not r.resolved
    }
    done += [ResolveThread(threads[print_].thread_id, print_) for print_ in review.fixed if print_ in threads]
    if check_run:
        done.append(_check(review, w, fail_on))
    return tuple(done)


def place(review: Review, max_findings: int, known: Collection[str] = ()) -> Placed:
    """Give each new finding its comment. Anchors are checked against the diff in the report, wherever it came from."""
    change = view.change_of(review)
    w = words(review.language)
    limit = min(max_findings or MOST_COMMENTS, MOST_COMMENTS)
    comments: list[InlineComment] = []
    without: list[Finding] = []
    new = (f for f in review.findings if f.standing is Standing.NEW and f.fingerprint not in known)
    for finding in view.ordered(new):
        comment = _comment(finding, change, w) if len(comments) < limit else None
        if comment is None:
            without.append(finding)
        else:
            comments.append(comment)
    return Placed(tuple(comments), tuple(without))


def post_review(review: Review, placed: Placed, w: Words) -> PostReview:
    """One review: event COMMENT, every comment in the same call."""
    parts = [w.count("pull.new", len(placed.comments) + len(placed.without))]
    if placed.without:
        # The summary lists every finding; here are the ones that have no comment, in full as far as there is room.
        parts.append(w.count("pull.rest", len(placed.without)))
        room = _BODY - sum(map(len, parts))
        for finding in placed.without:
            text = _in_body(finding, w)
            if (room := room - len(text) - 2) < 0:
                break
            parts.append(text)
    return PostReview(review.target.head_sha, "\n\n".join(parts), placed.comments)


def unplaced_comment(finding: Finding, review: Review) -> InlineComment:
    """The comment on the file as a whole, for a finding whose lines GitHub refuses. Lines are 0."""
    text = pull_comment.elsewhere(finding, print_at(view.change_of(review), finding), words(review.language))
    return InlineComment(finding.path, finding.side, 0, 0, text, finding.fingerprint)


def _comment(finding: Finding, change: ChangeSet, w: Words) -> InlineComment | None:
    file = change.file(finding.path)
    spot = locate.span(file, finding.side, finding.start_line, finding.end_line) if file is not None else None
    if spot is None or (spot.start, spot.end) != (finding.start_line, finding.end_line):
        return None
    text = pull_comment.body(finding, print_at(change, finding), w)
    return InlineComment(finding.path, finding.side, finding.start_line, finding.end_line, text, finding.fingerprint)


def _in_body(finding: Finding, w: Words) -> str:
    where = code(view.place(finding.path, finding.start_line, finding.end_line))
    return f"- {pull_comment.headline(finding, w)} · {where}\n  {inline(finding.scenario, 500)}"


_LEVELS = {Severity.LOW: "notice", Severity.MEDIUM: "warning", Severity.HIGH: "failure", Severity.CRITICAL: "failure"}


def level(severity: Severity) -> str:
    """How GitHub calls a severity in a check's annotations."""
    return _LEVELS[severity]


def _conclusion(review: Review, fail_on: str) -> str:
    """Failure if something is severe enough, whatever was missed; else neutral if something was; else success."""
    if fail_on != "never" and any(f.severity.at_least(Severity(fail_on)) for f in review.findings):
        return "failure"
    return "neutral" if review.verdict is Verdict.INCOMPLETE else "success"


def _check(review: Review, w: Words, fail_on: str) -> CheckRun:
    """The check run with annotations on the new side's lines."""
    shown = [finding for finding in view.ordered(review.findings) if finding.start_line and finding.side is Side.RIGHT]
    annotations = tuple(
        InlineComment(
            finding.path,
            finding.side,
            finding.start_line,
            finding.end_line,
            terminal(f"{finding.title}\n{finding.scenario}\n{finding.recommendation}")[:8_000],
            finding.fingerprint,
        )
        for finding in shown
    )
    summary = f"{view.verdict_line(review, w)}\n\n{view.coverage_line(review, w)}"
    title = f"{w('title')}: {w(f'verdict.{review.verdict}')}"
    return CheckRun(review.target.head_sha, _conclusion(review, fail_on), title, summary, annotations)
