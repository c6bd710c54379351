"""Code against its own specification: routes that changed in code while the document that describes them did not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewer.evidence.contracts.kinds import kind_of
from reviewer.evidence.contracts.openapi import parse
from reviewer.evidence.examined import Examined
from reviewer.evidence.routes.fields import FieldChange
from reviewer.evidence.routes.read import RouteChange
from reviewer.evidence.routes.route import Route

_SPEC_NAME = re.compile(r"(?:^|/)(?:openapi|swagger)[\w.-]*\.(?:ya?ml|json)$", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|testdata|tests?|fixtures|dist|build)/", re.IGNORECASE
)
MOST_SPECS = 3


@dataclass(frozen=True)
class Specs:
    """The operations of the repository's specs at head, by method and suffix-comparable path."""

    operations: frozenset[tuple[str, str]]
    names: tuple[str, ...]

    @property
    def told(self) -> str:
        """For the `inspected` line."""
        return f"compared with {', '.join(self.names)}" if self.names else "no specification to compare with"

    def missing(self, change: RouteChange) -> str:
        """`spec not updated` where code and spec now say different things; "" where they agree or there is no spec."""
        if not self.names:
            return ""
        before, after = change
        if after is not None and not self._has(after):
            renamed = before is not None and before.key != after.key
            return f"spec not updated: {self.names[0]} lacks {after.name}" if before is None or renamed else ""
        if after is None and before is not None and self._has(before):
            return f"spec not updated: {self.names[0]} still has {before.name}"
        return ""

    def _has(self, route: Route) -> bool:
        """Whether some spec has the operation; a prefix may be added outside the file that states the route."""
        method, path = route.key
        return any(
            (method in {"ANY", theirs} or theirs == "ANY")
            and (known == path or known.endswith(path) or path.endswith(known))
            for theirs, known in self.operations
            if path != "/"
        ) or ((method, path) in self.operations)


def specs(examined: Examined) -> Specs:
    """The specs of the head tree, read only where routes changed."""
    if not examined.route_changes.changes:
        return Specs(frozenset(), ())
    texts: dict[str, str] = {}
    for contract in examined.contract_changes:
        if contract.kind == "openapi" and contract.file.head is not None:
            texts[contract.file.path] = contract.file.head.text
    listed = [
        path
        for path in examined.facts.paths
        if _SPEC_NAME.search(path) and not _ELSEWHERE.search(path) and path not in texts
    ]
    listed.sort(key=lambda path: (path.count("/"), path))
    if not texts and listed:
        contents = examined.head.read_many(listed[:MOST_SPECS])
        texts = {path: data.decode("utf-8", "replace") for path, data in sorted(contents.items())}
    operations: set[tuple[str, str]] = set()
    names = []
    for path, text in texts.items():
        spec = parse(text) if kind_of(path, text) == "openapi" else None
        if spec is not None:
            names.append(path)
            operations |= {
                Route(operation.method.upper(), operation.path).key for operation in spec.operations.values()
            }
    return Specs(frozenset(operations), tuple(names))


def stated(changes: list[FieldChange]) -> str:
    """Whether the lines given are of the base file."""
    return "line is of the base file" if all(change.after is None for change in changes) else ""
