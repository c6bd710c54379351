"""New entry points that lack the guard their siblings have, entry points that lost theirs, and those declared public."""

from __future__ import annotations

import re

from reviewer.evidence.examined import DetectorResult, Examined, ExaminedFile
from reviewer.evidence.place import place
from reviewer.evidence.routes.route import OPEN, Route
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Signal, Tier

SHARE = 0.8  # of the other routes in the file have a guard
FEWEST = 3  # other routes: with fewer there is no custom to break
_MEANT_OPEN = re.compile(
    r"health|ready|live|ping|metrics|login|log_?in|sign_?(?:in|up)|register|webhook|callback|oauth|public|status|version|docs|openapi|forgot|reset|token|refresh",
    re.IGNORECASE,
)


def detect(examined: Examined) -> DetectorResult:
    """One signal per new unguarded route among guarded siblings; one per route that lost its guard or was declared open."""
    routes = examined.route_changes
    signals: list[Signal] = []
    for change in routes.changes:
        after = change.after
        file = examined.file(after.file) if after is not None else None
        if after is None or file is None:
            continue
        siblings = [route for route in routes.head if route.file == after.file and route is not after]
        guarded = sum(1 for route in siblings if route.guarded)
        opened = next((guard for guard in after.guards if OPEN.search(guard)), "")
        if change.before is None and _breaks_custom(after, siblings, guarded):
            signals.append(_missing(file, after, guarded, len(siblings)))
        elif change.before is not None and _lost(change.before, after):
            signals.append(_unguarded(file, change.before, after))
        elif opened and (change.before is None or opened not in change.before.guards):
            signals.append(_public(file, after, opened))
    return DetectorResult(signals=tuple(signals))


def _lost(before: Route, after: Route) -> bool:
    """The route's own guard is gone and none is left. Guards around named functions are `safeguards`' to see."""
    return before.guarded and not after.guarded and not OPEN.search(" ".join(after.guards)) and after.source == "parsed"


def _breaks_custom(route: Route, siblings: list[Route], guarded: int) -> bool:
    if route.guarded or route.guards or len(siblings) < FEWEST or guarded < SHARE * len(siblings):
        return False
    return not _MEANT_OPEN.search(f"{route.path} {route.handler}")


def _missing(file: ExaminedFile, route: Route, guarded: int, siblings: int) -> Signal:
    return _signal(
        file,
        route,
        rule="endpoint-missing-auth-vs-siblings",
        title="A new entry point without its siblings' guard",
        message=f"`{route.name}` has no guard, {guarded} of the {siblings} other routes here have one: it may be public by mistake.",
    )


def _unguarded(file: ExaminedFile, before: Route, after: Route) -> Signal:
    gone = ", ".join(f"`{guard}`" for guard in before.guards)
    return _signal(
        file,
        after,
        rule="route-guard-removed",
        title="An entry point lost its guard",
        message=f"`{after.name}` ran {gone} before and runs no guard now: unless another layer checks, whoever can reach it may call it.",
    )


def _public(file: ExaminedFile, route: Route, opened: str) -> Signal:
    return _signal(
        file,
        route,
        rule="public-endpoint-added",
        title="An entry point open to everyone",
        message=f"`{route.name}` is declared open to everyone (`{opened}`).",
    )


def _signal(file: ExaminedFile, route: Route, *, rule: str, title: str, message: str) -> Signal:
    where = place(file, route.line, route.line)
    return Signal(
        id="",
        rule=rule,
        hazard="endpoint-missing-auth-vs-siblings",
        tier=Tier.EVIDENCE,
        category=Category.SECURITY,
        severity=Severity.HIGH,
        confidence=Confidence.LOW,
        path=file.path,
        side=where.side,
        start_line=where.start,
        end_line=where.end,
        quote=where.quote,
        title=title,
        message=message,
        fix="Give it the guard its siblings have, or say why it is open.",
        refuted_by=("A global guard or gateway policy covers it", "It is a login, health or webhook path"),
        references=("CWE-862", "OWASP API5"),
        symbol=route.handler,
        lines_in_diff=where.in_diff,
    )
