"""The authorisation table: who can reach each entry point, before and after the change."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reviewer.evidence.examined import Examined
from reviewer.evidence.routes.read import RouteChange, Routes
from reviewer.evidence.routes.route import OPEN, Route
from reviewer.evidence.routes.views import Views
from reviewer.evidence.tables.diagram import guard_sequence
from reviewer.nouns.review import Deliverable, Row
from reviewer.nouns.signal import Signal

COLUMNS = ("entry point", "before", "after", "who can reach it now", "data reached", "audit event", "note")
MOST_ROWS = 120
_AUTH_HAZARDS = re.compile(
    r"auth|csrf|signature|rate-limit|jwt|cors|session|public-endpoint|safeguard|cookie|tls-verification"
)
_AUDIT = re.compile(r"\baudit\w*|log_event|record_event|AuditLog|track_change|paper_trail|activity_log", re.IGNORECASE)
_DATA = re.compile(
    r"\b([A-Z]\w+)\.objects\b|\bprisma\.(\w+)\.|\b(\w+)Repository\b|\b(\w+)_repository\b|\b(?:query|select|get)\(\s*([A-Z]\w+)\s*[,)]|\b([A-Z]\w+)\.(?:find|where|create|find_by|findOne|findAll|findById|findByPk)\b|(?:FROM|INTO|UPDATE)\s+[\"`]?(\w+)|\b[Rr]epo\.(\w+)\("
)


def table(examined: Examined, signals: tuple[Signal, ...]) -> Deliverable:
    """The authentication and authorisation delta of a change."""
    routes = examined.route_changes
    views = Views(routes)
    served: dict[Route, list[str]] = {}
    for change in routes.changes:
        view = views.of(change.after) if change.after is not None and change.before is None else None
        if view is not None and change.after is not None:
            served.setdefault(view, []).append(change.after.name)
    told = frozenset(change.after for change in routes.changes if change.after in served and _matters(change))
    changes = [change for change in routes.changes if _matters(change) and not _told_by_view(change, views, told)]
    families = _families(routes)
    rows = [_row(change, families, examined, served) for change in changes[:MOST_ROWS]]
    rows += [
        _of_signal(signal)
        for signal in signals
        if _AUTH_HAZARDS.search(signal.hazard) or _AUTH_HAZARDS.search(signal.rule)
    ]
    hidden = len(rows) + max(len(changes) - MOST_ROWS, 0) - MOST_ROWS
    cut = f"; {hidden} more rows not shown" if hidden > 0 else ""
    guarded = sum(1 for route in routes.head if route.guarded)
    inspected = f"{len(routes.head)} routes and views in {routes.files} changed files ({guarded} with a guard seen), {len(signals)} signals; guards of unchanged files are seen where a router is mounted there"
    changed = next((change for change in changes if change.before is not None and change.after is not None), None)
    return Deliverable(
        "Authentication and authorization flow",
        COLUMNS if rows else (),
        tuple(rows[:MOST_ROWS]),
        inspected=inspected + cut,
        diagram=guard_sequence(changed.before, changed.after) if changed and changed.before and changed.after else "",
    )


Families = dict[tuple[str, str], tuple[int, int]]  # (file, framework) -> routes, guarded ones


def _families(routes: Routes) -> Families:
    found: Families = {}
    for route in routes.head:
        total, guarded = found.get((route.file, route.framework), (0, 0))
        found[(route.file, route.framework)] = (total + 1, guarded + route.guarded)
    return found


def _matters(change: RouteChange) -> bool:
    """New entry points, gone ones that were guarded, and changed guards; `urls.py` lines only mount what views guard."""
    before, after = change
    if before is None or after is None:
        route = change.either
        return not (route.method == "ANY" and route.framework == "django") and (after is not None or bool(route.guards))
    return before.guards != after.guards


def _told_by_view(change: RouteChange, views: Views, told: frozenset[Route]) -> bool:
    """Whether the row of its view names the new address already."""
    route = change.after
    return route is not None and change.before is None and views.of(route) in told


def _row(change: RouteChange, families: Families, examined: Examined, served: Mapping[Route, list[str]]) -> Row:
    before, after = change
    route = change.either
    named = served.get(route, [])
    entry = f"{route.name} ({', '.join(named[:3])})" if named else route.name
    body = _body(route, examined, head=after is not None)
    return Row(
        cells=(
            entry,
            "did not exist" if before is None else _guards(before),
            "removed" if after is None else _guards(after),
            "nobody" if after is None else _reach(after),
            _data(body),
            "yes" if body and _AUDIT.search(body) else "none seen" if body else "not known",
            _note(change, families),
        ),
        path=route.file,
        line=route.line,
        source=route.source,
    )


def _guards(route: Route) -> str:
    return ", ".join(route.guards) or "none seen"


def _reach(route: Route) -> str:
    if not route.guards:
        return "anyone, unless a guard stands elsewhere"
    if any(OPEN.search(guard) for guard in route.guards):
        return "anyone"
    names = [
        guard
        for guard in route.guards
        if re.search(r"admin|role|permission|scope|owner|staff|policy|authority|can\b", guard, re.IGNORECASE)
    ]
    who = [guard for guard in route.guards if not _NOT_WHO.search(guard)]
    return f"callers that pass {', '.join(names or who or route.guards)}"


# What limits how a caller calls, not who may.
_NOT_WHO = re.compile(r"rate_?limit|throttl|csrf|require_?(?:POST|GET|AJAX|http)|ParamMiddleware", re.IGNORECASE)


def _note(change: RouteChange, families: Families) -> str:
    before, after = change
    if after is None:
        return "line is of the base file"
    notes = []
    if before is not None:
        lost = [guard for guard in before.guards if guard not in after.guards]
        gained = [guard for guard in after.guards if guard not in before.guards]
        notes += [f"lost: {', '.join(lost)}"] if lost else []
        notes += [f"gained: {', '.join(gained)}"] if gained else []
    total, guarded = families.get((after.file, after.framework), (0, 0))
    total, guarded = total - 1, guarded - after.guarded
    if not after.guards and total >= 3 and guarded * 5 >= total * 4:
        notes.append(f"{guarded} of {total} siblings in this file are guarded")
    return "; ".join(notes)


def _body(route: Route, examined: Examined, *, head: bool) -> str:
    file = examined.file(route.file)
    text = (file.head if head else file.base) if file is not None else None
    return text.quote(route.line, min(route.end_line, route.line + 200)) if text is not None and route.end_line else ""


def _data(body: str) -> str:
    names = [next(part for part in match if part) for match in _DATA.findall(body)]
    return ", ".join(list(dict.fromkeys(names))[:4]) or "not seen in the handler"


def _of_signal(signal: Signal) -> Row:
    return Row(
        cells=(signal.symbol or signal.path, "", "", "", "", "", signal.title),
        path=signal.path,
        line=signal.start_line,
        source="inferred",
        signals=(signal.id,),
    )
