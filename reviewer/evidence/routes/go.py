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
    for body in [*root.find_all(kind="function_declaration"), *root.find_all(kind="method_declaration")]:
        found.extend(_function(body))
    return tuple(
        replace(route, file=path) for route in sorted(found, key=lambda route: (route.line, route.method, route.path))
    )


def _function(body: SgNode) -> Iterator[Route]:
    scopes: list[_Scope] = []
    used: list[_Used] = []
    last = body.range().end.index
    calls = sorted(
        body.find_all(kind="call_expression"), key=lambda node: (node.range().start.index, -node.range().end.index)
    )
    for node in calls:
        call = _call(node)
        if call is None:
            continue
        owner, method, items = call
        at = node.range().start.index
        if method == "Use" and items:
            start = _scope_of(scopes, used, owner, at).start
            used.extend(_Used(at, owner, short(item.text()), start) for item in items)
        elif method in {"Group", "Route"} and items and items[0].kind().endswith("string_literal"):
            outer = _scope_of(scopes, used, owner, at)
            middlewares = [short(item.text()) for item in items[1:] if item.kind() != "func_literal"]
            inner = next((item for item in items if item.kind() == "func_literal"), None)
            prefix, guards = join(outer.prefix, _string(items[0])), (*outer.guards, *middlewares)
            if inner is not None:
                scopes.append(
                    _Scope(_parameter(inner), prefix, guards, inner.range().start.index, inner.range().end.index)
                )
            else:
                scopes.append(_Scope(_assigned(node), prefix, guards, node.range().end.index, last))
        elif method == "Group" and items and items[-1].kind() == "func_literal":
            outer = _scope_of(scopes, used, owner, at)
            scopes.append(
                _Scope(
                    _parameter(items[-1]),
                    outer.prefix,
                    outer.guards,
                    items[-1].range().start.index,
                    items[-1].range().end.index,
                )
            )
        else:
            yield from _route(node, owner, method, items, _scope_of(scopes, used, owner, at))


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
    return scope._replace(guards=(*scope.guards, *middle, *(short(part) for part in extra)))


def _route(node: SgNode, owner: str, method: str, items: list[SgNode], scope: _Scope) -> Iterator[Route]:
    if not items or not re.fullmatch(r"[\w.]+(?:\.With\(.*\))?", owner, re.DOTALL):
        return
    start, end = node.range().start.line + 1, node.range().end.line + 1
    if method in _VERBS and items[0].kind().endswith("string_literal") and len(items) >= 2:
        written = _string(items[0])
        if written and not written.startswith("/"):
            return
        verb = "ANY" if method in {"Any", "All"} else method.upper()
        echo = "echo" in owner or (method.isupper() and re.fullmatch(r"e|\w*[Ee]cho", owner) is not None)
        handler, middle = (items[1], items[2:]) if echo else (items[-1], items[1:-1])
        guards = tuple(dict.fromkeys([*scope.guards, *(short(item.text()) for item in middle)]))
        yield Route(
            verb, join(scope.prefix, written), _handler(handler), guards, line=start, end_line=end, framework="go"
        )
    elif method in {"HandleFunc", "Handle"} and items[0].kind().endswith("string_literal") and len(items) == 2:
        verb, _, rest = _string(items[0]).rpartition(" ")
        chained = node.parent()
        outer = chained.parent() if chained is not None and chained.kind() == "selector_expression" else None
        named = re.match(r".*\.Methods\(([^)]*)\)", outer.text(), re.DOTALL) if outer is not None else None
        verbs = (
            [verb]
            if verb
            else [part.rpartition("Method")[2].upper() for part in re.findall(r"[\w.]+", named[1])]
            if named
            else ["ANY"]
        )
        wrapped = re.findall(r"([\w.]+)\(", items[1].text()) if items[1].kind() == "call_expression" else []
        for word in verbs:
            yield Route(
                word,
                join(scope.prefix, rest),
                _handler(items[1]),
                tuple(dict.fromkeys([*scope.guards, *guards_of(wrapped)])),
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


def _handler(node: SgNode) -> str:
    text = node.text()
    return text if re.fullmatch(r"[\w.]+", text) else "(inline)" if text.startswith("func") else short(text)


def _string(node: SgNode) -> str:
    return node.text()[1:-1]
