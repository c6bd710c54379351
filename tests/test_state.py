"""Memory survives the sticky comment whole, degrades when there is no room, and believes nothing that is not ours."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.nouns.batch import Piece
from reviewer.nouns.finding import Acknowledged, Category, Severity
from reviewer.nouns.memory import Memory, Remembered
from reviewer.nouns.review import CoverageStatus, FileCoverage
from reviewer.stages import prints, reconcile, remember
from reviewer.state import Mark, decode, encode, read_mark, write_mark
from reviewer.state import remember as remember_review
from tests.builders import a_change, a_finding, a_review

TODAY = "2026-11-24"


def a_memory(**changes: object) -> Memory:
    return replace(remember_review(a_review(), Memory()), **changes)  # type: ignore[arg-type]


def many(count: int) -> Memory:
    findings = tuple(
        Remembered(
            a_finding(fingerprint=f"{n:016x}", title=f"Title {n * 7919}", quote=f"call_{n * 104729}()"),
            f"{n * 31:012x}",
        )
        for n in range(count)
    )
    return Memory("a" * 40, frozenset(f"{n * 31:012x}" for n in range(2 * count)), findings)


def test_what_is_written_is_read_back() -> None:
    memory = a_memory()
    assert decode(encode(memory), TODAY) == replace(memory, reviewed_files=frozenset())


def test_only_files_reviewed_whole_are_remembered_as_reviewed() -> None:
    memory = a_memory()
    pending = remember.pending(a_change(), memory, full=False)
    assert {path for path, _ in pending.todo} == {"orders/webhooks.py"}


@pytest.mark.parametrize("room", [20_000, 6_000, 3_000, 1_500, 700, 300, 60])
def test_less_room_means_less_detail_and_never_too_much(room: int) -> None:
    text = encode(many(40), room)
    assert len(text) <= room
    memory = decode(text, TODAY)
    assert memory is not None or text == ""


@pytest.mark.parametrize("count", [1, 50, 368, 1_400])
def test_every_finding_is_recognised_however_many_there_are(count: int) -> None:
    memory = decode(encode(many(count)), TODAY)
    assert memory is not None
    known = {r.finding.fingerprint for r in memory.findings} | memory.prints
    assert known == {f"{n:016x}" for n in range(count)}


def test_what_cannot_be_shown_from_memory_is_read_again() -> None:
    """A hunk counts as reviewed only while its findings are remembered whole: else they would vanish unseen."""
    given_ = many(400)
    memory = decode(encode(given_, 9_000), TODAY)
    assert memory is not None
    kept = {r.finding.fingerprint for r in memory.findings}
    lost = {r.hunk_print for r in given_.findings if r.finding.fingerprint not in kept}
    assert lost
    assert not lost & memory.reviewed


def test_findings_known_by_print_alone_are_not_new() -> None:
    change = a_change()
    (finding,) = prints.stamp([a_finding(fingerprint="")])
    memory = Memory("a" * 40, prints=frozenset([finding.fingerprint]))
    pieces = tuple(Piece(file, tuple(range(len(file.hunks)))) for file in change.files)
    settled = reconcile.reconcile((finding,), (), memory=memory, inside=change, settled=frozenset(), reviewed=pieces)
    assert [f.standing for f in settled.findings] == ["persisting"]


def test_acknowledgements_end_on_their_date() -> None:
    one = Acknowledged("c" * 16, "h", "p", "t", "mia", "later", "2026-11-23")
    memory = a_memory(
        acknowledged=(one, replace(one, fingerprint="d" * 16, until="2026-11-24"), replace(one, until=""))
    )
    read = decode(encode(memory), TODAY)
    assert read is not None
    assert [a.until for a in read.acknowledged] == ["2026-11-24", ""]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no state",
        "<!-- design-reviewer:state v1  -->",
        "<!-- design-reviewer:state v1 AAAA -->",
        "<!-- design-reviewer:state v2 AAAA -->",
        "<!-- design-reviewer:state v1 " + base64.b64encode(zlib.compress(b"[]")).decode() + " -->",
        "<!-- design-reviewer:state v1 " + base64.b64encode(zlib.compress(b"[" * 50_000)).decode() + " -->",
        "<!-- design-reviewer:state v1 " + base64.b64encode(zlib.compress(b'{"reviewed":["../x"]}')).decode() + " -->",
        "<!-- design-reviewer:state v1 " + base64.b64encode(zlib.compress(b"0" * 30_000_000, 9)).decode() + " -->",
    ],
)
def test_state_that_cannot_be_ours_is_none(body: str) -> None:
    assert decode(body, TODAY) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    decode("<!-- design-reviewer:state v1 " + base64.b64encode(zlib.compress(raw)).decode() + " -->", TODAY)
    decode("<!-- design-reviewer:state v1 " + base64.b64encode(raw).decode() + " -->", TODAY)


def test_the_newest_state_in_a_body_counts() -> None:
    first, second = a_memory(head_sha="1" * 40), a_memory(head_sha="2" * 40)
    read = decode(f"{encode(first)}\n{encode(second)}", TODAY)
    assert read is not None
    assert read.head_sha == "2" * 40


@given(
    st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    st.text(max_size=40),
    st.sampled_from(Category),
    st.sampled_from(Severity),
)
def test_marks_are_read_back_whatever_the_hazard_says(
    print_: str, hazard: str, category: Category, severity: Severity
) -> None:
    text = write_mark(Mark(print_, "0" * 12, hazard, category, severity))
    assert "-->" not in text[:-3]
    found = read_mark(f"somebody wrote this\n{text}")
    assert found is not None
    assert (found.fingerprint, found.category, found.severity) == (print_, category, severity)


def test_state_cannot_be_read_by_people_nor_break_the_comment() -> None:
    memory = a_memory(head_sha="--> <script>")
    text = encode(memory)
    assert text.count("-->") == 1
    assert "script" not in text


def test_a_report_without_a_readable_diff_remembers_no_hunk() -> None:
    row = FileCoverage("a.py", CoverageStatus.REVIEWED, "", 1, 1)
    review = a_review(diff="garbage")
    memory = remember_review(replace(review, coverage=replace(review.coverage, files=(row,))), Memory())
    assert memory.reviewed == frozenset()
    assert len(memory.findings) == len(review.findings)
    assert json.dumps(encode(memory))
