"""The routes of a changed file and how base and head differ, whatever framework states them."""

from __future__ import annotations

import re
from typing import NamedTuple

from reviewer.evidence.examined import Examined, ExaminedFile, Text
from reviewer.evidence.routes import go, java, javascript, python, ruby
from reviewer.evidence.routes.route import Route

_TEST = re.compile(
    r"(?:^|/)(?:tests?|spec|specs|__tests__|testdata|e2e|fixtures|mocks?)/|_test\.|\.(?:test|spec)\.|(?:^|/)test_|Test\.java$",
    re.IGNORECASE,
)


def is_test(path: str) -> bool:
    """Whether a path is test code, which no client calls."""
    return _TEST.search(path) is not None


class RouteChange(NamedTuple):
    """A route before and after; one of them is None where it is new or gone."""

    before: Route | None
    after: Route | None

    @property
    def either(self) -> Route:
        route = self.after or self.before
        assert route is not None
        return route


def routes_of(path: str, text: Text | None) -> tuple[Route, ...]:
    """The routes one version of a file states."""
    if text is None or is_test(path):
        return ()
    if text.language == "python":
        return python.read(path, text.text)
    reader = _READERS.get(text.language)
    return reader(path, text.text, text.root) if reader is not None and _MAYBE.search(text.text) else ()


_MAYBE = re.compile(
    r"[Rr]out|Mapping|Controller|\.(?:use|get|post|put|patch|delete|GET|POST|PUT|PATCH|DELETE|Handle|HandleFunc|Get|Post)\(|Matchers"
)
_READERS = {
    "typescript": javascript.read,
    "javascript": javascript.read,
    "tsx": javascript.read,
    "java": java.read,
    "go": go.read,
    "ruby": ruby.read,
}


class Routes(NamedTuple):
    """All routes of the changed files. `changes` are those that differ, `files` how many files state any."""

    changes: tuple[RouteChange, ...]
    head: tuple[Route, ...]
    base: tuple[Route, ...]
    files: int


def route_changes(examined: Examined) -> Routes:
    """How the routes of the changed files differ. A route that only moved to another changed file is not gone."""
    base: list[Route] = []
    head: list[Route] = []
    files = 0
    for file in examined.files:
        if file.skipped or not file.language:
            continue
        before, after = _both(file)
        files += bool(before or after)
        base.extend(before)
        head.extend(after)
    return Routes(_paired(base, head), tuple(head), tuple(base), files)


def _both(file: ExaminedFile) -> tuple[tuple[Route, ...], tuple[Route, ...]]:
    if any(text is not None and not text.complete for text in (file.base, file.head)):
        return (), ()
    return routes_of(file.change.old_path or file.path, file.base), routes_of(file.path, file.head)


def _paired(base: list[Route], head: list[Route]) -> tuple[RouteChange, ...]:
    """Same file and key first, then same key anywhere in the change, then same handler under a new path."""
    pool = _Pool(base)
    changes: list[RouteChange] = []
    waiting: list[Route] = []
    for after in head:
        before = pool.take(_in_file(after))
        if before is None:
            waiting.append(after)
        elif _differs(before, after):
            changes.append(RouteChange(before, after))
    for after in waiting:
        before = pool.take(after.key) or pool.take(_by_handler(after))
        if before is None or _differs(before, after):
            changes.append(RouteChange(before, after))
    changes.extend(RouteChange(route, None) for route in pool.rest())
    return tuple(sorted(changes, key=_order))


def _in_file(route: Route) -> tuple[str, ...]:
    return ("file", route.file, *route.key)


def _by_handler(route: Route) -> tuple[str, ...]:
    named = route.handler not in {"", "(inline)"} and route.method != "VIEW"
    return ("handler", route.file, route.handler, route.method) if named else ()


def _order(change: RouteChange) -> tuple[str, int, str, str]:
    route = change.either
    return route.file, route.line, route.method, route.path


class _Pool:
    """Routes that have found no partner yet, by everything they can be known by."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes: dict[int, Route] = dict(enumerate(routes))
        self._index: dict[tuple[str, ...], list[int]] = {}
        for number, route in enumerate(routes):
            for name in (_in_file(route), route.key, _by_handler(route)):
                if name:
                    self._index.setdefault(name, []).append(number)

    def take(self, name: tuple[str, ...]) -> Route | None:
        """One route of that name, which is then gone."""
        for number in self._index.get(name, ()):
            if number in self._routes:
                return self._routes.pop(number)
        return None

    def rest(self) -> list[Route]:
        """What nobody took."""
        return list(self._routes.values())


def _differs(before: Route, after: Route) -> bool:
    return (before.key, before.guards, before.request, before.response) != (
        after.key,
        after.guards,
        after.request,
        after.response,
    )
