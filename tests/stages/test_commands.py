"""What counts as a command, and what is made of it: properties over any text, and the shapes people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.stages.commands import Command, Fault, Verb, parse

TODAY = "2026-11-24"
WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@given(WORDS)
def test_any_comment_is_a_command_or_talk(text: str) -> None:
    command = parse(text, TODAY)
    assert (command is not None) <= text.startswith("/")
    if command is not None:
        assert (command.verb is None) == (command.fault is Fault.UNKNOWN)


@given(
    st.sampled_from(["ack x", "review", "ask y", "explain", "unack", "deploy"]), WORDS.filter(lambda t: t[:1] != "/")
)
def test_nothing_but_the_very_start_counts(command: str, before: str) -> None:
    assert parse(f"{before or ' '}/{command}", TODAY) is None


@given(st.text("abcdefghij klmnop", min_size=1).filter(lambda t: t.strip()), st.dates())
def test_reason_and_date_come_back_as_written(reason: str, day: object) -> None:
    command = parse(f"/ack {reason} until {day}", TODAY)
    assert command is not None
    if not command.about:
        assert command.text == reason.strip()
    assert command.until == str(day)
    assert (command.fault is Fault.BAD_DATE) == (str(day) < TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/review", Command(Verb.REVIEW, "review")),
        ("/Review FULL\r\n", Command(Verb.REVIEW, "review", full=True)),
        ("/review now", Command(Verb.REVIEW, "review", fault=Fault.ARGUMENT)),
        ("/ack", Command(Verb.ACK, "ack", fault=Fault.NO_REASON)),
        ("/ack known", Command(Verb.ACK, "ack", text="known")),
        ("/ack `0123456789abcdef` known", Command(Verb.ACK, "ack", "0123456789abcdef", "known")),
        ("/ack 0123456789abcdef\nknown", Command(Verb.ACK, "ack", "0123456789abcdef", "known")),
        ("/ack 0123456789abcdef", Command(Verb.ACK, "ack", "0123456789abcdef", fault=Fault.NO_REASON)),
        ("/ack deadbeef is the test key", Command(Verb.ACK, "ack", text="deadbeef is the test key")),
        ("/ack fine until we migrate", Command(Verb.ACK, "ack", text="fine until we migrate")),
        ("/ack fine until 2027-02-28.", Command(Verb.ACK, "ack", text="fine", until="2027-02-28")),
        ("/ack fine until 2027-02-30", Command(Verb.ACK, "ack", text="fine", fault=Fault.BAD_DATE)),
        ("/ack fine until 2027", Command(Verb.ACK, "ack", text="fine", fault=Fault.BAD_DATE)),
        ("/ack until 2027-02-28", Command(Verb.ACK, "ack", until="2027-02-28", fault=Fault.NO_REASON)),
        ("/unack", Command(Verb.UNACK, "unack")),
        ("/unack 01234567", Command(Verb.UNACK, "unack", "01234567")),
        ("/explain", Command(Verb.EXPLAIN, "explain")),
        ("/explain SQL-injection", Command(Verb.EXPLAIN, "explain", "sql-injection")),
        ("/explain this to me", Command(Verb.EXPLAIN, "explain", "this", fault=Fault.ARGUMENT)),
        ("/ask why?\nand how?", Command(Verb.ASK, "ask", text="why?\nand how?")),
        ("/ask ", Command(Verb.ASK, "ask", fault=Fault.NO_QUESTION)),
        ("/deploy prod", Command(None, "deploy", fault=Fault.UNKNOWN)),
        ("/usr/bin/env", None),
        ("/", None),
        ("", None),
    ],
)
def test_commands_as_people_write_them(text: str, expected: Command | None) -> None:
    assert parse(text, TODAY) == expected
