"""Shards joined are the whole review; what no shard answers for makes it incomplete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.errors import UsageError
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import Provenance, Review, Target, TargetKind, Verdict
from reviewer.stages import diff, shard
from reviewer.stages.join import join
from tests.builders import a_review
from tests.fakes.github.scene import make_review

TARGET = Target(TargetKind.PULL_REQUEST, "octo/shop", 7, "", "a" * 40, "b" * 40)


def a_large_change(files: int) -> ChangeSet:
    parts = [
        f"diff --git a/d{n}/f.py b/d{n}/f.py\n--- a/d{n}/f.py\n+++ b/d{n}/f.py\n@@ -1 +1,2 @@\n x\n+    call{n}()  # BUG high\n"
        for n in range(files)
    ]
    return diff.parse("".join(parts).encode())


def shards(files: int, count: int, **changes: Any) -> list[Review]:
    whole = a_large_change(files)
    reports = []
    for index in range(1, count + 1):
        taken = shard.take(whole, (index, count))
        review = make_review(taken.inside, TARGET, Memory(), skips=taken.skips)
        reports.append(replace(review, provenance=Provenance(diff_sha256=whole.sha256), **changes))
    return reports


@given(st.integers(1, 12), st.integers(1, 5))
def test_shards_joined_are_the_whole(files: int, count: int) -> None:
    whole = make_review(a_large_change(files), TARGET, Memory())
    joined = join(shards(files, count))
    assert {f.fingerprint for f in joined.findings} == {f.fingerprint for f in whole.findings}
    assert joined.coverage == whole.coverage
    assert joined.verdict is whole.verdict
    assert {file.path for file in diff.parse(joined.diff.encode()).files} == {f.path for f in whole.coverage.files}


def test_a_missing_shard_is_said_and_incomplete() -> None:
    reports = shards(8, 4)
    joined = join(reports[:-1])
    assert joined.verdict is Verdict.INCOMPLETE
    assert joined.coverage.in_scope_lines == 8
    assert joined.coverage.reviewed_lines == 6
    assert {skip.reason for skip in joined.skips if skip.in_scope} == {
        "the report of the shard that has this file is missing"
    }


def test_a_single_shard_of_many_is_incomplete() -> None:
    assert join(shards(8, 4)[:1]).verdict is Verdict.INCOMPLETE


def test_the_same_report_twice_counts_once() -> None:
    reports = shards(4, 2)
    assert join([*reports, reports[0]]) == join(reports)


def test_fixed_needs_every_shard() -> None:
    one, two = shards(4, 2)
    one, two = replace(one, fixed=("a" * 16, "b" * 16)), replace(two, fixed=("b" * 16,))
    assert join([one, two]).fixed == ("b" * 16,)
    assert join([one]).fixed == ()


def test_a_whole_report_stays_as_it_is() -> None:
    review = a_review()
    assert join([review]) is review


def test_strangers_are_not_joined() -> None:
    one, two = shards(4, 2)
    with pytest.raises(UsageError, match="same change"):
        join([one, replace(two, target=replace(TARGET, head_sha="c" * 40))])
    with pytest.raises(UsageError, match="two reports cover"):
        join([one, replace(one, summary="another run")])
    with pytest.raises(UsageError, match="no report"):
        join([])


def test_tables_and_costs_add_up() -> None:
    one, two = shards(4, 2)
    rich = a_review()
    joined = join([replace(one, deliverables=rich.deliverables, usage=rich.usage), replace(two, usage=rich.usage)])
    assert joined.deliverables == rich.deliverables
    assert joined.usage.calls == 18
    assert joined.usage.wall_seconds == rich.usage.wall_seconds
