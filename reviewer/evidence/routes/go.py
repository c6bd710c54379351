"""Routes of gin, echo, fiber, chi, gorilla/mux and net/http: calls on a router, with groups and middleware."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from reviewer.evidence.routes.route import Route, guards_of, join, short

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_PROBE = re.compile(
    r"\.(?:GET|POST|PUT|PATCH|DELETE|Any|Get|Post|Put|Patch|Delete|Handle|HandleFunc|Method|Group|Route)\(\s*(?:\"|`|http\.Method|func)"
)
_WRAPPER = re.compile(r"(?:^|\.)(?:User|Admin|Member|Owner|Staff)(?![a-z])\w*$")
_VERBS = {
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "Get",
    "Post",
    "Put",
    "Patch",
    "Delete",
    "Head",
    "Options",
    "Any",
    "All",
}


class _Scope(NamedTuple):
    """What a router variable stands for in a stretch of lines."""

    name: str
    prefix: str
    guards: tuple[str, ...]
    start: int
    end: int
    echo: bool = False  # handlers stand before the middleware


class _Used(NamedTuple):
    """A `Use(guard)`: where, on which router, and the start of the scope it belongs to."""

    at: int
    owner: str
    guard: str
    scope: int


def read(path: str, text: str, root: SgNode | None) -> tuple[Route, ...]:
    """The routes of a Go file; () where it has none."""
    if root is None or _PROBE.search(text) is None:
        return ()
    found: list[Route] = []
    for body in functions(root):
        found.extend(walk(body, echo="labstack/echo" in text).routes)
    return tuple(
        replace(route, file=path) for route in sorted(found, key=lambda route: (route.line, route.method, route.path))
    )


def functions(root: SgNode) -> list[SgNode]:
    """Every function and method of a file."""
    return [*root.find_all(kind="function_declaration"), *root.find_all(kind="method_declaration")]


class Handed(NamedTuple):
    """A router that a function hands to another one: `registerUsers(v1)`, `r.Mount("/users", users.Routes())`."""

    callee: str
    function: str
    prefix: str
    guards: tuple[str, ...]


class Walked(NamedTuple):
    """What one function does with routers."""

    routes: tuple[Route, ...]
    handed: tuple[Handed, ...]


def walk(body: SgNode, *, echo: bool = False) -> Walked:
    """The routes a function states, and the routers it hands on."""
    name_node = body.field("name")
    name = name_node.text() if name_node is not None else ""
    routes: list[Route] = []
    handed: list[Handed] = []
    for found in _function(body, echo=echo):
        if isinstance(found, Handed):
            handed.append(found._replace(function=name))
        else:
            routes.append(replace(found, router=name))
    return Walked(tuple(routes), tuple(handed))


def _function(body: SgNode, *, echo: bool) -> Iterator[Route | Handed]:
    scopes = _parameters(body)
    used: list[_Used] = []
    last = body.range().end.index
    calls = sorted(
        body.find_all(kind="call_expression"), key=lambda node: (node.range().start.index, -node.range().end.index)
    )
    for node in calls:
        call = _call(node)
        if call is None:
            yield from _plain_call(node, scopes, used)
            continue
        owner, method, items = call
        at = node.range().start.index
        opened = _opened(node, call, _Seen(scopes, used, last))
        if opened is not None:
            scopes.append(opened)
        elif method == "Mount" and len(items) == 2 and items[0].kind().endswith("string_literal"):
            outer = _scope_of(scopes, used, owner, at)
            yield Handed(_callee(items[1]), "", join(outer.prefix, _string(items[0])), outer.guards)
        elif method in {"Handler", "HandlerFunc"} and len(items) == 1 and (written := _PATH.fullmatch(owner)):
            yield from _of_path(node, written[2], items[0], _scope_of(scopes, used, written[1], at))
        elif method == "Use" and items:
            start = _scope_of(scopes, used, owner, at).start
            used.extend(_Used(at, owner, short(item.text()), start) for item in items)
        else:
            yield from _route(node, owner, method, items, _scope_of(scopes, used, owner, at)._replace(echo=echo))
            yield from _hand_on(f"{owner}.{method}", items, at, scopes, used)


class _Seen(NamedTuple):
    """The routers and the middleware met so far in a function that ends at `last`."""

    scopes: list[_Scope]
    used: list[_Used]
    last: int


def _opened(node: SgNode, call: tuple[str, str, list[SgNode]], seen: _Seen) -> _Scope | None:
    """The scope a `Group`, `Route` or `PathPrefix(…).Subrouter` opens: a closure's, or that of the variable it is put in."""
    owner, method, items = call
    scopes, used, last = seen
    at, end = node.range().start.index, node.range().end.index
    if method == "Subrouter" and not items:
        written = _PATH.fullmatch(owner)
        outer = _scope_of(scopes, used, written[1], at) if written else None
        return outer and _Scope(
            _assigned(node), join(outer.prefix, written[2] if written else ""), outer.guards, end, last
        )
    if method not in {"Group", "Route"} or not items:
        return None
    inner = next((item for item in items if item.kind() == "func_literal"), None)
    literal = items[0].kind().endswith("string_literal")
    if not literal and (method == "Route" or items[-1].kind() != "func_literal"):
        return None
    outer = _scope_of(scopes, used, owner, at)
    own = [short(item.text()) for item in items[1:] if item.kind() != "func_literal"] if literal else []
    prefix = join(outer.prefix, _string(items[0])) if literal else outer.prefix
    if inner is not None:
        span = inner.range()
        return _Scope(_parameter(inner), prefix, (*outer.guards, *own), span.start.index, span.end.index)
    return _Scope(_assigned(node), prefix, (*outer.guards, *own), end, last)


_ROUTER_TYPE = re.compile(
    r"\b(\w+)\s+\*?(?:\w+\.)?(?:Router|RouterGroup|IRoutes|IRouter|Group|Echo|Engine|ServeMux|Mux|App|Routes?)\b"
)


def _parameters(body: SgNode) -> list[_Scope]:
    """A parameter that is a router has the prefix of whoever calls."""
    parameters = body.field("parameters")
    text = parameters.text() if parameters is not None else ""
    end = body.range().end.index
    return [_Scope(match[1], "", (), body.range().start.index, end) for match in _ROUTER_TYPE.finditer(text)]


def _plain_call(node: SgNode, scopes: list[_Scope], used: list[_Used]) -> Iterator[Handed]:
    function, arguments = node.field("function"), node.field("arguments")
    if function is not None and arguments is not None and function.kind() == "identifier":
        items = [item for item in arguments.children() if item.is_named()]
        yield from _hand_on(function.text(), items, node.range().start.index, scopes, used)


def _hand_on(callee: str, items: list[SgNode], at: int, scopes: list[_Scope], used: list[_Used]) -> Iterator[Handed]:
    """A known router among the arguments of a call."""
    for item in items:
        text = item.text()
        if item.kind() == "identifier" and any(
            scope.name == text and scope.start <= at <= scope.end for scope in scopes
        ):
            scope = _scope_of(scopes, used, text, at)
            yield Handed(callee, "", scope.prefix, scope.guards)
            return
        inline = re.fullmatch(r"([\w.]+)\.Group\(\s*\"([^\"]*)\"\s*(?:,.*)?\)", text, re.DOTALL)
        if inline:
            scope = _scope_of(scopes, used, inline[1], at)
            yield Handed(callee, "", join(scope.prefix, inline[2]), scope.guards)
            return


def _callee(node: SgNode) -> str:
    """What makes the router that is mounted: `users.Routes()` and `usersRouter(db)` without their arguments."""
    return re.sub(r"\{[^{}]*\}", "", node.text()).partition("(")[0].strip("&* ")


def _scope_of(scopes: list[_Scope], used: list[_Used], owner: str, at: int) -> _Scope:
    """Prefix and guards of `owner` where a call stands; `r.With(a).Get` adds `a`."""
    base = re.match(r"[\w.]+?(?=\.With\(|$)", owner)
    name = base[0] if base else owner
    extra = re.findall(r"\.With\(([^()]*(?:\([^()]*\)[^()]*)*)\)", owner)
    scope = next(
        (item for item in reversed(scopes) if item.name == name and item.start <= at <= item.end),
        _Scope(name, "", (), 0, 1 << 60),
    )
    middle = [use.guard for use in used if use.owner == name and use.scope == scope.start and use.at < at]
    return scope._replace(guards=_only_guards((*scope.guards, *middle, *(short(part) for part in extra))))


def _route(node: SgNode, owner: str, method: str, items: list[SgNode], scope: _Scope) -> Iterator[Route]:
    if not items or not re.fullmatch(r"[\w.]+(?:\.With\(.*\))?", owner, re.DOTALL):
        return
    start, end = node.range().start.line + 1, node.range().end.line + 1
    if method in _VERBS and items[0].kind().endswith("string_literal") and len(items) >= 2:
        written = _string(items[0])
        if written and not written.startswith("/"):
            return
        verb = "ANY" if method in {"Any", "All"} else method.upper()
        echo = scope.echo or "echo" in owner or (method.isupper() and re.fullmatch(r"e|\w*[Ee]cho", owner) is not None)
        handler, middle = (items[1], items[2:]) if echo else (items[-1], items[1:-1])
        guards = _only_guards((*scope.guards, *(short(item.text()) for item in middle), *_permissions(handler)))
        yield Route(
            verb, join(scope.prefix, written), _handler(handler), guards, line=start, end_line=end, framework="go"
        )
    elif method in {"HandleFunc", "Handle"} and items[0].kind().endswith("string_literal") and len(items) == 2:
        verb, _, rest = _string(items[0]).rpartition(" ")
        verbs = [verb] if verb else _methods(node)
        wrapped = re.findall(r"([\w.]+)\(", items[1].text()) if items[1].kind() == "call_expression" else []
        for word in verbs:
            yield Route(
                word,
                join(scope.prefix, rest),
                _handler(items[1]),
                _only_guards((*scope.guards, *guards_of(wrapped), *filter(_WRAPPER.search, wrapped))),
                line=start,
                end_line=end,
                framework="go",
            )
    elif method in {"Method", "MethodFunc"} and len(items) == 3 and items[1].kind().endswith("string_literal"):
        verb = items[0].text().rpartition("Method")[2].strip('"').upper()
        yield Route(
            verb,
            join(scope.prefix, _string(items[1])),
            _handler(items[2]),
            scope.guards,
            line=start,
            end_line=end,
            framework="go",
        )


_HELPER = re.compile(
    r"^(?:Set|Update|Refresh|Load|Inject|With|Log|Trace|Gzip|Compress|Recover|Timeout|Cache|Parse|Bind|No)(?=[A-Z]|\b)",
    re.IGNORECASE,
)


def _only_guards(names: tuple[str, ...]) -> tuple[str, ...]:
    """Middleware without what its own name says to be plumbing: `session.SetRepo()`, `middleware.Logger`."""
    own = ((name, name.partition("(")[0].rpartition(".")[2]) for name in names)
    return tuple(dict.fromkeys(name for name, last in own if not _HELPER.match(last) or guards_of([last])))


_PATH = re.compile(r"([\w.]+)\.(?:Path|PathPrefix)\(\s*[\"`]([^\"`]*)[\"`]\s*\)")


def _of_path(node: SgNode, written: str, handler: SgNode, scope: _Scope) -> Iterator[Route]:
    """gorilla's `r.Path("/x").Handler(csrf(h)).Methods("POST")`."""
    wrapped = re.findall(r"([\w.]+)(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?\(", handler.text())
    guards = _only_guards((*scope.guards, *guards_of(wrapped), *filter(_WRAPPER.search, wrapped)))
    start, end = node.range().start.line + 1, node.range().end.line + 1
    for word in _methods(node):
        yield Route(
            word, join(scope.prefix, written), _handler(handler), guards, line=start, end_line=end, framework="go"
        )


def _methods(node: SgNode) -> list[str]:
    """The methods a chained `.Methods(...)` allows, `ANY` without one."""
    chained = node.parent()
    outer = chained.parent() if chained is not None and chained.kind() == "selector_expression" else None
    named = re.match(r".*\.Methods\(([^)]*)\)", outer.text(), re.DOTALL) if outer is not None else None
    return [part.rpartition("Method")[2].upper() for part in re.findall(r"[\w.]+", named[1])] if named else ["ANY"]


def _call(node: SgNode) -> tuple[str, str, list[SgNode]] | None:
    function, arguments = node.field("function"), node.field("arguments")
    if function is None or arguments is None or function.kind() != "selector_expression":
        return None
    owner, method = function.field("operand"), function.field("field")
    if owner is None or method is None:
        return None
    return (
        owner.text(),
        method.text(),
        [item for item in arguments.children() if item.is_named() and item.kind() != "comment"],
    )


def _assigned(node: SgNode) -> str:
    for parent in node.ancestors():
        if parent.kind() in {"short_var_declaration", "assignment_statement", "var_spec"}:
            match = re.match(r"(?:var\s+)?([\w.]+)", parent.text())
            return match[1] if match else ""
        if parent.kind() in {"block", "expression_statement"}:
            return ""
    return ""


def _parameter(function: SgNode) -> str:
    match = re.match(r"func\s*\(\s*(\w+)", function.text())
    return match[1] if match else ""


def _permissions(handler: SgNode) -> list[str]:
    """A handler wrapped in a check that names what is needed: `perm(h.Delete, "orders:write")`."""
    match = re.match(r"([\w.]+)\((?=\s*[\w.]+[,(])", handler.text()) if handler.kind() == "call_expression" else None
    words = re.findall(r"[,(]\s*\"([^\"]{1,60})\"", handler.text()) if match else []
    return [short(f"{match[1]}({', '.join(words)})")] if match and words else []


def _handler(node: SgNode) -> str:
    text = node.text()
    return text if re.fullmatch(r"[\w.]+", text) else "(inline)" if text.startswith("func") else short(text)


def _string(node: SgNode) -> str:
    return node.text()[1:-1]
