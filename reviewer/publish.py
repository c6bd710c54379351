"""The only writer: performs a review's effects on its pull request, exactly once, and says what became of each.

Before the first write the pull request is read again: if it has a new head, nothing is posted; what another run has
posted meanwhile is not posted again. A comment that GitHub refuses falls back to the file, then to the summary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reviewer.errors import DeliveryError, ReviewerError
from reviewer.github import pulls, writing
from reviewer.github.client import GitHub
from reviewer.github.conversation import Conversation, read
from reviewer.github.endpoints import PullReference, pull_reference
from reviewer.github.failure import GitHubFailure, Kind
from reviewer.github.recall import People, Posted, posted, recall
from reviewer.nouns.effects import CheckRun, Effect, InlineComment, PostReview, ResolveThread, UpsertSticky
from reviewer.nouns.finding import Standing
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import Review, TargetKind
from reviewer.reporters import pull_request, pull_sticky
from reviewer.stages.reconcile import respect
from reviewer.state import SUMMARY_MARK

_ON_FILE = 10  # comments on files in one run: each is a notification of its own


class Delivery(NamedTuple):
    """What became of a review. Prints are findings' fingerprints.

    `read_only`: the token may not write; the findings belong into annotations and the job summary. `superseded`:
    the pull request has moved on, so that nothing stale was posted; the newer run will post.
    """

    posted: tuple[str, ...] = ()  # with a comment on their lines
    on_file: tuple[str, ...] = ()  # with a comment on the file: GitHub took none on the lines
    in_summary: tuple[str, ...] = ()  # new, and in the summary only
    known: tuple[str, ...] = ()  # had a comment already when we came to post
    resolved: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    summary_posted: bool = False
    superseded: bool = False
    read_only: bool = False
    notices: tuple[str, ...] = ()

    @property
    def delivered(self) -> bool:
        """Whether readers of the pull request see this review (or will see a newer one)."""
        return self.summary_posted or self.superseded


@dataclass
class _Run:
    """One delivery under way, and what it has come to so far."""

    client: GitHub
    reference: PullReference
    identity: str
    seen: Conversation
    on_file: list[str] = field(default_factory=list)
    placed: list[str] = field(default_factory=list)
    refused: list[InlineComment] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    reopened: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def prints(self) -> frozenset[str]:
        """Fingerprints that have a comment of ours right now."""
        self.seen = read(self.client, self.reference, self.identity, thorough=True)
        return frozenset(posted(self.seen))

    def sticky(self) -> int:
        """The number of our summary comment, 0 if there is none."""
        return next((r.id for r in self.seen.remarks if r.ours and SUMMARY_MARK in r.body and r.id), 0)

    def find_sticky(self) -> int:
        self.seen = read(self.client, self.reference, self.identity, thorough=True)
        return self.sticky()


def publish(
    review: Review,
    client: GitHub,
    *,
    today: str,
    identity: str = "",
    max_findings: int = 0,
    check_run: bool = False,
    fail_on: str = "high",
) -> Delivery:
    """Deliver a review to the pull request it names. Raises DeliveryError if that failed; running it again is safe.

    `today` is an ISO date, `identity` the account we post as where it is configured, `fail_on` the severity from
    which on the check run fails.
    """
    reference = _reference(review)
    try:
        run = _Run(client, reference, identity, read(client, reference, identity, thorough=True))
        if _head(run) != review.target.head_sha:
            return Delivery(superseded=True, notices=("The pull request has a newer commit: nothing was posted.",))
        memory = recall(run.seen, People(client, reference), today)
        review = respect(review, memory)
        ours = posted(run.seen)
        effects = pull_request.effects(
            review, memory, known=ours, max_findings=max_findings, check_run=check_run, fail_on=fail_on
        )
        return _perform(run, effects, review, memory, ours)
    except GitHubFailure as failure:
        if failure.kind is Kind.FORBIDDEN:
            return Delivery(read_only=True, notices=(f"The token may not write: {failure.message}",))
        raise DeliveryError(
            f"the review could not be posted to {reference.repository}#{reference.number}: {failure.message}",
            failure.hint or "The report is on disk; `publish` posts it without another review.",
        ) from failure
    except ReviewerError as error:
        raise DeliveryError(f"the review could not be posted: {error.message}", error.hint) from error


def _perform(
    run: _Run, effects: Sequence[Effect], review: Review, memory: Memory, ours: Mapping[str, Posted]
) -> Delivery:
    new = [finding.fingerprint for finding in review.findings if finding.standing is Standing.NEW]
    for effect in effects:
        match effect:
            case PostReview():
                _post_review(run, effect, review)
            case UpsertSticky():
                lost = [p for p in new if p not in {*run.placed, *run.on_file, *ours}]
                body = pull_sticky.body(review, memory, lost) if run.refused else effect.body
                writing.upsert(run.client, run.reference, body, run.sticky(), run.find_sticky)
    _reopen(run, review, ours)
    _resolve(run, [effect for effect in effects if isinstance(effect, ResolveThread)], ours)
    for effect in effects:
        if isinstance(effect, CheckRun):
            _check(run, effect, review)
    return Delivery(
        posted=tuple(run.placed),
        on_file=tuple(run.on_file),
        in_summary=tuple(p for p in new if p not in {*run.placed, *run.on_file, *ours}),
        known=tuple(p for p in new if p in ours),
        resolved=tuple(run.closed),
        reopened=tuple(run.reopened),
        summary_posted=True,
        notices=tuple(run.notices),
    )


def _reference(review: Review) -> PullReference:
    target = review.target
    if target.kind is not TargetKind.PULL_REQUEST or not target.head_sha:
        raise DeliveryError("the review is not of a pull request", "Only reviews made with --pr can be posted.")
    return pull_reference(f"{target.repository}#{target.number}")


def _head(run: _Run) -> str:
    return run.seen.head_sha or pulls.fetch(run.client, run.reference).head_sha


def _post_review(run: _Run, effect: PostReview, review: Review) -> None:
    outcome = writing.post_review(run.client, run.reference, effect, run.prints)
    run.placed += [comment.fingerprint for comment in outcome.posted]
    run.refused += outcome.refused
    findings = {finding.fingerprint: finding for finding in review.findings}
    for number, comment in enumerate(outcome.refused):
        on_file = pull_request.unplaced_comment(findings[comment.fingerprint], review)
        if number < _ON_FILE and writing.post_on_file(
            run.client, run.reference, on_file, effect.commit_sha, run.prints
        ):
            run.on_file.append(comment.fingerprint)
    if outcome.refused:
        run.notices.append(
            f"GitHub refused {len(outcome.refused)} comments on their lines: "
            f"{len(run.on_file)} are on the file instead, the others in the summary."
        )


def _reopen(run: _Run, review: Review, ours: Mapping[str, Posted]) -> None:
    """A finding that came back after we had closed its thread gets its thread back, not a second one."""
    threads = {
        one.thread.id: finding.fingerprint
        for finding in review.findings
        if (one := ours.get(finding.fingerprint))
        and one.thread.id
        and one.thread.resolved
        and one.thread.resolved_by_us
    }
    run.reopened += [threads[id_] for id_ in _set(run, list(threads), resolved=False)]


def _resolve(run: _Run, effects: Sequence[ResolveThread], ours: Mapping[str, Posted]) -> None:
    """Close threads of fixed findings, unless a human has spoken in them meanwhile."""
    threads = {
        effect.thread_id: effect.fingerprint
        for effect in effects
        if (one := ours.get(effect.fingerprint)) is not None and not one.human_replied and not one.thread.resolved
    }
    run.closed += [threads[id_] for id_ in _set(run, list(threads), resolved=True)]


def _set(run: _Run, ids: Sequence[str], *, resolved: bool) -> tuple[str, ...]:
    if not ids:
        return ()
    try:
        return writing.set_resolved(run.client, ids, resolved=resolved)
    except GitHubFailure as failure:
        # The review is posted; that a thread stays open is worth a word, not a failed delivery.
        run.notices.append(f"Threads could not be {'resolved' if resolved else 'reopened'}: {failure.message}")
        return ()


def _check(run: _Run, effect: CheckRun, review: Review) -> None:
    levels = {finding.fingerprint: pull_request.level(finding.severity) for finding in review.findings}
    content = "\0".join(
        [effect.head_sha, effect.conclusion, effect.summary, *(a.fingerprint for a in effect.annotations)]
    )
    key = hashlib.sha256(content.encode()).hexdigest()[:16]
    try:
        writing.post_check(run.client, run.reference, effect, key, lambda print_: levels.get(print_, "warning"))
    except GitHubFailure as failure:
        run.notices.append(f"The check run could not be made (it needs `checks: write`): {failure.message}")
