"""A run as OpenTelemetry spans, for those who collect them: one for the run, one for each model call.

Only where OTEL_EXPORTER_OTLP_ENDPOINT is set, and only numbers and names go out: what a log line says, never code.
The packages are the extra `otel`; where they are missing or the collector is away, the review goes on without.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from reviewer import __version__
from reviewer.nouns.progress import Event, Progress

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
PATIENCE = 2.0  # seconds that a collector may hold up the end of a run


class Span(Protocol):
    """What we use of a span."""

    def set_attribute(self, key: str, value: Any) -> object: ...
    def end(self) -> object: ...


StartSpan = Callable[[str, "Span | None"], Span]  # (name, parent)


@contextmanager
def traced(inner: Progress, start: StartSpan) -> Iterator[Progress]:
    """A progress that tells `inner`, and makes a span of every call between its start and its end."""
    root = start("design review", None)
    open_: dict[tuple[object, ...], Span] = {}

    def tell(event: Event) -> None:
        inner(event)
        if event.name == "call.started":
            open_[_call(event)] = _told(start("model call", root), event)
        elif event.name == "call.finished":
            span = open_.pop(_call(event), None)
            if span is not None:
                _told(span, event).end()
        else:
            _told(root, event, prefix=event.name)

    try:
        yield tell
    finally:
        for span in (*open_.values(), root):
            span.end()


@contextmanager
def exporting(inner: Progress, environment: Mapping[str, str], say: Callable[[str], object]) -> Iterator[Progress]:
    """`inner` itself, or the same with spans sent to the collector the environment names."""
    endpoint = environment.get(ENDPOINT, "").strip()
    if not endpoint:
        yield inner
        return
    try:
        sdk = importlib.import_module("opentelemetry.sdk.trace")
        batch = importlib.import_module("opentelemetry.sdk.trace.export").BatchSpanProcessor
        otlp = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter").OTLPSpanExporter
    except ImportError:
        say(f"{ENDPOINT} is set, but OpenTelemetry is not installed: pip install 'design-reviewer[otel]'.")
        yield inner
        return
    provider = sdk.TracerProvider(shutdown_on_exit=False)
    exporter = otlp(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=PATIENCE)
    provider.add_span_processor(batch(exporter, export_timeout_millis=PATIENCE * 1000))
    with traced(inner, starter(provider)) as progress:
        yield progress
    provider.force_flush(int(PATIENCE * 1000))


def starter(provider: Any) -> StartSpan:
    """How spans begin with an SDK's TracerProvider."""
    trace = importlib.import_module("opentelemetry.trace")
    tracer = provider.get_tracer("design-reviewer", __version__)

    def start(name: str, parent: Span | None) -> Span:
        context = None if parent is None else trace.set_span_in_context(parent)
        span: Span = tracer.start_span(name, context=context)
        return span

    return start


def _call(event: Event) -> tuple[object, ...]:
    return tuple(event.fields.get(name) for name in ("provider", "model", "request", "attempt"))


def _told(span: Span, event: Event, prefix: str = "") -> Span:
    for name, value in event.fields.items():
        if value is not None:
            span.set_attribute(f"{prefix}.{name}" if prefix else name, value)
    return span
