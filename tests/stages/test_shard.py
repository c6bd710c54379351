from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.errors import UsageError
from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus, Hunk, Line
from reviewer.stages.shard import take


def file(path: str, lines: int) -> FileChange:
    added = tuple(Line("+", "x", None, n + 1) for n in range(lines))
    return FileChange(path, FileStatus.ADDED, (Hunk(0, 0, 1, lines, "", added),))


def shares(changes: ChangeSet, count: int) -> list[set[str]]:
    return [{one.path for one in take(changes, (index, count)).inside.files} for index in range(1, count + 1)]


def test_one_shard_is_everything():
    changes = ChangeSet((file("a", 1), file("b", 2)), sha256="s")
    assert take(changes, (1, 1)) == (changes, ())


def test_what_another_job_reviews_is_a_skip_that_does_not_count_as_a_shortfall():
    taken = take(ChangeSet((file("a/x", 5), file("b/x", 3))), (1, 2))
    assert [one.path for one in taken.inside.files] == ["a/x"]
    (skip,) = taken.skips
    assert (skip.path, skip.kind, skip.reason, skip.in_scope, skip.lines) == (
        "b/x",
        "shard",
        "reviewed in shard 2/2",
        False,
        3,
    )


def test_files_of_a_folder_and_of_a_feature_stay_together():
    names = [
        "orders/service.py",
        "orders/model.py",
        "pay/pay.py",
        "pay/test_pay.py",
        "pay/refund.py",
        "pay/refund_test.py",
    ]
    lines = [10, 10, 30, 5, 30, 5]
    for share in shares(ChangeSet(tuple(map(file, names, lines))), 3):
        assert len({name.split("/")[0] for name in share}) <= 1
        assert ("pay/pay.py" in share) == ("pay/test_pay.py" in share)


def test_shares_are_even():
    changes = ChangeSet(tuple(file(f"s{n % 40}/f{n}.py", 10 + n % 7) for n in range(400)))
    loads = [sum(one.changed_lines for one in take(changes, (index, 4)).inside.files) for index in range(1, 5)]
    assert max(loads) - min(loads) < 0.1 * sum(loads) / 4


@pytest.mark.parametrize("shard", [(0, 2), (3, 2), (-1, 1), (1, 0)])
def test_a_shard_that_does_not_exist(shard: tuple[int, int]):
    with pytest.raises(UsageError, match="no shard"):
        take(ChangeSet(), shard)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[ab]/[cd]/(test_)?[xyz]{1,2}\.py", fullmatch=True), st.integers(0, 50), max_size=12
    ),
    st.integers(1, 6),
    st.randoms(),
)
def test_every_file_is_in_exactly_one_share_whatever_the_order(sizes: dict[str, int], count: int, random):
    files = [file(path, lines) for path, lines in sizes.items()]
    first = shares(ChangeSet(tuple(files)), count)
    assert sorted(path for share in first for path in share) == sorted(sizes)
    random.shuffle(files)
    assert shares(ChangeSet(tuple(files)), count) == first
    for index in range(1, count + 1):
        taken = take(ChangeSet(tuple(files)), (index, count))
        assert {skip.path for skip in taken.skips} == sizes.keys() - first[index - 1]
