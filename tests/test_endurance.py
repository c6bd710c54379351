"""Many reviews in one process, and many at once: nothing grows."""

from __future__ import annotations

import gc
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from reviewer import pipeline
from reviewer.nouns.exchange import Reply, Request, StopReason
from reviewer.nouns.plan import Plan
from reviewer.nouns.review import Review, Target, TargetKind, Usage
from reviewer.nouns.source import RawChange
from reviewer.providers import lookup
from reviewer.providers.call import Link
from reviewer.providers.pool import Limits, Pool
from tests.builders import SAMPLE
from tests.mind import a_plan, answer

pytestmark = pytest.mark.endurance


@cache
def change() -> RawChange:
    return RawChange(target=Target(kind=TargetKind.DIFF), diff=SAMPLE.read_bytes())


def model(request: Request) -> Reply:
    text = answer() if request.schema_name == "review" else '{"verdicts": []}'
    return Reply(request.id, text, StopReason.COMPLETE, Usage(calls=1, input_tokens=10, output_tokens=5))


def review(turn: int) -> Review:
    """Offline and with a model, by turns."""
    if turn % 2:
        return pipeline.review(change(), a_plan(provider="offline"), None)
    plan: Plan = a_plan()
    pool = Pool([Link("anthropic", model, lookup("anthropic", "claude-sonnet-5"))], Limits(concurrency=4))
    try:
        return pipeline.review(change(), plan, pool)
    finally:
        pool.close()


def standing() -> tuple[int, int, int]:
    """(open descriptors, threads, resident kilobytes)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return len(os.listdir("/proc/self/fd")), threading.active_count(), pages * os.sysconf("SC_PAGE_SIZE") // 1024  # noqa: PTH208


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_two_hundred_reviews_in_a_row_leave_nothing_behind() -> None:
    for turn in range(20):
        review(turn)
    files, threads, memory = standing()
    verdicts = {review(turn).verdict for turn in range(180)}
    after_files, after_threads, after_memory = standing()
    assert len(verdicts) == 1
    assert after_files <= files + 1
    assert after_threads <= threads + 1
    assert after_memory - memory < 20_000, f"grew by {after_memory - memory} kB"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_twenty_at_once_agree_and_leave_nothing_behind() -> None:
    alone = [review(turn).findings for turn in range(2)]
    files, threads, _ = standing()
    with ThreadPoolExecutor(20) as many:
        together = list(many.map(review, range(20)))
    assert all(one.findings == alone[turn % 2] for turn, one in enumerate(together))
    after_files, after_threads, _ = standing()
    assert after_files <= files + 1
    assert after_threads <= threads + 1
