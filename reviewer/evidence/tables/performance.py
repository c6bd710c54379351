"""The performance table: what each changed function newly asks of databases, services, caches and queues.

No number is invented: estimates are symbols (`1 + N`), and what cannot be seen is said to be unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.evidence.examined import Examined, ExaminedFile
from reviewer.evidence.reading import Reading
from reviewer.evidence.routes.calls import Call, new_calls
from reviewer.evidence.routes.route import Route
from reviewer.evidence.sieve import folded
from reviewer.evidence.tables.indexes import Indexes, indexes
from reviewer.nouns.review import Deliverable, Row
from reviewer.nouns.signal import Signal

COLUMNS = (
    "path",
    "new I/O per request",
    "in a loop",
    "bounded by",
    "index support",
    "timeout, pool, cache",
    "estimate",
)
MOST_ROWS = 120
_SETTING = re.compile(
    r"[\"']?\b(?P<name>[\w.-]*(?:pool_?size|max_?overflow|max_?pool\w*|max_?connections|connection_?limit|SetMaxOpenConns|SetMaxIdleConns|timeout\w*|Timeout\w*|TIMEOUT\w*|ttl|TTL|\bttl_\w+|expires?(?:_in|_at)?|expiration|max_?age|cache_?ttl|concurrency|batch_?size|page_?size|prefetch\w*|max_?retries|retries)\w*)[\"']?\s*(?:=>|[:=(]|:=)\s*(?P<value>[\w.\"' *]*\d[\w.\"' *]*)",
    re.IGNORECASE,
)
# Words one of which every match of _SETTING has (in lower case): it tries every word of a line, these read past them.
_MAY_SET = ("pool", "overflow", "maxconnections", "max_connections", "connectionlimit", "connection_limit", "setmax",
            "timeout", "ttl", "expir", "maxage", "max_age", "concurrency", "size", "prefetch", "retries")  # fmt: skip
_LOOP_RULES = frozenset(
    {
        "query-in-loop",
        "unbounded-list-query",
        "missing-index-for-query",
        "connection-per-request",
        "blocking-call-in-async",
        "http-call-no-timeout",
        "redis-keys-scan",
    }
)


def table(examined: Examined, signals: tuple[Signal, ...]) -> Deliverable:
    """The performance facts of a change."""
    gained = new_calls(examined)
    known = (
        indexes(examined)
        if any(call.kind == "database" for calls in gained.values() for call in calls)
        else Indexes({}, ())
    )
    routes: dict[str, list[Route]] = {}
    for route in examined.route_changes.head:
        if route.method != "VIEW":
            routes.setdefault(route.file, []).append(route)
    told: dict[str, list[Signal]] = {}
    for signal in signals:
        if signal.hazard in _LOOP_RULES:
            told.setdefault(signal.path, []).append(signal)
    rows = [
        row
        for path, calls in gained.items()
        for row in _of_file(path, calls, known, _entries(routes.get(path, [])), told.get(path, []))
    ]
    rows += [row for file in examined.files for row in settings(examined, file)]
    cut = f"; {len(rows) - MOST_ROWS} more rows not shown" if len(rows) > MOST_ROWS else ""
    inspected = f"new calls in {len(examined.files)} changed files, one function deep; {known.told}"
    return Deliverable(
        "Performance analysis", COLUMNS if rows else (), tuple(rows[:MOST_ROWS]), inspected=inspected + cut
    )


def _of_file(
    path: str, calls: tuple[Call, ...], known: Indexes, entries: dict[int | str, str], mine: list[Signal]
) -> Iterator[Row]:
    """The calls of one file, where its `entries` lead to them, with the signals that are its own."""
    groups: dict[tuple[str, str, str, str], list[Call]] = {}
    for call in calls:
        groups.setdefault((call.function, call.kind, call.callee, call.loop), []).append(call)
    for (function, kind, callee, loop), same in groups.items():
        first = same[0]
        entry = entries.get(first.line) or entries.get(function) or function or path
        times = f"{len(same)} x " if len(same) > 1 else ""
        lines = {call.line for call in same}
        yield Row(
            cells=(
                entry,
                f"{times}{kind}: {callee}",
                f"yes, over {loop}" if loop else "no",
                "" if _WRITES.search(callee) else _bound(first),
                known.support(first.text) if kind == "database" and not _WRITES.search(callee) else "",
                _care(first),
                _estimate(len(same), loop),
            ),
            path=path,
            line=first.line,
            source="inferred",
            signals=tuple(signal.id for signal in mine if lines & set(range(signal.start_line, signal.end_line + 1))),
        )


def _entries(routes: list[Route]) -> dict[int | str, str]:
    """The route a call serves, by the line it stands on or the handler it stands in."""
    found: dict[int | str, str] = {}
    for route in routes:
        if route.handler:
            found.setdefault(route.handler.rpartition(".")[2], route.name)
        for line in range(route.line, min(route.end_line, route.line + 2_000) + 1):
            found.setdefault(line, route.name)
    return found


def _bound(call: Call) -> str:
    """What keeps the answer small, in the query's own words."""
    if call.kind != "database":
        return f"size of {call.loop}" if call.loop else "one call"
    for pattern, told in _BOUNDS:
        if re.search(pattern, call.bound, re.IGNORECASE):
            return told
    return "nothing seen"


# One row is written: nothing bounds it and no index is asked for.
_WRITES = re.compile(r"\.(?:create|save|insert|add|persist)(?:_?one|_?entity|_and_flush|AndFlush)?!?$", re.IGNORECASE)
_BOUNDS = (
    (r"upsert", "one row"),
    (r"batch|chunk", "batches"),
    (r"paginat|page", "pages"),
    (r"limit|(?<![a-z])take(?![a-z])|(?<![a-z])top(?![a-z])|\[:", "a limit"),
    (r"(?<![a-z])count|Count\b|CountDocuments|exists|aggregate", "an aggregate"),
    (r"get|first|one|unique|find_?by|row|scalar", "one row"),
)


def _estimate(calls: int, loop: str) -> str:
    """Symbols only: what N is, not how large."""
    if loop:
        return f"{'N' if calls == 1 else f'{calls} N'} calls, N = size of {loop}"
    return f"{calls} call{'s' if calls > 1 else ''}"


def _care(call: Call) -> str:
    if call.kind == "HTTP":
        return (
            "timeout given"
            if re.search(r"timeout|signal|deadline|ctx\b", call.text, re.IGNORECASE)
            else "no timeout seen in the call"
        )
    if call.kind == "cache" and re.search(r"\bset\w*$", call.callee, re.IGNORECASE):
        return (
            "expiry given"
            if re.search(r"\b(?:ex|px|ttl|expire\w*|EX|timeout|exp)\b", call.text)
            else "no expiry seen in the call"
        )
    return ""


def _settings(file: ExaminedFile) -> Iterator[Row]:
    """Limits, timeouts and lifetimes whose number changed."""
    before: dict[str, str] = {}
    changed = [line for line in file.change.lines() if line.kind != " "]
    whole = folded("\n".join(line.text for line in changed))
    words = [word for word in _MAY_SET if word in whole]  # most are in no line of a file
    for line in changed if words else ():
        low = folded(line.text)
        if not any(word in low for word in words):
            continue
        match = _SETTING.search(line.text)
        if match is None:
            continue
        name, value = match["name"], match["value"].strip(" \"'")
        if line.kind == "-":
            before[name] = value
        elif before.get(name, value) != value:
            yield Row(
                cells=(name, "", "", "", "", f"{before[name]} → {value}", "a setting changed"),
                path=file.path,
                line=line.new or 0,
                source="parsed",
            )


def _changed_settings(_examined: Examined, file: ExaminedFile) -> tuple[Row, ...]:
    return tuple(_settings(file))


settings = Reading("settings", _changed_settings)
