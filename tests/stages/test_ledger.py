from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.batch import Piece
from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Hunk, Line
from reviewer.nouns.plan import ScopeRules
from reviewer.nouns.review import Coverage, CoverageStatus, FileCoverage, Skip
from reviewer.nouns.source import EmptyTree
from reviewer.stages import ledger, scope, shard, summary


def hunk(kinds: str, start: int = 1) -> Hunk:
    old = new = start
    lines = []
    for kind in kinds:
        lines.append(Line(kind, "x", old if kind != "+" else None, new if kind != "-" else None))
        old, new = old + (kind != "+"), new + (kind != "-")
    return Hunk(start, old - start, start, new - start, "", tuple(lines))


def file(path: str, *hunks: str) -> FileChange:
    return FileChange(path, FileStatus.MODIFIED, tuple(hunk(kinds, 1 + 100 * n) for n, kinds in enumerate(hunks)), path)


def skip(path: str, lines: int, kind: str = "provider", *, in_scope: bool = True) -> Skip:
    return Skip(path, f"because of {kind}", kind, in_scope=in_scope, lines=lines)


NONE: frozenset[tuple[str, int]] = frozenset()


def test_what_was_shown_and_answered_is_reviewed():
    one = file("a.py", "+-", " + ")
    coverage = ledger.balance(ChangeSet((one,)), (), [Piece(one, (0, 1))], NONE)
    assert coverage == Coverage((FileCoverage("a.py", CoverageStatus.REVIEWED, "", 3, 3),), 3, 3)


def test_a_hunk_reviewed_in_an_earlier_run_counts():
    one = file("a.py", "+-", "+")
    coverage = ledger.balance(ChangeSet((one,)), (), [Piece(one, (1,))], frozenset({("a.py", 0)}))
    assert coverage.reviewed_lines == coverage.in_scope_lines == 3


def test_what_was_lost_makes_a_file_partial_with_the_reason():
    one = file("a.py", "+-", "+")
    coverage = ledger.balance(ChangeSet((one,)), [skip("a.py", 1)], [Piece(one, (0,))], NONE)
    assert coverage.files == (FileCoverage("a.py", CoverageStatus.PARTIAL, "because of provider", 3, 2),)


def test_a_file_nobody_read_is_skipped_even_without_a_reason():
    coverage = ledger.balance(ChangeSet((file("a.py", "+"),)), (), (), NONE)
    assert coverage.files == (FileCoverage("a.py", CoverageStatus.SKIPPED, "not reviewed", 1, 0),)


def test_of_a_split_hunk_only_the_lines_in_windows_count_and_each_once():
    one = file("a.py", "+ +-+ +")
    pieces = [Piece(one, (0,), (0, 4)), Piece(one, (0,), (2, 5)), Piece(one, (0,), (2, 3))]
    coverage = ledger.balance(ChangeSet((one,)), [skip("a.py", 1)], pieces, NONE)
    assert (coverage.reviewed_lines, coverage.in_scope_lines) == (4, 5)


def test_files_out_of_scope_are_listed_but_not_owed():
    outside = skip("web/a.css", 7, "frontend", in_scope=False)
    coverage = ledger.balance(ChangeSet(), [outside], (), NONE)
    assert coverage == Coverage((FileCoverage("web/a.css", CoverageStatus.SKIPPED, "because of frontend", 7, 0),), 0, 0)


def test_hunks_out_of_scope_make_a_file_partial_and_are_not_owed():
    one = file("app/p.tsx", "+")
    coverage = ledger.balance(
        ChangeSet((one,)), [skip("app/p.tsx", 4, "frontend", in_scope=False)], [Piece(one, (0,))], NONE
    )
    assert coverage == Coverage((FileCoverage("app/p.tsx", CoverageStatus.PARTIAL, "because of frontend", 5, 1),), 1, 1)


def test_lines_a_source_could_not_deliver_are_owed():
    one = file("a.py", "+")
    lacking = [skip("a.py", 9, "no-patch"), skip("b.py", 5, "no-patch")]
    coverage = ledger.balance(ChangeSet((one,)), lacking, [Piece(one, (0,))], NONE)
    assert [(row.path, row.status.value, row.changed_lines, row.reviewed_lines) for row in coverage.files] == [
        ("a.py", "partial", 10, 1),
        ("b.py", "skipped", 5, 0),
    ]
    assert (coverage.in_scope_lines, coverage.reviewed_lines) == (15, 1)
    assert summary.verdict((), coverage, lacking) == "incomplete"


def test_a_piece_of_a_file_that_is_not_inside_counts_for_nothing():
    stranger = file("b.py", "+")
    assert ledger.balance(ChangeSet((file("a.py", "+"),)), (), [Piece(stranger, (0,))], NONE).reviewed_lines == 0


PATHS = [
    "app/a.py",
    "app/b.go",
    "lib/c.rb",
    "web/d.css",
    "go.sum",
    "db/e.sql",
    "tests/f.py",
    "vendor/g.py",
    "README.md",
]
KINDS = st.text("+- ", min_size=1, max_size=10)
CHANGES = st.dictionaries(st.sampled_from(PATHS), st.lists(KINDS, max_size=3), max_size=7).map(
    lambda files: ChangeSet(tuple(file(path, *hunks) for path, hunks in files.items()))
)


@settings(max_examples=200, deadline=None)
@given(CHANGES, st.data(), st.integers(1, 3))
def test_every_changed_line_is_reviewed_or_in_exactly_one_skip(changes: ChangeSet, data, shards: int):
    scoped = scope.divide(changes, ScopeRules(), base=EmptyTree(), head=EmptyTree(), leave_out=())
    mine = shard.take(scoped.inside, (data.draw(st.integers(1, shards)), shards))
    pieces, lost, settled = [], [], set()
    for one in mine.inside.files:
        for index, part in enumerate(one.hunks):
            fate = data.draw(st.sampled_from(["whole", "settled", "lost", "split"]))
            if fate == "whole":
                pieces.append(Piece(one, (index,)))
            elif fate == "settled":
                settled.add((one.path, index))
            elif fate == "lost":
                lost.append(skip(one.path, part.changed_lines))
            else:
                cut = data.draw(st.integers(0, len(part.lines)))
                pieces.append(Piece(one, (index,), (0, cut)))
                lost.append(skip(one.path, sum(line.changed for line in part.lines[cut:])))
    skips = (*scoped.skips, *mine.skips, *lost)
    coverage = ledger.balance(mine.inside, skips, pieces, frozenset(settled))

    by_path: dict[str, int] = defaultdict(int)
    for each in skips:
        by_path[each.path] += each.lines
    assert {row.path for row in coverage.files} == {one.path for one in changes.files}
    for row in coverage.files:
        one = changes.file(row.path)
        assert one is not None
        assert row.changed_lines == one.changed_lines
        assert row.reviewed_lines + by_path[row.path] == row.changed_lines
        assert (row.status is CoverageStatus.REVIEWED) == (row.reviewed_lines == row.changed_lines and row.reason == "")
    assert coverage.in_scope_lines - coverage.reviewed_lines == sum(each.lines for each in lost)
    if coverage.reviewed_lines < coverage.in_scope_lines:
        assert summary.verdict((), coverage, skips) == "incomplete"
