"""Prefixes and guards a router gets where it is mounted, also in files the change does not touch.

The head tree is read within bounds: the files whose names say that routers are put together there. What cannot be
resolved leaves a route as its own file states it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from reviewer.evidence.examined import Examined, Text
from reviewer.evidence.parsing import Forest
from reviewer.evidence.routes.route import Route, join, without_plumbing

MOST_FILES = 300
MOST_BYTES = 4_000_000
MOST_STEPS = 8  # mounts within mounts


class Mount(NamedTuple):
    """`owner` of file `parent` serves `router` of `file` below `prefix`, behind `guards`.

    `router` is "" for all routers of the file. `file` may be `dir:PATH` or `pkg:NAME` (Go: any file of that folder)
    or `*` (any file nobody else mounts). `replaces` drops the prefix the router gave itself.
    """

    file: str
    router: str
    parent: str
    owner: str
    prefix: str = ""
    guards: tuple[str, ...] = ()
    replaces: bool = False


class Modules:
    """Which file an import names, among the paths of the head tree."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._by_name: dict[str, list[str]] = {}
        for path in self._paths:
            self._by_name.setdefault(path.rpartition("/")[2], []).append(path)

    def python(self, dotted: str, importer: str, level: int = 0) -> str:
        """The file of `dotted` as `importer` would import it, "" where there is none or more than one."""
        inner = dotted.replace(".", "/")
        if level:
            folder = importer
            for _ in range(level):
                folder = posixpath.dirname(folder)
            inner = posixpath.join(folder, inner) if inner else folder
        for tail in (f"{inner}.py", f"{inner}/__init__.py"):
            found = tail if tail in self._paths else "" if level else self._ending(tail)
            if found:
                return found
        return ""

    def javascript(self, written: str, importer: str) -> str:
        """The file a relative or aliased import names."""
        if written.startswith("."):
            inner = posixpath.normpath(posixpath.join(posixpath.dirname(importer), written))
            return next((path for path in _spellings(inner) if path in self._paths), "")
        if written.startswith(("@", "~", "#", "src/")):
            inner = written if written.startswith("src/") else written.partition("/")[2]
            return next((path for tail in _spellings(inner) if inner and (path := self._ending(tail))), "")
        return ""

    def below(self, folder: str) -> tuple[str, ...]:
        """The files under a folder, sorted."""
        return tuple(sorted(path for path in self._paths if path.startswith(folder + "/")))

    def _ending(self, tail: str) -> str:
        found = [
            path for path in self._by_name.get(tail.rpartition("/")[2], ()) if path == tail or path.endswith("/" + tail)
        ]
        return found[0] if len(found) == 1 else ""


def _spellings(inner: str) -> tuple[str, ...]:
    stem = re.sub(r"\.(?:js|mjs|cjs|jsx)$", "", inner)
    plain = [f"{stem}{ext}" for ext in (".ts", ".js", ".mjs", ".cjs", ".mts", ".tsx")]
    return (inner, *plain, *(f"{inner}/index{ext}" for ext in (".ts", ".js", ".mjs", ".cjs")))


Reader = Callable[[str, Text, Modules], list[Mount]]
_LIKELY = re.compile(
    r"(?:^|/)(?:\w+_)?(?:urls|main|app|apps|application|server|index|api|apis|routes?|routers?|routing|factory|wsgi|asgi|http|handlers?|__init__|web|views|bootstrap)[\w.-]*\.(?:py|go|[cm]?[jt]s|kt)$"
    r"|(?:^|/)(?:routes?|routers?|api|apis|controllers?|endpoints|urls)/[^.]*\.(?:py|go|[cm]?[jt]s|kt)$",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|tests?|spec|specs|__tests__|testdata|fixtures|docs|dist|build|frontend|migrations?|alembic|locales?|e2e|static)/|_test\.|\.(?:test|spec|d)\.|(?:^|/)test_",
    re.IGNORECASE,
)
_FAMILY = {".py": "python", ".go": "go", ".kt": "kotlin"} | dict.fromkeys(
    (".ts", ".js", ".mjs", ".cjs", ".mts", ".cts", ".tsx", ".jsx"), "javascript"
)


def family(path: str) -> str:
    """`python`, `javascript`, `go`, `kotlin`, or "" for files no mount is read from."""
    return _FAMILY.get(posixpath.splitext(path)[1], "")


class Mounts:
    """Every mount of one side of the change, and the routes that result."""

    def __init__(self, mounts: Iterable[Mount]) -> None:
        self._by_file: dict[str, list[Mount]] = {}
        for mount in mounts:
            self._by_file.setdefault(mount.file, []).append(mount)

    def placed(self, route: Route) -> Route:
        """The route under every prefix and behind every guard of the routers it is mounted on."""
        path, guards, prefix = route.path, route.guards, route.prefix
        file, router = route.file, route.router
        seen: set[Mount] = set()
        while len(seen) < MOST_STEPS:
            mount = self._of(file, router)
            if mount is None or mount in seen:
                break
            seen.add(mount)
            if mount.replaces and prefix and path.startswith(prefix):
                path = path[len(prefix) :]
            path, prefix = join(mount.prefix, path), ""
            guards = tuple(dict.fromkeys((*without_plumbing(mount.guards), *guards)))
            file, router = mount.parent, mount.owner
        return replace(route, path=path, guards=guards) if seen else route

    def _of(self, file: str, router: str) -> Mount | None:
        folder = posixpath.dirname(file)
        places = (file, f"dir:{folder}", f"pkg:{folder.rpartition('/')[2]}")
        for place in places:
            found = [mount for mount in self._by_file.get(place, ()) if (mount.parent, mount.owner) != (file, router)]
            named = [mount for mount in found if mount.router == router]
            if place != file and len({(mount.prefix, mount.guards) for mount in named}) > 1:
                return None  # Go: several call a function of this name, each with another router
            exact = named[0] if named else None
            whole = next((mount for mount in found if not mount.router), None)
            if exact or whole:
                return exact or whole
        anywhere = self._by_file.get("*", ())
        return next((mount for mount in anywhere if mount.router in {"", router} and _reaches(mount, file)), None)


def _reaches(mount: Mount, file: str) -> bool:
    """A mount of everything: of the same language, from another file, and where it names a router only below its folder."""
    if mount.parent == file or family(mount.parent) != family(file):
        return False
    return not mount.router or file.startswith(posixpath.dirname(mount.parent) + "/")


def mounts_of(examined: Examined, families: frozenset[str], readers: Mapping[str, Reader]) -> tuple[Mounts, Mounts]:
    """The mounts of base and of head for the families of files that state routes."""
    paths = examined.facts.paths
    changed = {file.path: file for file in examined.files if not file.skipped}
    if not families:
        return Mounts(()), Mounts(())
    wanted = _candidates(paths, families, changed.keys())
    texts = _texts(examined, wanted)
    modules = Modules({*paths, *changed})
    same = [mount for path, text in texts.items() for mount in readers[family(path)](path, text, modules)]
    base, head = list(same), list(same)
    for path, file in changed.items():
        reader = readers.get(family(path)) if family(path) in families else None
        if reader is None or _ELSEWHERE.search(path):
            continue
        old_path = file.change.old_path or path
        base += reader(old_path, file.base, modules) if file.base is not None else []
        head += reader(path, file.head, modules) if file.head is not None else []
    return Mounts(base), Mounts(head)


def _candidates(paths: Iterable[str], families: frozenset[str], changed: Iterable[str]) -> list[str]:
    mine = frozenset(changed)
    folders = {posixpath.dirname(path) for path in mine}
    found = [
        path
        for path in paths
        if path not in mine
        and family(path) in families
        and (_LIKELY.search(path) is not None or (path.endswith((".go", ".kt")) and posixpath.dirname(path) in folders))
        and _ELSEWHERE.search(path) is None
    ]
    found.sort(key=lambda path: (posixpath.dirname(path) not in folders, path.count("/"), path))
    return found[:MOST_FILES]


def _texts(examined: Examined, wanted: list[str]) -> dict[str, Text]:
    forest = Forest(room=0)
    found: dict[str, Text] = {}
    size = 0
    contents = examined.head.read_many(wanted) if wanted else {}
    for path in wanted:
        data = contents.get(path, b"")
        size += len(data)
        if size > MOST_BYTES:
            break
        if len(data) < 400_000:
            text = data.decode("utf-8", "replace")
            found[path] = Text(text, _GRAMMAR.get(family(path), ""), forest=forest)
    return found


_GRAMMAR = {"go": "go"}  # the others are read by their own parser or by their shape
