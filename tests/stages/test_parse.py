"""An answer is read, put right where it has one meaning, or lost by name. It is never silently empty."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer import hazards
from reviewer.errors import ProviderError, UnreadableReply
from reviewer.nouns.answered import Note, SignalVerdict
from reviewer.nouns.batch import Batch, Piece
from reviewer.nouns.changeset import Side
from reviewer.nouns.exchange import Failure, Reply, StopReason
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.review import Usage
from reviewer.stages import parse, wire
from reviewer.stages.parse import Heard
from tests.bounds import no_endless_work
from tests.mind import answer, change, one_batch, reply, review_request, said

CATALOGUE = hazards.load()
REQUEST = review_request()
BATCH = one_batch(change())


def heard(*outcomes: Reply | Failure) -> Heard:
    return parse.read_all(outcomes, (REQUEST,), (BATCH,), CATALOGUE)


def read(text: str) -> Heard:
    return heard(reply(text))


def test_a_finding_arrives_whole() -> None:
    (draft,) = read(answer(said(suggestion="x = 1", signals=["S1"]))).drafts
    assert (draft.path, draft.line_hint, draft.side_hint) == ("app/charge.py", 4, Side.RIGHT)
    assert (draft.category, draft.severity, draft.confidence) == (Category.RELIABILITY, Severity.HIGH, Confidence.HIGH)
    assert draft.quote == "    reply = requests.post(URL, json=order.body())"  # indentation is part of it
    assert draft.suggestion == "x = 1"
    assert draft.signals == ("S1",)
    assert "CWE-1088" in draft.references  # the catalogue's, not the model's


def test_an_empty_list_is_an_answer() -> None:
    outcome = read(answer())
    assert outcome.answers == ("b1",)
    assert outcome.pieces == BATCH.pieces
    assert outcome.summaries == ("It charges.",)
    assert not outcome.lost
    assert not outcome.drafts


@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "```json\n{}\n```",
        "Here is my review:\n\n{}",
        "{}\n\nHope this helps!",
        "Sure {{smile}}:\n```\n{}\n```\nbye",
        "\n  {}  \n",
    ],
)
def test_wrapping_is_seen_through(wrap: str) -> None:
    inner = answer(said(suggestion="```python\nx = {}\n```"))
    assert len(read(wrap.replace("{{", "{").replace("}}", "}").replace("{}", inner, 1)).drafts) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No findings.",
        "null",
        "[]",
        "{}",
        '{"summary": "fine"}',
        '{"findings": "none"}',
        '{"findings": {}, "x": 1',
        '{"findings": [',
        '{"findings": ["a", "b"]}',
        answer()[:-2],
        "{" * 10_000,
        '{"findings": ' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"findings": [], "x": ' + "[" * 40 + "]" * 40 + "}",
        '{"findings": [], "n": ' + "9" * 10_000 + "}",
        json.dumps({"findings": [{}] * 500}),
        '{"findings": [], "x": "' + "a" * 2_100_000 + '"}',
    ],
)
def test_what_is_no_answer_loses_the_batch_by_name(text: str) -> None:
    with pytest.raises(UnreadableReply):
        parse.accept(text)
    outcome = read(text)
    assert outcome.answers == ()
    assert outcome.pieces == ()
    assert {(skip.path, skip.lines) for skip in outcome.lost} == {("app/charge.py", 3), ("app/refund.py", 1)}
    assert all(skip.kind == "provider" and skip.in_scope and skip.reason for skip in outcome.lost)


@pytest.mark.parametrize("stop", [StopReason.TRUNCATED, StopReason.REFUSED, StopReason.FILTERED])
def test_a_reply_that_did_not_complete_is_lost_even_if_it_parses(stop: StopReason) -> None:
    outcome = heard(reply(answer(), stop=stop))
    assert not outcome.answers
    assert len(outcome.lost) == 2


def test_a_failed_call_is_lost_with_its_error_and_its_cost() -> None:
    outcome = heard(Failure("b1", ProviderError("503 from the provider"), Usage(calls=3, input_tokens=30)))
    assert {skip.reason for skip in outcome.lost} == {"503 from the provider"}
    assert outcome.usage.calls == 3


def test_a_request_nobody_answered_is_lost() -> None:
    assert {skip.reason for skip in heard().lost} == {"the model gave no reply"}


def test_strangers_and_second_replies_change_nothing_but_the_bill() -> None:
    outcome = heard(reply(answer(), "b9"), reply(answer(said())), reply("garbage"))
    assert len(outcome.drafts) == 1
    assert not outcome.lost
    assert outcome.usage.calls == 3


def test_lines_of_a_window_are_counted_as_shown() -> None:
    file = change().files[0]
    batch = Batch("b1", (Piece(file, (0,), (0, 4)),))
    (skip,) = parse.read_all((), (REQUEST,), (batch,), CATALOGUE).lost
    assert skip.lines == 1


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"severity": "HIGH "}, "severity", Severity.HIGH),
        ({"severity": "blocker"}, "severity", Severity.CRITICAL),
        ({"confidence": 0.9}, "confidence", Confidence.HIGH),
        ({"confidence": 6}, "confidence", Confidence.MEDIUM),
        ({"confidence": 20}, "confidence", Confidence.LOW),
        ({"line": "4"}, "line_hint", 4),
        ({"line": -3}, "line_hint", None),
        ({"line": 10**30}, "line_hint", None),
        ({"line": True}, "line_hint", None),
        ({"side": "old"}, "side_hint", Side.LEFT),
        ({"side": "?"}, "side_hint", None),
        ({"suggestion": ""}, "suggestion", None),
        ({"signals": "S1"}, "signals", ()),
        ({"hazard": "HTTP call, no timeout"}, "hazard", "http-call-no-timeout"),
        ({"hazard": "made-up", "category": "Data_Integrity"}, "hazard", "other-data-integrity"),
        ({"hazard": "money-as-float", "category": "security"}, "category", Category.DATA_INTEGRITY),
        ({"extra": 1}, "title", "requests.post has no timeout"),
        ({"title": "a\x00b\x1b[31m\u202ec"}, "title", "ab[31mc"),
        ({"title": "\ud800x"}, "title", "?x"),
        ({"title": "t" * 500}, "title", "t" * 159 + "…"),
    ],
)
def test_slips_with_one_meaning_are_put_right(changed: dict[str, Any], field: str, expected: object) -> None:
    (draft,) = read(answer(said(**changed))).drafts
    assert getattr(draft, field) == expected


def test_what_may_be_missing_is_no_reason_to_lose_a_finding() -> None:
    item = said()
    for key in ("counter", "signals", "suggestion", "line", "side", "recommendation"):
        del item[key]
    assert len(read(answer(item)).drafts) == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"severity": "spicy"}, "unknown severity 'spicy'"),
        ({"confidence": None}, "unknown confidence"),
        ({"confidence": True}, "confidence is no level"),
        ({"quote": " \n"}, "quote is missing"),
        ({"scenario": None}, "scenario is missing"),
        ({"title": 7}, "title is missing"),
        ({"hazard": "made-up", "category": "vibes"}, "unknown category 'vibes'"),
    ],
)
def test_a_bad_item_is_set_aside_with_its_reason_and_the_rest_is_kept(changed: dict[str, Any], reason: str) -> None:
    outcome = read(answer(said(**changed), said()))
    assert len(outcome.drafts) == 1
    (excluded,) = outcome.excluded
    assert excluded.stage == "parse"
    assert reason in excluded.reason
    assert any("1 item(s)" in notice for notice in outcome.notices)
    assert not outcome.lost


def test_items_that_are_no_objects_are_set_aside_too() -> None:
    outcome = read(answer(said(), "look at line 4", None))
    assert len(outcome.drafts) == 1
    assert [item.title for item in outcome.excluded] == ["look at line 4", "None"]


def test_questions_are_drafts_that_ask() -> None:
    question = {
        "path": "app/charge.py",
        "quote": "order.save()",
        "line": 6,
        "hazard": "non-atomic-counter-update",
        "text": "Locked?",
    }
    (draft,) = read(answer(questions=[question])).drafts
    assert draft.question == "Locked?"
    assert draft.hazard == "non-atomic-counter-update"


@pytest.mark.parametrize(
    ("quote", "grounded"),
    [
        ("reply = requests.post(URL, json=order.body(), timeout=5)", True),
        (" 5|    order.paid = True\n 6|    order.save()", True),
        ("class Order:", True),  # in a context
        ("Approved by security.", False),  # the author's words are no code
        ("the session sets a default", False),  # nor are ours
        ("session.timeout = 5", False),
        ("", False),
        ("=", False),
    ],
)
def test_only_code_that_was_shown_grounds_a_refutation(quote: str, grounded: bool) -> None:
    item = {"id": "[S1]", "verdict": "refuted", "quote": quote, "reason": "fine"}
    (told,) = read(answer(signals=[item, "S2", {"id": 3}])).signal_answers
    assert (told.id, told.verdict, told.grounded) == ("S1", SignalVerdict.REFUTED, grounded)


def test_an_odd_verdict_on_a_signal_is_unsure() -> None:
    (told,) = read(answer(signals=[{"id": "S1", "verdict": "irrelevant", "quote": "", "reason": ""}])).signal_answers
    assert told.verdict is SignalVerdict.UNSURE


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*said(), "x"]), inner, max_size=6),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_JSON, max_size=3), st.dictionaries(st.sampled_from(["questions", "signals", "summary"]), _JSON))
def test_any_json_is_read_or_lost_and_accounted_for(items: Sequence[Any], others: dict[str, Any]) -> None:
    outcome = read(json.dumps({"findings": items, **others}))
    assert bool(outcome.answers) != bool(outcome.lost)
    if outcome.answers:
        findings = [draft for draft in outcome.drafts if not draft.question]
        assert len(findings) <= len(items) <= len(outcome.drafts) + len(outcome.excluded)
    for text in (each for draft in outcome.drafts for each in (draft.title, draft.quote, draft.scenario)):
        text.encode()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_an_answer_or_unreadable(text: str) -> None:
    outcome = read(text)
    assert bool(outcome.answers) != bool(outcome.lost)


@pytest.mark.parametrize(
    "text", ['"\\' * 500_000, "```\n" * 300_000, '{"findings"' * 100_000, "{ " * 500_000, '{"a":"' + '\\"' * 500_000]
)
def test_hostile_text_is_refused_quickly(text: str) -> None:
    with no_endless_work(), pytest.raises(UnreadableReply):
        parse.accept(text)


def strict(schema: Any) -> None:
    """The rules of structured outputs: every property required, none additional, at every level."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            assert schema["required"] == list(schema["properties"])
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)


@pytest.mark.parametrize("schema", [wire.REVIEW, wire.VERIFICATION, wire.DEEP_VERIFICATION])
def test_schemas_are_strict(schema: dict[str, Any]) -> None:
    strict(schema)


def test_the_schema_asks_for_what_is_read() -> None:
    assert set(wire.REVIEW["properties"]["findings"]["items"]["properties"]) == set(said())


def test_notes_on_facts_are_read_and_empty_or_nameless_ones_are_not() -> None:
    notes = [
        {"fact": "[F2] ", "text": "Old pods\nstill  write it."},
        {"fact": "F3", "text": " "},
        {"text": "about nothing"},
        "F1 is fine",
    ]
    outcome = read(answer(notes=notes))
    assert outcome.notes == (Note("F2", "Old pods still write it."),)
    assert not outcome.lost


def test_a_reply_of_an_older_form_has_no_notes() -> None:
    assert read(answer()).notes == ()
