"""Progress: the state follows the events, and each device gets it in its own way."""

from __future__ import annotations

import io
import json
import threading

from reviewer.nouns.progress import Event
from reviewer.reporters.progress import State, advance, finished, line, showing
from reviewer.reporters.words import words
from tests.builders import a_review

RUN = [
    Event("diff.parsed", {"files": 6, "lines": 90}),
    Event("evidence.found", {"signals": 4}),
    Event("batches.packed", {"batches": 2}),
    Event("call.started", {"purpose": "review", "attempt": 1}),
    Event("call.finished", {"purpose": "review", "outcome": "failed", "error": "overloaded"}),
    Event("call.started", {"purpose": "review", "attempt": 2}),
    Event("call.finished", {"purpose": "review", "outcome": "complete", "input_tokens": 1200, "output_tokens": 80}),
    Event("something.new", {"x": 1}),
    Event("call.started", {"purpose": "verify", "attempt": 1}),
]


def after(events: list[Event]) -> State:
    state = State()
    for event in events:
        state = advance(state, event)
    return state


def test_the_state_counts_what_happened() -> None:
    state = after(RUN)
    assert (state.files, state.lines, state.signals, state.batches) == (6, 90, 4, 2)
    assert (state.calls, state.running, state.answered, state.failed, state.repeated) == (3, 1, 1, 1, 1)
    assert (state.input_tokens, state.output_tokens, state.cost_usd) == (1200, 80, None)
    assert state.stage == "verifying"


def test_the_line_says_it_in_both_languages() -> None:
    assert line(after(RUN), 3.21, words("en")) == (
        "verifying · 6 files, 90 lines · 1/2 batches · 3 calls · 1 repeated · 1 failed · 1,200 tokens in, 80 out · 3.2 s"
    )
    assert "1/2 lotes" in line(after(RUN), 3.2, words("pt-BR"))


def test_cost_is_shown_once_it_is_known() -> None:
    events = [*RUN, Event("call.finished", {"purpose": "verify", "outcome": "complete", "cost_usd": 0.5})]
    assert "$0.5000" in line(after(events), 1, words("en"))


def told(**options: object) -> str:
    stream = io.StringIO()
    with showing(stream, now=lambda: 1.0, **options) as progress:  # type: ignore[arg-type]
        for event in RUN:
            progress(event)
    return stream.getvalue()


def test_a_log_gets_a_few_plain_lines() -> None:
    text = told()
    assert "\x1b" not in text
    assert len(text.splitlines()) == 3
    assert "1/2 batches" in text


def test_machines_get_every_event_as_a_line_of_json() -> None:
    lines = [json.loads(text) for text in told(form="json", quiet=True).splitlines()]
    assert [entry["event"] for entry in lines] == [event.name for event in RUN]
    assert lines[0] == {"event": "diff.parsed", "t": 0.0, "files": 6, "lines": 90}


def test_quiet_is_quiet_and_verbose_tells_each_event() -> None:
    assert told(quiet=True) == ""
    assert len(told(verbose=True).splitlines()) == len(RUN)


def test_a_terminal_gets_one_line_that_is_gone_at_the_end() -> None:
    text = told(live=True)
    assert "verifying" in text
    assert text.endswith("\x1b[2K")


def test_hostile_fields_move_no_cursor() -> None:
    stream = io.StringIO()
    with showing(stream, now=lambda: 0.0, verbose=True) as progress:
        progress(Event("call.finished", {"error": "\x1b[2J\n::error::x"}))
    assert "\x1b" not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 1


def test_the_last_event_sums_up_the_run() -> None:
    event = finished(a_review())
    assert after([event]).stage == "done"
    assert (event.fields["verdict"], event.fields["findings"], event.fields["output_tokens"]) == ("incomplete", 6, 6140)


def test_threads_may_tell_at_once() -> None:
    stream = io.StringIO()
    with showing(stream, now=lambda: 0.0, form="json") as progress:
        threads = [
            threading.Thread(target=lambda: [progress(Event("x", {"n": 1})) for _ in range(50)]) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len([json.loads(text) for text in stream.getvalue().splitlines()]) == 400


def test_a_closed_stream_fails_nobody() -> None:
    stream = io.StringIO()
    with showing(stream, now=lambda: 0.0, form="json") as progress:
        stream.close()
        progress(RUN[0])
