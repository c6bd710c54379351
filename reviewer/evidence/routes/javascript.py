"""Routes of Express, Fastify, Koa and Hono: calls on a router, with the middleware before and around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from reviewer.evidence.routes.nest import read_controllers
from reviewer.evidence.routes.route import Route, guards_of, join, short

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "del", "options", "head", "all"})
_PROBE = re.compile(
    r"\.(?:get|post|put|patch|delete|all|route|use)\(\s*['\"`{]|@Controller\(|\.route\(|['\"](?:[Gg][Ee][Tt]|[Pp][Oo][Ss][Tt]|[Pp][Uu][Tt]|[Dd][Ee][Ll][Ee][Tt][Ee]) /"
)
_ROUTER = re.compile(r"(?:^|\.)(?:app|router|server|api|fastify|instance|routes?|r|\w*[Rr]outer|\w*[Rr]outes?|\w*App)$")

_HOOKS = frozenset({"preHandler", "onRequest", "preValidation"})


def read(path: str, text: str, root: SgNode | None) -> tuple[Route, ...]:
    """The routes of a JavaScript or TypeScript file; () where it has none."""
    if root is None or _PROBE.search(text) is None:
        return ()
    found = [*_calls(root, text), *(read_controllers(root) if "@Controller(" in text else ()), *_listed(text)]
    return tuple(
        replace(route, file=path) for route in sorted(found, key=lambda route: (route.line, route.method, route.path))
    )


_LISTED = re.compile(
    r"^[ \t]*['\"](?P<verb>get|post|put|patch|delete|all)\s+(?P<path>/[^'\"\s]*)['\"]\s*:\s*(?P<what>\{[^{}]*\}|[^\n]*)",
    re.MULTILINE | re.IGNORECASE,
)


def _listed(text: str) -> Iterator[Route]:
    """A table of routes: `'get /orders': { authenticated: true, controller: orders.list }`."""
    for match in _LISTED.finditer(text):
        handler = re.search(r"\b(?:controller|handler|action)\s*:\s*([\w.]+)", match["what"])
        said = re.findall(r"\b(\w+)\s*:\s*(?:true|['\"\[][^,\n}]*)", match["what"])
        yield Route(
            {"all": "ANY"}.get(match["verb"].lower(), match["verb"].upper()),
            join(match["path"]),
            handler[1] if handler else match["what"].strip("'\", \n"),
            guards_of(said),
            line=text.count("\n", 0, match.start("verb")) + 1,
            end_line=text.count("\n", 0, match.end()) + 1,
            framework="express",
            source="inferred",
        )


class _Call(NamedTuple):
    """`owner.method(items)`."""

    node: SgNode
    owner: SgNode
    method: str
    items: tuple[SgNode, ...]

    @property
    def line(self) -> int:
        """0-based."""
        return self.node.range().start.line


class _Known(NamedTuple):
    """What `use`, `addHook` and mounts of one file say: (line, router, guard), and prefix with guards by router."""

    shared: list[tuple[int, str, str]]
    mounts: dict[str, tuple[str, list[str]]]
    owners: dict[str, str]  # a router mounted in this file -> what it is mounted on
    fastify: bool

    def guards(self, owner: str, line: int) -> list[str]:
        """The guards that run before what `owner` registers at `line`."""
        return [guard for at, who, guard in self.shared if who == owner and at < line]


def _calls(root: SgNode, text: str) -> Iterator[Route]:
    known = _Known([], {}, {}, "fastify" in text.lower())
    calls = [call for node in root.find_all(kind="call_expression") if (call := _call(node)) is not None]
    for call in calls:
        if call.method == "use" and call.items and _ROUTER.search(call.owner.text()):
            _use(call, known)
        elif call.method == "addHook" and len(call.items) == 2 and _string(call.items[0]) in _HOOKS:
            known.shared.append((call.line, call.owner.text(), short(call.items[1].text())))
    for call in calls:
        yield from _route(call, known)


def _call(node: SgNode) -> _Call | None:
    function, arguments = node.field("function"), node.field("arguments")
    if function is None or arguments is None or function.kind() != "member_expression":
        return None
    owner, method = function.field("object"), function.field("property")
    if owner is None or method is None:
        return None
    items = tuple(item for item in arguments.children() if item.is_named() and item.kind() != "comment")
    return _Call(node, owner, method.text(), items)


def _use(call: _Call, known: _Known) -> None:
    owner, items = call.owner.text(), call.items
    prefix = _string(items[0]) if items[0].kind() in {"string", "template_string"} else ""
    rest = items[1:] if prefix else items
    guards = [short(item.text()) for item in rest]
    last = rest[-1].text() if rest else ""
    if prefix and re.fullmatch(r"\w+", last) and _ROUTER.search(last):
        known.mounts[last] = (prefix, [*known.guards(owner, call.line), *guards[:-1]])
        known.owners[last] = owner
    elif not prefix:
        known.shared.extend((call.line, owner, guard) for guard in guards_of(guards))


def _route(call: _Call, known: _Known) -> Iterator[Route]:
    start, end = call.line, call.node.range().end.line
    name, items = call.owner.text(), call.items
    if call.method in _VERBS and call.owner.kind() == "call_expression":
        chained = re.match(r"([\w.]+)\s*\.route\(\s*['\"`]([^'\"`]*)['\"`]\s*\)", name)
        if chained is None:
            return
        name, written, handlers = chained[1], chained[2], items
        function = call.node.field("function")
        method = function.field("property") if function is not None else None
        start = method.range().start.line if method is not None else start
    elif call.method in _VERBS and items and items[0].kind() in {"string", "template_string"} and _ROUTER.search(name):
        written, handlers = _string(items[0]), items[1:]
        if not handlers or not (written.startswith(("/", "*")) or written == ""):
            return
    else:
        if call.method == "route" and known.fastify and items and items[0].kind() == "object":
            yield from _fastify_object(items[0], known.guards(name, start), start, end)
        return
    prefix, inherited = known.mounts.get(name, ("", []))
    outer = known.owners.get(name, name)
    guards = [*inherited, *known.guards(name, start)]
    for item in handlers[:-1]:
        guards += _option_guards(item.text()) if item.kind() == "object" else _middleware(item)
    verb = {"all": "ANY", "del": "DELETE"}.get(call.method, call.method.upper())
    yield Route(
        verb,
        join(prefix, written),
        _handler(handlers[-1].text()) if handlers else "",
        tuple(dict.fromkeys(guards)),
        line=start + 1,
        end_line=end + 1,
        framework="fastify" if known.fastify else "express",
        router=outer,
    )


def _middleware(item: SgNode) -> list[str]:
    if item.kind() == "array":
        return [short(part.text()) for part in item.children() if part.is_named()]
    return [short(item.text())]


def _option_guards(text: str) -> list[str]:
    match = re.search(r"(?:preHandler|onRequest|preValidation)\s*:\s*(\[[^\]]*\]|[\w.()'\", ]+)", text)
    return [short(part) for part in re.findall(r"[\w.]+(?:\([^)]*\))?", match[1])] if match else []


def _fastify_object(item: SgNode, inherited: list[str], start: int, end: int) -> Iterator[Route]:
    text = item.text()
    url = re.search(r"\b(?:url|path)\s*:\s*['\"`]([^'\"`]+)", text)
    methods = re.search(r"\bmethod\s*:\s*(\[[^\]]*\]|['\"`]\w+)", text)
    if url is None or methods is None:
        return
    for verb in re.findall(r"[A-Za-z]+", methods[1]):
        guards = [*inherited, *_option_guards(text)]
        yield Route(
            verb.upper(),
            join(url[1]),
            "",
            tuple(dict.fromkeys(guards)),
            line=start + 1,
            end_line=end + 1,
            framework="fastify",
        )


def _handler(text: str) -> str:
    return text if re.fullmatch(r"[\w.]+(?:\.bind\([^)]*\))?", text) else "(inline)"


def _string(node: SgNode) -> str:
    return re.sub(r"\$\{([^}]*)\}", r"{\1}", node.text()[1:-1])
