"""The routes of a changed file and how base and head differ, whatever framework states them."""

from __future__ import annotations

import re
from typing import NamedTuple

from reviewer.evidence.examined import Examined, ExaminedFile, Text
from reviewer.evidence.reading import Reading
from reviewer.evidence.routes import (
    go,
    java,
    javascript,
    kotlin,
    mounts_go,
    mounts_javascript,
    mounts_python,
    python,
    ruby,
)
from reviewer.evidence.routes.mounts import Modules, Reader, family, mounts_of
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
    if path.endswith(_KOTLIN):
        return kotlin.read(path, text.text)
    reader = _READERS.get(text.language)
    return reader(path, text.text, text.root) if reader is not None and _MAYBE.search(text.text) else ()


_MAYBE = re.compile(
    r"[Rr]out|Mapping|Controller|@Path|\.(?:use|get|post|put|patch|delete|GET|POST|PUT|PATCH|DELETE|Handle|HandleFunc|Get|Post)\(|Matchers"
)
_KOTLIN = (".kt", ".kts")  # read by shape: no grammar of ours
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
        before, after = stated(examined, file)
        files += bool(before or after)
        base.extend(before)
        head.extend(after)
    if _paired(base, head):  # else nothing is told of them, and no other file need be read
        base, head = _mounted(examined, base, head)
    return Routes(_paired(base, head), tuple(head), tuple(base), files)


def _mounted(examined: Examined, base: list[Route], head: list[Route]) -> tuple[list[Route], list[Route]]:
    """Both sides under the prefixes and guards of the routers that serve them, in whatever file those stand."""
    families = frozenset(family(route.file) for route in (*base, *head)) & _MOUNTS.keys()
    before, after = mounts_of(examined, families, _MOUNTS)
    ours = Modules({*examined.facts.paths, *(file.path for file in examined.files)})

    def foreign(route: Route) -> bool:
        """An `include` of our own module is a mount; one of a library is all that is seen of its routes."""
        name = route.handler.removeprefix("include ")
        return name == route.handler or not ours.python(name, route.file)

    return (
        [before.placed(route) for route in base if foreign(route)],
        [after.placed(route) for route in head if foreign(route)],
    )


_MOUNTS: dict[str, Reader] = {"python": mounts_python.read, "javascript": mounts_javascript.read, "go": mounts_go.read}


class Stated(NamedTuple):
    """The routes a file states on both sides."""

    base: tuple[Route, ...] = ()
    head: tuple[Route, ...] = ()


def _stated(_examined: Examined, file: ExaminedFile) -> Stated:
    if file.skipped or not (file.language or file.path.endswith(_KOTLIN)):
        return Stated()
    if any(text is not None and not text.complete for text in (file.base, file.head)):
        return Stated()
    return Stated(routes_of(file.change.old_path or file.path, file.base), routes_of(file.path, file.head))


stated = Reading("routes", _stated)


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
        before = pool.take(after.key) or pool.take(_by_handler(after)) or pool.take(_by_place(after))
        if before is None or _differs(before, after):
            changes.append(RouteChange(before, after))
    changes.extend(RouteChange(route, None) for route in pool.rest())
    return tuple(sorted(changes, key=_order))


def _in_file(route: Route) -> tuple[str, ...]:
    return ("file", route.file, *route.key)


def _by_handler(route: Route) -> tuple[str, ...]:
    named = route.handler not in {"", "(inline)"} and route.method != "VIEW"
    return ("handler", route.file, route.handler, route.method) if named else ()


def _by_place(route: Route) -> tuple[str, ...]:
    """The same handler at the same path under another method."""
    named = route.handler not in {"", "(inline)"} and route.method not in {"VIEW", "ANY"}
    return ("place", route.file, route.handler, route.key[1]) if named else ()


def _order(change: RouteChange) -> tuple[str, int, str, str]:
    route = change.either
    return route.file, route.line, route.method, route.path


class _Pool:
    """Routes that have found no partner yet, by everything they can be known by."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes: dict[int, Route] = dict(enumerate(routes))
        self._index: dict[tuple[str, ...], list[int]] = {}
        for number, route in enumerate(routes):
            for name in (_in_file(route), route.key, _by_handler(route), _by_place(route)):
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
    if (before.method, after.method, before.framework) == ("ANY", "ANY", "django") and before.handler != after.handler:
        return True  # a line of `urls.py` is nothing but its view
    return (before.key, before.guards, before.request, before.response) != (
        after.key,
        after.guards,
        after.request,
        after.response,
    )
