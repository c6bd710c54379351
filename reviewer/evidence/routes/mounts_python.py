"""Mounts of Python: FastAPI's `include_router`, Flask's blueprints and namespaces, Django's `include`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from reviewer.evidence.examined import Text
from reviewer.evidence.routes.django import inline_prefixes
from reviewer.evidence.routes.mounts import Modules, Mount
from reviewer.evidence.routes.python import depends_in, routers_of
from reviewer.evidence.routes.route import join
from reviewer.evidence.sql import pytree

_PROBE = re.compile(r"\b(?:include_router|register|register_blueprint|add_namespace|include)\(|\bApi\(")


def read(path: str, text: Text, modules: Modules) -> list[Mount]:
    """The mounts one Python file states."""
    if _PROBE.search(text.text) is None:
        return []
    module = pytree.parse(text.text)
    if module is None:
        return []
    nodes = list(ast.walk(module))
    return list(_Reader(path, nodes, modules).mounts())


class _Reader:
    def __init__(self, path: str, nodes: list[ast.AST], modules: Modules) -> None:
        self._path = path
        self._nodes = nodes
        self._modules = modules
        self._routers = routers_of(nodes)
        self._names = {name: (file, original) for name, file, original in self._imports()}
        self._loops = {
            node.target.id for node in nodes if isinstance(node, ast.For) and isinstance(node.target, ast.Name)
        }
        self._inline = inline_prefixes(nodes)
        self._constants = {
            node.targets[0].id: str(node.value.value)
            for node in nodes
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }

    def _imports(self) -> Iterator[tuple[str, str, str]]:
        """Local name, file, and the name there ("" where the local name is the module)."""
        for node in self._nodes:
            if isinstance(node, ast.Import):
                for item in node.names:
                    file = self._modules.python(item.name, self._path)
                    if file:
                        yield item.asname or item.name, file, ""
            elif isinstance(node, ast.ImportFrom):
                for item in node.names:
                    inner = f"{node.module}.{item.name}" if node.module else item.name
                    inside = self._modules.python(inner, self._path, node.level)
                    file = inside or self._modules.python(node.module or "", self._path, node.level)
                    if file:
                        yield item.asname or item.name, file, "" if inside else item.name

    def mounts(self) -> Iterator[Mount]:
        for node in self._nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                yield from self._called(node, node.func)
            elif isinstance(node, ast.Call) and len(node.args) > 1 and pytree.tail(node) in {"path", "re_path", "url"}:
                yield from self._included(node)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                yield from self._api(node, node.value)

    def _called(self, call: ast.Call, function: ast.Attribute) -> Iterator[Mount]:
        owner = pytree.tail(function.value)
        own = self._routers.get(owner)
        if function.attr == "include_router":
            prefix = self._text(pytree.argument(call, "prefix"))
            guards = depends_in(pytree.argument(call, "dependencies"))
            before, above = (own.prefix, own.guards) if own else ("", [])
            yield from self._mount(call.args[0], owner, join(before, prefix), (*above, *guards))
        elif function.attr == "mount" and len(call.args) + len(call.keywords) > 1:
            child = call.args[1] if len(call.args) > 1 else pytree.argument(call, "app")
            if child is not None:
                yield from self._mount(child, owner, self._text(call.args[0]), ())
        elif function.attr == "register_blueprint":
            given = pytree.argument(call, "url_prefix")
            yield from self._mount(call.args[0], owner, self._text(given), (), replaces=given is not None)
        elif function.attr == "register" and len(call.args) > 1 and "router" in owner.lower():
            yield from self._view_set(call, owner)
        elif function.attr == "add_namespace":
            given = call.args[1] if len(call.args) > 1 else pytree.argument(call, "path")
            yield from self._mount(call.args[0], owner, self._text(given), (), replaces=given is not None)

    def _view_set(self, call: ast.Call, owner: str) -> Iterator[Mount]:
        """`router.register("orders", views.OrderViewSet)`: the actions of the view set stand below it."""
        name = pytree.tail(call.args[1])
        prefix = pytree.string(call.args[0]).strip("^$")
        file, _ = self._named(call.args[1])
        for place in dict.fromkeys(part for part in (file, "*") if part):
            yield Mount(place, f"view:{name}", self._path, owner, prefix, (), replaces=True)

    def _mount(
        self, child: ast.expr, owner: str, prefix: str, guards: tuple[str, ...], *, replaces: bool = False
    ) -> Iterator[Mount]:
        file, router = self._named(child)
        if isinstance(child, ast.Call):  # `construct_blueprint(store)`: the one its file makes and hands back
            file, router = self._named(child.func)[0], ""
        if (file and file != self._path) or router:
            yield Mount(file, router, self._path, owner, prefix, guards, replaces)
        elif isinstance(child, ast.Name) and child.id in self._loops:
            yield Mount("*", "", self._path, owner, prefix, guards)

    def _named(self, child: ast.expr) -> tuple[str, str]:
        """The file and the router an expression stands for: `router`, `items.router`, `app.api.items.router`."""
        written = ast.unparse(child)
        head, _, last = written.rpartition(".")
        if not head:
            if last in self._names:
                return self._names[last]
            return (self._path, last) if last in self._routers else ("", "")
        if head in self._names:
            file, original = self._names[head]
            return (file, last) if not original else ("", "")
        return "", ""

    def _text(self, node: ast.expr | None) -> str:
        """A string, or an f-string with the constants of this file put in and other names kept in braces."""
        if isinstance(node, ast.JoinedStr):
            return "".join(self._part(part) for part in node.values)
        if isinstance(node, ast.Name):
            return self._constants.get(node.id, f"{{{node.id}}}")
        if isinstance(node, ast.Attribute):
            return f"{{{node.attr}}}"
        return pytree.string(node)

    def _part(self, part: ast.expr) -> str:
        if isinstance(part, ast.FormattedValue):
            name = pytree.tail(part.value)
            return self._constants.get(name, f"{{{name}}}")
        return pytree.string(part)

    def _api(self, assign: ast.Assign, call: ast.Call) -> Iterator[Mount]:
        """`api = Api(blueprint)` of Flask's REST extensions."""
        if pytree.tail(call) != "Api" or not isinstance(assign.targets[0], ast.Name) or not call.args:
            return
        owner = pytree.tail(call.args[0])
        router = self._routers.get(owner)
        own = self._text(pytree.argument(call, "prefix"))
        prefix = join(router.prefix if router else "", own)
        yield Mount(self._path, assign.targets[0].id, self._path, owner, prefix)

    def _included(self, call: ast.Call) -> Iterator[Mount]:
        """A mount below every list that is included where it is written."""
        target = call.args[1]
        if not isinstance(target, ast.Call) or pytree.tail(target) != "include" or not target.args:
            return
        prefix = join(self._inline.get(id(call), ""), pytree.string(call.args[0]).strip("^$"))
        what = (
            target.args[0].elts[0] if isinstance(target.args[0], ast.Tuple) and target.args[0].elts else target.args[0]
        )
        named = pytree.string(what)
        if named:
            file, router = self._modules.python(named, self._path), ""
        elif isinstance(what, ast.Attribute) and what.attr == "urls":
            file, router = self._path, pytree.tail(what.value)
            file, router = self._names.get(router, (file, router))
        else:
            file, router = self._names.get(pytree.tail(what), ("", ""))
        if (file and file != self._path) or router:
            yield Mount(file, router, self._path, "urlpatterns", prefix)
