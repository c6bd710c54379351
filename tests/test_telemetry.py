"""A run told to OpenTelemetry: its spans, and that nothing depends on a collector."""

from __future__ import annotations

import time

import pytest

from reviewer.nouns.progress import Event, silent
from reviewer.telemetry import ENDPOINT, exporting, starter, traced

pytest.importorskip("opentelemetry.sdk.trace")

CALL = {"provider": "anthropic", "model": "m", "request": "b1", "purpose": "review", "attempt": 1}


def test_a_run_is_a_span_and_each_call_one_below_it() -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    told: list[Event] = []
    with traced(told.append, starter(provider)) as progress:
        progress(Event("diff.parsed", {"files": 3, "lines": 20}))
        progress(Event("call.started", CALL))
        progress(Event("call.started", CALL | {"request": "b2"}))
        progress(Event("call.finished", CALL | {"seconds": 1.5, "input_tokens": 9, "outcome": "complete"}))
        progress(Event("review.finished", {"verdict": "clean", "cost_usd": None}))
    spans = {(span.name, (span.attributes or {}).get("request")): span for span in exporter.get_finished_spans()}
    root = spans["design review", None]
    assert root.attributes is not None
    assert (root.attributes["diff.parsed.files"], root.attributes["review.finished.verdict"]) == (3, "clean")
    done = spans["model call", "b1"]
    assert done.parent is not None
    assert done.parent.span_id == root.context.span_id
    assert (done.attributes or {})["input_tokens"] == 9
    assert ("model call", "b2") in spans  # never finished: ended with the run
    assert len(told) == 5


def test_without_an_endpoint_progress_is_what_it_was() -> None:
    with exporting(silent, {}, pytest.fail) as progress:
        assert progress is silent


def test_an_absent_collector_costs_two_seconds_at_most() -> None:
    said: list[str] = []
    began = time.monotonic()
    with exporting(silent, {ENDPOINT: "http://127.0.0.1:9"}, said.append) as progress:
        progress(Event("call.started", CALL))
    assert time.monotonic() - began < 8  # a busy machine
    assert all("not installed" in text for text in said)
