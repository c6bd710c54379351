"""What clients of the code lose: an address that is gone, and a field of a message that is gone, new or other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.evidence.examined import DetectorResult, Examined, ExaminedFile
from reviewer.evidence.place import place
from reviewer.evidence.routes.fields import INPUT, FieldChange
from reviewer.evidence.routes.read import RouteChange
from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.signal import Signal, Tier

MOST_IN_FILE = 10
_INNER = re.compile(r"(?:^|/)(?:config|configs|conf|settings|internal/config|cmd|scripts?|tools?)/|(?:^|/)config\.\w+$")


def detect(examined: Examined) -> DetectorResult:
    """One signal for each route that is gone or renamed, and one for each type whose fields break a client."""
    return DetectorResult(signals=(*_routes(examined), *_fields(examined)))


def _routes(examined: Examined) -> Iterator[Signal]:
    told: dict[str, int] = {}
    for change in examined.route_changes.changes:
        before = change.before
        if before is None or not _gone(change) or _inherited(change, examined):
            continue
        file = _file(examined, before.file)
        if file is None:
            continue
        told[file.path] = told.get(file.path, 0) + 1
        if told[file.path] > MOST_IN_FILE:
            continue
        after = change.after
        became = f"is `{after.name}` now" if after is not None else "is gone"
        line, side = (before.line, Side.LEFT) if after is None else (after.line, Side.RIGHT)
        yield _signal(
            file, line, side,
            rule="route-removed-or-renamed",
            title=f"`{before.name}` {became}",
            message=f"Clients that call `{before.name}` get an error after the deploy: it {became}.",
            fix=f"Keep `{before.name}` for a while, with a deprecation header or a redirect.",
            refuted_by=("it is served below another prefix or by a generated interface", "a redirect is added", "nobody calls it any more"),
            reference="OWASP API9",
            symbol=before.handler,
        )  # fmt: skip


def _gone(change: RouteChange) -> bool:
    before, after = change
    if before is None or before.method == "VIEW" or before.handler.startswith(("security matcher", "include ")):
        return False
    return after is None or before.key != after.key


def _inherited(change: RouteChange, examined: Examined) -> bool:
    """A Java method that overrides an interface's takes its address from there: it has moved, not gone."""
    before = change.before
    file = _file(examined, before.file) if before is not None else None
    if before is None or file is None or file.head is None or file.language != "java":
        return False
    kept = rf"@Override[^;{{}}]{{0,400}}\b{re.escape(before.handler)}\s*\("
    return bool(before.handler) and re.search(kept, file.head.text) is not None


def _fields(examined: Examined) -> Iterator[Signal]:
    groups: dict[tuple[str, str], list[FieldChange]] = {}
    for change in examined.field_changes:
        if _breaks(change) and not _INNER.search(change.path):
            groups.setdefault((change.path, change.owner), []).append(change)
    for (path, owner), changes in groups.items():
        file = _file(examined, path)
        if file is None:
            continue
        first = changes[0]
        words = "; ".join(change.told for change in changes[:5]) + ("; …" if len(changes) > 5 else "")
        yield _signal(
            file, first.line, Side.RIGHT if first.after is not None else Side.LEFT,
            rule="contract-field-changed-in-code",
            title=f"The fields of `{owner}` change for its clients",
            message=f"Whoever reads or sends `{owner}` as it was meets another shape: {words}.",
            fix="Keep the old field beside the new one and accept both; give a new input field a default.",
            refuted_by=("an alias keeps the old name", "the type never leaves the service"),
            reference="OWASP API3",
            symbol=owner,
        )  # fmt: skip


def _breaks(change: FieldChange) -> bool:
    """A field is gone or of another type, or a client must now send what it did not send."""
    if change.after is None:
        return True
    required = change.after.required and INPUT.search(change.owner) is not None
    if change.before is None:
        return required
    return change.before.type != change.after.type or (required and not change.before.required)


def _file(examined: Examined, path: str) -> ExaminedFile | None:
    """A changed file by its path at head or at base."""
    return examined.file(path) or next((file for file in examined.files if file.change.old_path == path), None)


def _signal(
    file: ExaminedFile, line: int, side: Side, *, rule: str, title: str, message: str, fix: str,
    refuted_by: tuple[str, ...], reference: str, symbol: str,
) -> Signal:  # fmt: skip
    where = place(file, line, line, side)
    return Signal(
        id="",
        rule=rule,
        hazard=rule,
        tier=Tier.EVIDENCE,
        category=Category.API_DESIGN,
        severity=Severity.MEDIUM,
        confidence=Confidence.LOW,
        path=file.path,
        side=where.side,
        start_line=where.start,
        end_line=where.end,
        quote=where.quote,
        title=title,
        message=message,
        fix=fix,
        refuted_by=refuted_by,
        references=(reference,),
        symbol=symbol,
        lines_in_diff=where.in_diff,
    )
