"""What is happening, on standard error: a live line on a terminal, plain lines elsewhere, JSON lines for machines.

    with showing(stream, form="text", live=stream.isatty(), now=world.now) as progress:
        pipeline.review(change, plan, ask_all, progress)

`progress` may be called from several threads. Nothing here ever fails a run: a closed stream ends the showing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TextIO

from reviewer.nouns.progress import Event, Progress, silent
from reviewer.nouns.review import Review
from reviewer.reporters.sanitise import terminal as safe
from reviewer.reporters.words import Words, words

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(frozen=True, slots=True)
class State:
    """What a reader wants to know at any moment of a run."""

    stage: str = "reading"  # reading | working | verifying | done
    files: int = 0
    lines: int = 0
    signals: int = 0
    batches: int = 0
    answered: int = 0  # review calls that came to an end
    calls: int = 0
    running: int = 0
    failed: int = 0
    repeated: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None


def finished(review: Review) -> Event:
    """The last event of a run: its summary, for logs."""
    used = review.usage
    return Event(
        "review.finished",
        {
            "verdict": str(review.verdict),
            "findings": len(review.findings),
            "questions": len(review.questions),
            "in_scope_lines": review.coverage.in_scope_lines,
            "reviewed_lines": review.coverage.reviewed_lines,
            "calls": used.calls,
            "retries": used.retries,
            "input_tokens": used.input_tokens,
            "cached_input_tokens": used.cached_input_tokens,
            "output_tokens": used.output_tokens,
            "cost_usd": used.cost_usd,
            "seconds": round(used.wall_seconds, 3),
        },
    )


def advance(state: State, event: Event) -> State:
    """The state after an event. Events that are not known change nothing."""
    fields = event.fields
    if event.name == "diff.parsed":
        return replace(state, files=_int(fields, "files"), lines=_int(fields, "lines"))
    if event.name == "evidence.found":
        return replace(state, stage="working", signals=_int(fields, "signals"))
    if event.name == "batches.packed":
        return replace(state, batches=_int(fields, "batches"))
    if event.name == "call.started":
        stage = "verifying" if fields.get("purpose") == "verify" else "working"
        again = int(_int(fields, "attempt") > 1)
        return replace(
            state, stage=stage, running=state.running + 1, calls=state.calls + 1, repeated=state.repeated + again
        )
    if event.name == "call.finished":
        failed = fields.get("outcome") == "failed"
        review = fields.get("purpose") == "review" and not failed
        return replace(
            state,
            running=max(0, state.running - 1),
            failed=state.failed + failed,
            answered=min(state.batches, state.answered + review),
            input_tokens=state.input_tokens + _int(fields, "input_tokens"),
            output_tokens=state.output_tokens + _int(fields, "output_tokens"),
            cost_usd=_cost(state.cost_usd, fields),
        )
    return replace(state, stage="done") if event.name == "review.finished" else state


def line(state: State, seconds: float, w: Words) -> str:
    """The state in one line: what is done, how much of it, how long, what it cost so far."""
    parts = [w(f"progress.{state.stage}")]
    if state.files:
        parts.append(w("progress.diff", files=w.count("file", state.files), lines=w.count("line", state.lines)))
    if state.batches:
        parts.append(w("progress.batches", done=w.number(state.answered), all=w.number(state.batches)))
    if state.calls:
        parts.append(w("progress.calls", n=w.number(state.calls)))
    if state.repeated:
        parts.append(w("progress.retries", n=w.number(state.repeated)))
    if state.failed:
        parts.append(w("progress.failed", n=w.number(state.failed)))
    if state.input_tokens or state.output_tokens:
        parts.append(w("progress.tokens", input=w.number(state.input_tokens), output=w.number(state.output_tokens)))
    if state.cost_usd is not None:
        parts.append(w.money(state.cost_usd))
    parts.append(w("usage.seconds", seconds=w.number(seconds, 1)))
    return " · ".join(parts)


@contextmanager
def showing(
    stream: TextIO,
    *,
    now: Callable[[], float],
    form: str = "text",
    live: bool = False,
    color: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    language: str = "en",
    width: int = 80,
) -> Iterator[Progress]:
    """A progress that tells `stream`. `form` is text or json; `live` redraws one line of a terminal."""
    if quiet and form != "json":
        yield silent
        return
    teller = _Teller(
        stream, now, words(language), form="json" if form == "json" else "live" if live else "plain", verbose=verbose
    )
    if teller.form != "live":
        yield teller.tell
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(file=stream, width=width, force_terminal=True, no_color=not color, highlight=False, _environ={})
    with Live(
        get_renderable=teller.drawn,
        console=console,
        transient=True,
        refresh_per_second=5,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield teller.tell


class _Teller:
    """The state of a run behind a lock, and how an event is told."""

    def __init__(self, stream: TextIO, now: Callable[[], float], w: Words, *, form: str, verbose: bool) -> None:
        self.form = form
        self._stream = stream
        self._now = now
        self._began = now()
        self._w = w
        self._verbose = verbose
        self._state = State()
        self._lock = threading.Lock()

    def tell(self, event: Event) -> None:
        with self._lock:
            before, self._state = self._state, advance(self._state, event)
            seconds = self._now() - self._began
            if self.form == "json":
                self._write(
                    json.dumps({"event": event.name, "t": round(seconds, 3), **event.fields}, ensure_ascii=True)
                )
            elif self.form == "plain" and (self._verbose or _worth_a_line(event, before, self._state)):
                in_full = self._verbose or event.name.startswith("batch.")
                self._write(safe(f"{event.name}: {_fields(event)}" if in_full else line(self._state, seconds, self._w)))

    def drawn(self) -> Text:
        from rich.text import Text

        return Text(
            safe(line(self._state, self._now() - self._began, self._w)), style="dim", no_wrap=True, overflow="ellipsis"
        )

    def _write(self, text: str) -> None:
        if not self._stream.closed:
            self._stream.write(text.replace("\n", " ") + "\n")
            self._stream.flush()


def _worth_a_line(event: Event, before: State, after: State) -> bool:
    """In a log one line a stage is enough, and about ten for the batches; a provider's batch may take a day."""
    if event.name.startswith("batch."):
        return True
    if event.name in {"batches.packed", "replies.read", "findings.verified"}:
        return after.calls > 0 or event.name == "batches.packed"
    if event.name == "call.finished" and after.answered != before.answered:
        step = max(1, after.batches // 10)
        return after.answered % step == 0
    return event.name == "call.finished" and after.failed != before.failed


def _fields(event: Event) -> str:
    return ", ".join(f"{name} {value}" for name, value in event.fields.items())


def _int(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name, 0)
    return value if isinstance(value, int) else 0


def _cost(known: float | None, fields: Mapping[str, object]) -> float | None:
    value = fields.get("cost_usd")
    return known if not isinstance(value, int | float) else (known or 0.0) + value
