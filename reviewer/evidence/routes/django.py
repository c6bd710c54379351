"""Routes of Django (`urls.py`, views) and Django REST framework (view sets, routers)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from reviewer.evidence.routes.route import Route, guards_of, join, short
from reviewer.evidence.sql import pytree

_VIEW_BASES = re.compile(r"(?:View|ViewSet|APIView|Mixin)$")


def read(module: ast.Module, nodes: list[ast.AST]) -> Iterator[Route]:
    """The views of a module and the lines of its `urlpatterns`."""
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            yield from _view_class(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _view_function(node)
    yield from _urls(nodes)


def is_route(item: ast.expr) -> bool:
    """A decorator of Flask or FastAPI: `@x.get("/path")`, `@x.route("")`."""
    if not isinstance(item, ast.Call) or not isinstance(item.func, ast.Attribute):
        return False
    if item.func.attr not in {*VERBS, "route", "api_route"}:
        return False
    first = item.args[0] if item.args else pytree.argument(item, "path") or pytree.argument(item, "rule")
    written = pytree.string(first)
    return written.startswith("/") or (first is not None and isinstance(first, ast.Constant) and written == "")


VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "websocket"})


def _view_class(node: ast.ClassDef) -> Iterator[Route]:
    """A Django or DRF view: its guards stand on the class, its actions below it."""
    bases = [pytree.tail(base) for base in node.bases]
    if not any(_VIEW_BASES.search(base) for base in bases):
        return
    guards = [base for base in bases if re.search(r"Required|Permission|Auth|Access", base)]
    guards += [short(ast.unparse(item)) for item in node.decorator_list]
    serializer = ""
    for item in node.body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            name = item.targets[0].id
            if name in _VIEW_GUARDS:
                guards += _names(item.value)
            elif name == "serializer_class":
                serializer = short(ast.unparse(item.value))
    if not node.name.endswith("Mixin"):
        yield _route("VIEW", node.name, node.name, guards, node, request=serializer, response=serializer)
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _actions(node.name, method, guards)


_VIEW_GUARDS = frozenset({"permission_classes", "authentication_classes", "throttle_classes", "permission_required"})


def _names(node: ast.expr) -> list[str]:
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [short(ast.unparse(part)) for part in parts]


def _actions(owner: str, method: ast.FunctionDef | ast.AsyncFunctionDef, guards: list[str]) -> Iterator[Route]:
    """Extra routes of a view set: `@action(methods=[...])`, with their own permissions or the class's."""
    for decorator in method.decorator_list:
        if isinstance(decorator, ast.Call) and pytree.tail(decorator) == "action":
            own = pytree.argument(decorator, "permission_classes")
            written = pytree.string(pytree.argument(decorator, "url_path")) or method.name
            for verb in pytree.strings(pytree.argument(decorator, "methods")) or ("get",):
                named = f"{owner}.{method.name}"
                below = "{pk}" if pytree.true(pytree.argument(decorator, "detail")) else ""
                allowed = guards if own is None else _names(own)
                route = _route(verb.upper(), join(owner, below, written), named, allowed, method, inferred=True)
                yield replace(route, router=f"view:{owner}", prefix=f"/{owner}")


def _route(
    verb: str,
    path: str,
    handler: str,
    guards: Iterable[str],
    node: ast.stmt | ast.expr,
    *,
    request: str = "",
    response: str = "",
    inferred: bool = False,
) -> Route:
    """A Django route."""
    return Route(
        verb,
        path,
        handler,
        tuple(dict.fromkeys(guards)),
        request,
        response,
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        framework="django",
        source="inferred" if inferred else "parsed",
    )


def _view_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Route]:
    """A function view of Django: it takes a request, and its decorators guard it."""
    first = node.args.args[0].arg if node.args.args else ""
    decorators = [short(ast.unparse(item)) for item in node.decorator_list]
    api = next((item for item in node.decorator_list if pytree.tail(item) == "api_view"), None)
    if first != "request" or any(is_route(item) for item in node.decorator_list) or (not decorators and not api):
        return
    own = [re.sub(r"^permission_classes\(\[?(.*?)\]?\)$", r"\1", text) for text in decorators]
    yield _route("VIEW", node.name, node.name, guards_of(own), node)


def _urls(nodes: list[ast.AST]) -> Iterator[Route]:
    """`urlpatterns` entries and router registrations."""
    inline = inline_prefixes(nodes)
    for node in nodes:
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        name, target = pytree.tail(node), node.args[1]
        if name in {"path", "re_path", "url"} and isinstance(node.func, ast.Name):
            if pytree.tail(target) == "include":
                yield from _foreign(node, target, inline.get(id(node), ""))
                continue
            view = short(ast.unparse(target))
            wrapped = re.findall(r"(\w*(?:required|auth|permission|staff)\w*)\(", view)
            handler = re.sub(r"\.as_view\(.*\)$", "", view)
            handler = re.sub(r"^(?:\w+\()+|\.as_view\(.*$|\)+$", "", handler)
            where = join(inline.get(id(node), ""), pytree.string(node.args[0]).strip("^$"))
            route = _route("ANY", where, handler, wrapped, node, inferred=True)
            yield replace(route, router="urlpatterns")
        elif (
            name == "register"
            and isinstance(node.func, ast.Attribute)
            and "router" in pytree.tail(node.func.value).lower()
        ):
            route = _route(
                "ANY", join(pytree.string(node.args[0])), short(ast.unparse(target)), (), node, inferred=True
            )
            yield replace(route, router=pytree.tail(node.func.value))


def inline_prefixes(nodes: list[ast.AST]) -> dict[int, str]:
    """For each call within `path("x/", include([...]))`, by identity, the address of the lists around it.

    `nodes` are in the order of `ast.walk`: what is outside comes first.
    """
    found: dict[int, str] = {}
    for node in nodes:
        if not isinstance(node, ast.Call) or len(node.args) < 2 or pytree.tail(node) not in {"path", "re_path", "url"}:
            continue
        target = node.args[1]
        if not isinstance(target, ast.Call) or pytree.tail(target) != "include" or not target.args:
            continue
        what = target.args[0]
        listed = what.elts[0] if isinstance(what, ast.Tuple) and what.elts else what
        if isinstance(listed, ast.List):
            own = join(found.get(id(node), ""), pytree.string(node.args[0]).strip("^$"))
            found.update({id(inner): own for inner in ast.walk(listed) if isinstance(inner, ast.Call)})
    return found


def _foreign(node: ast.Call, target: ast.expr, above: str) -> Iterator[Route]:
    """`path("x/", include("library.urls"))`: what the library serves there is one entry."""
    what = target.args[0] if isinstance(target, ast.Call) and target.args else None
    what = what.elts[0] if isinstance(what, ast.Tuple) and what.elts else what
    named = pytree.string(what)
    if named:
        where = join(above, pytree.string(node.args[0]).strip("^$"), "*")
        yield replace(_route("ANY", where, f"include {named}", (), node, inferred=True), router="urlpatterns")
