"""The API contract table: what clients can call and send and get back, from specs first and from code where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reviewer.evidence.contracts.change import ContractChange, Level, Part
from reviewer.evidence.contracts.detect import Contract
from reviewer.evidence.examined import Examined
from reviewer.evidence.routes.fields import INPUT, FieldChange
from reviewer.evidence.routes.read import RouteChange
from reviewer.evidence.routes.route import Route
from reviewer.evidence.routes.views import Views
from reviewer.evidence.tables.spec import specs, stated
from reviewer.nouns.review import Deliverable, Row
from reviewer.nouns.signal import Signal

COLUMNS = ("method and path", "change", "request", "response", "auth", "breaking", "note")
MOST_ROWS = 200


def table(examined: Examined, signals: tuple[Signal, ...]) -> Deliverable:
    """The contract delta of a change."""
    routes, fields = examined.route_changes, examined.field_changes
    told = [
        change
        for change in routes.changes
        if change.either.method != "VIEW" and change.either.framework and not _matcher(change)
    ]
    described = specs(examined)
    rows = [row for contract in examined.contract_changes for row in _of_contract(contract, signals)]
    views = Views(routes)
    rows += [_of_route(views.guarded(change), fields, described.missing(change)) for change in told]
    mentioned = {
        name for change in told for route in change if route is not None for name in (route.request, route.response)
    }
    rows += list(_of_fields(fields, mentioned))
    rows = _once(rows)
    cut = f"; {len(rows) - MOST_ROWS} more rows not shown" if len(rows) > MOST_ROWS else ""
    inspected = (
        f"{len(examined.contract_changes)} changed contract files, {routes.files} changed files with routes "
        f"({len(routes.head)} routes at head), {described.told}"
    )
    return Deliverable(
        "API contract delta", COLUMNS if rows else (), tuple(rows[:MOST_ROWS]), inspected=inspected + cut
    )


def _once(rows: list[Row]) -> list[Row]:
    """Copies of a contract say the same: the first is told, with how many files say it, too."""
    copies: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        copies.setdefault(row.cells, []).append(row)
    return [_with_copies(group) for group in copies.values()]


def _with_copies(group: list[Row]) -> Row:
    first = group[0]
    others = len({row.path for row in group} - {first.path})
    if not others:
        return first
    told = f"and in {others} more file{'s' if others > 1 else ''}"
    note = "; ".join(part for part in (first.cells[-1], told) if part)
    signals = tuple(dict.fromkeys(name for row in group for name in row.signals))
    return replace(first, cells=(*first.cells[:-1], note), signals=signals)


def _matcher(change: RouteChange) -> bool:
    return change.either.handler.startswith("security matcher")


def _of_contract(contract: Contract, signals: Iterable[Signal]) -> Iterator[Row]:
    """One row a subject: all that changes about it."""
    groups: dict[str, list[ContractChange]] = {}
    for change in contract.changes:
        groups.setdefault(change.subject, []).append(change)
    for subject, changes in groups.items():
        first = changes[0]
        worst = min((list(Level).index(change.level) for change in changes), default=2)
        users = sorted({user for change in changes for user in change.users})
        notes = [f"used by {', '.join(users[:4])}{' …' if len(users) > 4 else ''}"] if users else []
        notes += ["not stable or already deprecated"] if all(change.unstable for change in changes) else []
        notes += ["line is of the base file"] if first.in_base else []
        yield Row(
            cells=(
                subject,
                _verb(changes),
                _told(changes, Part.REQUEST),
                _told(changes, Part.RESPONSE),
                _told(changes, Part.AUTH),
                list(Level)[worst].value if worst else "breaking",
                "; ".join(notes),
            ),
            path=contract.file.path,
            line=first.line,
            source="parsed",
            signals=tuple(
                signal.id for signal in signals if signal.path == contract.file.path and signal.symbol == subject
            ),
        )


def _verb(changes: list[ContractChange]) -> str:
    own = [change for change in changes if change.part is Part.OPERATION]
    if own and own[0].verb in {"added", "removed"}:
        return own[0].detail
    return "; ".join(["changed", *(change.detail for change in own)])


def _told(changes: list[ContractChange], part: Part) -> str:
    details = [change.detail for change in changes if change.part is part]
    return "; ".join(details[:6]) + (f"; and {len(details) - 6} more" if len(details) > 6 else "")


def _of_route(change: RouteChange, fields: tuple[FieldChange, ...], note: str) -> Row:
    before, after = change
    route = change.either
    if before is None:
        verb, breaking = "added", "safe"
    elif after is None:
        verb, breaking = "removed", "breaking"
    elif before.key != after.key:
        verb, breaking = f"was {before.name}", "breaking"
    elif (before.request, before.response) != (after.request, after.response):
        verb, breaking = "changed", "check"
    elif before.guards == after.guards:  # what is left that can differ
        verb, breaking = f"changed: served by {after.handler}, was {before.handler}", "check"
    else:
        verb, breaking = "changed", "safe"
    return Row(
        cells=(
            route.name,
            verb,
            _type(before, after, "request", fields),
            _type(before, after, "response", fields),
            _guards(before, after),
            breaking,
            note,
        ),
        path=route.file,
        line=route.line,
        source="inferred",
    )


def _type(before: Route | None, after: Route | None, side: str, fields: tuple[FieldChange, ...]) -> str:
    was, now = (getattr(route, side) if route is not None else "" for route in (before, after))
    if before is None or after is None or was == now:
        name = now or was
        changed = [field.told for field in fields if field.owner == name]
        return f"{name}: {'; '.join(changed[:5])}" if changed else name
    return f"{was or 'none'} → {now or 'none'}"


def _guards(before: Route | None, after: Route | None) -> str:
    was, now = (", ".join(route.guards) if route is not None else "" for route in (before, after))
    if before is not None and after is not None and was != now:
        return f"{was or 'none seen'} → {now or 'none seen'}"
    return now or was or "none seen"


def _of_fields(fields: tuple[FieldChange, ...], mentioned: set[str]) -> Iterator[Row]:
    """Types that changed without a changed route naming them."""
    groups: dict[tuple[str, str], list[FieldChange]] = {}
    for field in fields:
        if field.owner not in mentioned:
            groups.setdefault((field.path, field.owner), []).append(field)
    for (path, owner), changes in groups.items():
        incoming = INPUT.search(owner) is not None
        breaking = any(
            (change.after is None and not incoming) or (incoming and change.after is not None and change.after.required)
            for change in changes
        )
        text = "; ".join(change.told for change in changes[:6]) + (
            f"; and {len(changes) - 6} more" if len(changes) > 6 else ""
        )
        yield Row(
            cells=(
                f"type {owner}",
                "changed",
                text if incoming else "",
                "" if incoming else text,
                "",
                "breaking if clients use it" if breaking else "check",
                stated(changes),
            ),
            path=path,
            line=changes[0].line,
            source="inferred",
        )
