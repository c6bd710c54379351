"""What is fuzzed: readers of hostile bytes. Each takes bytes, and may only raise errors of ours or return.

Used twice: by hypothesis in the suite (bounded), and by `python -m benchmarks.fuzz` for as long as wanted.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable

from reviewer import report_file, settings, state
from reviewer.errors import ReviewerError
from reviewer.evidence import examine
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Draft, Severity
from reviewer.nouns.plan import Switches
from reviewer.nouns.source import EmptyTree
from reviewer.reporters import sanitise, unseen
from reviewer.stages import anchor, diff, locate, parse
from reviewer.stages.redact import redact
from tests.mind import change

_CHANGE = change()


def diffs(data: bytes) -> None:
    """Whatever is read as a diff is accounted for, and reads the same again once unparsed and redacted."""
    parsed = diff.parse(data)
    masked = redact(parsed)
    assert [len(file.hunks) for file in masked.files] == [len(file.hunks) for file in parsed.files]
    again = diff.parse(diff.unparse(parsed).encode("utf-8", "surrogateescape"))
    assert again.changed_lines == parsed.changed_lines


def replies(data: bytes) -> None:
    """A reply is read or refused, in bounded time."""
    parse.accept(data.decode("utf-8", "replace"))


def anchors(data: bytes) -> None:
    """Whatever is quoted, a finding stands on lines of one hunk that GitHub takes a comment on."""
    path, _, quote = data.decode("utf-8", "replace").partition("\n")
    draft = Draft(
        "x", Category.SECURITY, Severity.LOW, Confidence.LOW, path or "app/charge.py", quote, "t", "s", "r",
        suggestion=quote, line_hint=len(data), side_hint=Side.LEFT if len(data) % 2 else None,
    )  # fmt: skip
    placed = anchor.anchor([draft], _CHANGE, head=EmptyTree(), base=EmptyTree())
    assert len(placed.findings) + len(placed.questions) + len(placed.excluded) == 1
    for finding in placed.findings:
        file = _CHANGE.file(finding.path)
        assert file is not None
        assert locate.span(file, finding.side, finding.start_line, finding.end_line) is not None


def texts(data: bytes) -> None:
    """Sanitised text has nothing hidden, opens no HTML comment and begins no command."""
    text = data.decode("utf-8", "replace")
    for shown in (
        sanitise.prose(text),
        sanitise.inline(text),
        sanitise.cell(text),
        sanitise.code(text),
        sanitise.fence(text),
    ):
        assert not unseen.has_hidden(shown)
        assert "<!--" not in shown
    assert "\n" not in sanitise.workflow(text)
    assert not unseen.has_hidden(sanitise.terminal(text))


def states(data: bytes) -> None:
    """A state comment is read or ignored."""
    text = data.decode("utf-8", "replace")
    state.decode(text, "2026-11-24")
    for packed in (data, zlib.compress(data)):  # as it comes, and so that what is inside is reached
        inner = base64.b64encode(packed).decode()
        state.decode(f"<!-- design-reviewer:state v1 {inner} -->", "2026-11-24")
    state.read_mark(text)


def configurations(data: bytes) -> None:
    """A configuration is read or refused with a message."""
    settings.load(data, "fuzz.yml", {}, {})


def sarifs(data: bytes) -> None:
    """A scanner's report is read or noted as unreadable."""
    examine(_CHANGE, everything=_CHANGE, base=EmptyTree(), head=EmptyTree(), switches=Switches(), sarif=(data,))


def reports(data: bytes) -> None:
    """A report file is read or refused; what is read can be written and read again."""
    review = report_file.load(data)
    assert report_file.load(report_file.dump(review).encode()) == review


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (diffs, replies, anchors, texts, states, configurations, sarifs, reports)
}
EXPECTED = ReviewerError
