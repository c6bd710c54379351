"""The eval command as it is run: with recorded replies, with no model, against an earlier run."""

from __future__ import annotations

import io
import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reviewer.cli import parser_of
from reviewer.commands import eval as command
from reviewer.errors import DeliveryError, ExitCode, UsageError
from reviewer.evaluation import results
from reviewer.evaluation.recorded import replies_of
from reviewer.nouns.exchange import Failure
from reviewer.world import World
from tests.evaluation.test_cases import SHIPPED
from tests.mind import review_request

FEW = ("py-coupon-lock-removed", "go-rows-close-deleted", "py-clean-page-count")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A folder with two faulty cases and a sound one."""
    for name in FEW:
        shutil.copytree(SHIPPED / name, tmp_path / "cases" / name)
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, str]:
    out = io.StringIO()
    world = World({}, folder, io.BytesIO(), out, io.StringIO())
    return command.run(parser_of("eval").parse_args(["cases", *words]), world), out.getvalue()


def test_recorded_replies_are_scored_with_no_key(few: Path) -> None:
    code, text = run(few, "--recorded", "--results", "now.json", "--results", "now.html")
    assert code == ExitCode.OK
    assert "recall               100.0%" in text
    assert "silent_on_sound      100.0%" in text
    value = json.loads((few / "now.json").read_bytes())
    assert value["format"] == results.FORMAT
    assert value["figures"]["recall"]["of"] == 2
    assert [case["name"] for case in value["cases"]] == sorted(FEW)
    page = (few / "now.html").read_text()
    assert "py-coupon-lock-removed" in page
    assert "<script" not in page
    HTMLParser().feed(page)


def test_a_run_is_compared_with_an_earlier_one(few: Path) -> None:
    run(few, "--recorded", "--results", "before.json")
    code, text = run(few, "--provider", "offline", "--compare", "before.json")
    assert code == ExitCode.OK
    assert "against the earlier run" in text
    assert "py-coupon-lock-removed: 1 -> 0 of 1 defects, 0 -> 0 noise" in text
    assert "missed: Two requests redeem the last use" in text


def test_results_survive_the_way_to_disk_and_back(few: Path) -> None:
    run(few, "--recorded", "--results", "now.json")
    data = (few / "now.json").read_bytes()
    assert results.dump(results.load(data, "now.json")).encode() == data


def test_a_case_whose_reply_is_missing_is_incomplete_not_clean(few: Path) -> None:
    shutil.rmtree(few / "cases" / "py-clean-page-count" / "replies")
    code, text = run(few, "--recorded")
    assert code == ExitCode.INCOMPLETE
    assert "py-clean-page-count: the review is incomplete" in text


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--results", "now.txt"), UsageError),
        (("--compare", "nowhere.json"), UsageError),
        (("--compare", "cases/py-clean-page-count/case.json"), UsageError),
        (("--recorded", "--results", "no/such/folder.json"), DeliveryError),
    ],
)
def test_what_cannot_be_read_or_written_is_named(few: Path, words: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        run(few, *words)


def test_results_of_another_format_are_refused() -> None:
    with pytest.raises(UsageError, match="format"):
        results.load(b'{"format": "x/1"}', "x.json")


def test_replies_are_given_in_order_and_then_fail(tmp_path: Path) -> None:
    (tmp_path / "replies").mkdir()
    (tmp_path / "replies" / "review.json").write_text('[{"n": 1}, {"n": 2}]')
    request = review_request()
    outcomes = list(replies_of(tmp_path)([request] * 3))
    assert [outcome.text for outcome in outcomes if not isinstance(outcome, Failure)] == ['{"n": 1}', '{"n": 2}']
    assert isinstance(outcomes[2], Failure)
    (tmp_path / "replies" / "verify.json").write_text("{")
    with pytest.raises(UsageError, match="not JSON"):
        replies_of(tmp_path)


def test_the_shipped_cases_pass_through_the_whole_pipeline() -> None:
    """With ideal answers every defect is placed, none is doubled, and every review is complete."""
    code, text = run(SHIPPED.parent, "--recorded")
    assert code == ExitCode.OK
    assert "recall               100.0%" in text
    assert "anchor_accuracy      100.0%" in text
    assert "duplicates             0.0%" in text
