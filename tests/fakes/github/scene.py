"""A pull request with known defects, for tests of what happens on it: pushes, runs, faults, people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reviewer import answers, reply
from reviewer.github import GitHub, pull_reference
from reviewer.github.conversation import read
from reviewer.github.pulls import fetch
from reviewer.github.recall import People, recall
from reviewer.github.remarks import fetch as fetch_remark
from reviewer.nouns.batch import Piece
from reviewer.nouns.changeset import ChangeSet, Side
from reviewer.nouns.finding import Category, Confidence, Finding, Severity
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import Provenance, Review, Skip, Tool
from reviewer.publish import Delivery, publish
from reviewer.reporters.words import words
from reviewer.sources.github_pr import load
from reviewer.stages import commands, diff, ledger, prints, reconcile, remember, summary
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT, Who

TODAY = "2026-11-24"
BUG = "# BUG "  # a line that carries this is a defect; what follows names its severity


def code(*blocks: str) -> str:
    """A file of blocks far enough apart to be hunks of their own."""
    filler = "\n".join(f"    pass  # {n}" for n in range(9))
    return "\n".join(f"def block_{at}():\n{filler}\n{block}\n{filler}\n" for at, block in enumerate(blocks))


def bug(name: str, severity: str = "high") -> str:
    return f"    {name}()  {BUG}{severity}"


def defects(inside: ChangeSet) -> tuple[Finding, ...]:
    """A reviewer that never errs: a finding for each added line that says it is a bug."""
    return prints.stamp(
        _finding(file.path, line.number, line.text)
        for file in inside.files
        for line in file.lines()
        if line.kind == "+" and BUG in line.text
    )


def _finding(path: str, number: int, text: str, **changes: Any) -> Finding:
    severity = Severity(text.partition(BUG)[2].split()[0])
    finding = Finding(
        fingerprint="",
        hazard="remote-call-no-timeout",
        category=Category.RELIABILITY,
        severity=severity,
        confidence=Confidence.HIGH,
        path=path,
        side=Side.RIGHT,
        start_line=number,
        end_line=number,
        quote=text,
        title=f"Call without a timeout: {text.strip().split('(')[0]}",
        scenario="When the other side stalls, every worker waits with it.",
        recommendation="Set a timeout.",
        symbol="f",
    )
    return replace(finding, **changes)


def run(
    client: GitHub,
    *,
    reviewer: Any = defects,
    full: bool = False,
    before_posting: Any = None,
    today: str = TODAY,
    **options: Any,
) -> tuple[Review, Delivery]:
    """A whole run on pull request 7: read, remember, review what is new, reconcile, post."""
    reference = pull_reference("octo/shop#7")
    pull = fetch(client, reference)
    raw = load(pull, client=client)
    memory = recall(read(client, reference), People(client, reference), today)
    review = make_review(diff.parse(raw.diff), raw.target, memory, reviewer=reviewer, full=full)
    if before_posting is not None:
        before_posting()
    return review, publish(review, client, today=today, **options)


def acknowledge(client: GitHub, comment_id: int, thread: int, today: str) -> None:
    """What `/ack known` in a thread of ours comes to: kept in the state, and answered."""
    reference = pull_reference("octo/shop#7")
    said = fetch_remark(client, reference, comment_id, in_thread=True)
    assert said is not None
    assert said.thread == thread
    command = commands.parse(said.body, today)
    assert command is not None
    line = reply.Line(client, reference, "", said)
    conversation = line.look()
    memory = recall(conversation, People(client, reference), today)
    change: Any = None  # an acknowledgement needs neither the change nor settings
    desk = answers.Desk(said, conversation, memory, change, change, {}, change, today, 0.0, words("en"))
    done = answers.answer(command, desk)
    assert done.memory is not None
    reply.keep(line, done.memory, conversation, "Not yet.")
    reply.answer(line, done.text)


def make_review(
    inside: ChangeSet,
    target: Any,
    memory: Memory,
    *,
    reviewer: Any = defects,
    full: bool = False,
    skips: tuple[Skip, ...] = (),
) -> Review:
    pending = remember.pending(inside, memory, full=full)
    pieces = tuple(
        Piece(file, (at,)) for file in inside.files for at in range(len(file.hunks)) if (file.path, at) in pending.todo
    )
    found = tuple(f for f in reviewer(inside) if full or _asked(f, pieces))
    settled = reconcile.reconcile(found, (), memory=memory, inside=inside, settled=pending.settled, reviewed=pieces)
    coverage = ledger.balance(inside, skips, pieces, pending.settled)
    review = Review(
        verdict=summary.verdict(settled.findings, coverage, skips),
        target=target,
        tool=Tool(version="1"),
        findings=settled.findings,
        excluded=settled.excluded,
        acknowledged=settled.acknowledged,
        fixed=settled.fixed,
        coverage=coverage,
        skips=skips,
        provenance=Provenance("anthropic", "a-model", "backend-architect"),
        diff=diff.unparse(inside),
    )
    return replace(review, summary="A change.")


def _asked(finding: Finding, pieces: tuple[Piece, ...]) -> bool:
    """A model only finds things in what it is shown."""
    return any(
        line.number == finding.start_line and line.side is finding.side
        for piece in pieces
        if piece.file.path == finding.path
        for at in piece.hunks
        for line in piece.file.hunks[at].lines
    )


def comments_of(github: FakeGitHub, who: Who = BOT) -> list[str]:
    """First lines of all inline comments by an identity."""
    return [c.body.split("\n")[0] for c in github.state.pulls[7].review_comments if c.by == who]
