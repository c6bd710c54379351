"""The report file: what is written is read back, what is hostile is refused, and the schema says what it is."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reviewer import report_file
from reviewer.errors import DeliveryError, SourceError
from reviewer.nouns.finding import Finding
from reviewer.nouns.review import Coverage, FileCoverage, Review
from tests.builders import a_clean_review, a_finding, a_review

PUBLISHED = Path(__file__).resolve().parent.parent / "docs" / "review.schema.json"
BINDING = """schema_version tool verdict target summary findings questions excluded acknowledged deliverables coverage usage provenance"""
FINDING = """fingerprint hazard category severity confidence path side start_line end_line quote title scenario recommendation
suggestion references origin verification"""


def test_a_full_review_comes_back_the_same() -> None:
    assert report_file.load(report_file.dump(a_review()).encode()) == a_review()


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(), st.text(), st.floats(0, 1e6) | st.none(), st.integers(0, 10**9), st.lists(st.text()))
def test_any_review_comes_back_the_same_and_shows_nothing_hidden(
    title: str, summary: str, cost: float | None, calls: int, notices: list[str]
) -> None:
    review = a_clean_review(
        summary=summary, findings=(a_finding(title=title),), notices=tuple(notices),
        usage=replace(a_review().usage, cost_usd=cost, calls=calls),
    )  # fmt: skip
    text = report_file.dump(review)
    assert report_file.load(text.encode()) == review
    assert report_file.dump(review) == text
    assert not set(text) & set("\x1b\x9b\u202e\u200b\u2028\U000e0041")


def test_half_a_character_is_written_as_a_replacement() -> None:
    text = report_file.dump(a_clean_review(summary="a\ud800b"))
    assert report_file.load(text.encode()).summary == "a\ufffdb"


@pytest.mark.parametrize(("noun", "names"), [(Review, BINDING), (Finding, FINDING)])
def test_the_names_that_users_script_against_are_there(noun: type, names: str) -> None:
    assert set(names.split()) <= {field.name for field in fields(noun)}


def test_the_published_schema_is_in_step_and_holds_for_a_report() -> None:
    published = json.loads(PUBLISHED.read_text())
    assert published == report_file.schema(), "run: python -m tests.write_schema"
    validator = Draft202012Validator(published)
    Draft202012Validator.check_schema(published)
    validator.validate(json.loads(report_file.dump(a_review())))
    assert not validator.is_valid({**json.loads(report_file.dump(a_review())), "extra": 1})
    assert not validator.is_valid({"verdict": "clean"})


def damaged(old: str, new: str) -> bytes:
    text = report_file.dump(a_review())
    assert old in text
    return text.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "EOF"),
        (b"null", "empty"),
        (b"[]", "object"),
        (b"{}", "verdict"),
        (b"\xff\xfe{\x00", "not a review report"),
        (b"[" * 100_000, "recursion"),
        (b'{"verdict": "clean"}', "target"),
        (damaged('"schema_version": "1.0"', '"schema_version": "2.0"'), "schema_version"),
        (damaged('"summary"', '"sumary"'), "sumary"),
        (damaged('"symbol"', '"extra": {}, "symbol"'), "extra"),
        (damaged('"incomplete"', '"approved"'), "verdict"),
        (damaged('"start_line": 28', '"start_line": "28"'), "findings.2.start_line"),
        (damaged('"start_line": 28', '"start_line": 99'), "no range"),
        (damaged('"start_line": 28', '"start_line": -1'), "no range"),
        (damaged('"end_line": 31', '"end_line": 1' + "0" * 400), "no range"),
        (damaged('"cost_usd": 0.2134', '"cost_usd": NaN'), "cost_usd"),
        (damaged('"path": "orders/checkout.py"', '"path": "../../etc/passwd"'), "out of the repository"),
        (damaged('"path": "orders/checkout.py"', '"path": "/etc/passwd"'), "out of the repository"),
        (damaged(a_finding().fingerprint, "--><img src=x>"), "hexadecimal"),
        (damaged('"00000000000000dd"', '"]]"'), "hexadecimal"),
        (damaged("b" * 40, "main; rm"), "hexadecimal"),
        (damaged('"reviewed_lines": 20\n', '"reviewed_lines": 2000\n'), "cannot be"),
        (damaged('"summary": "The', '"summary": "\\ud800The'), "not a review report"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_with_the_place(data: bytes, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        report_file.load(data, "review.json")
    assert says in caught.value.message
    assert len(caught.value.message) < 500
    assert caught.value.hint


def test_too_many_entries_are_refused() -> None:
    notices = ("",) * (report_file.COUNT_LIMIT + 1)
    with pytest.raises(SourceError, match="notices has more than"):
        report_file.load(report_file.dump(a_clean_review(notices=notices)).encode())


def test_too_large_a_file_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(SourceError, match="larger than"):
        report_file.load(b" " * (report_file.SIZE_LIMIT + 1))


def test_writing_is_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "out" / "review.json"
    report_file.write(path, "old")
    report_file.write(path, report_file.dump(a_review()))
    assert report_file.read(path) == a_review()
    assert [entry.name for entry in path.parent.iterdir()] == ["review.json"]


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "review.json"
    victim.write_text("precious")
    link.symlink_to(victim)
    report_file.write(link, "report")
    assert victim.read_text() == "precious"
    assert link.read_text() == "report"


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeliveryError, match="cannot write"):
        report_file.write(tmp_path / "file" / "review.json", "x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_device_is_written_to_as_it_is() -> None:
    report_file.write(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        report_file.read(tmp_path / "none.json")


def test_coverage_may_be_full() -> None:
    file = FileCoverage("a.py", a_review().coverage.files[0].status, "", 3, 3)
    review = a_clean_review(coverage=Coverage((file,), 3, 3))
    assert report_file.load(report_file.dump(review).encode()) == review
