"""Routes of Flask's REST extensions: resource classes of flask-restx and flask-restful."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reviewer.evidence.routes.route import Route, guards_of, join, short
from reviewer.evidence.sql import pytree

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")


@dataclass
class OwnRouter:
    """A router as its own module makes it."""

    prefix: str = ""
    guards: list[str] = field(default_factory=list)


def read(nodes: list[ast.AST], routers: Mapping[str, OwnRouter]) -> Iterator[Route]:
    """`@namespace.route("/x")` on a class, and `api.add_resource(Class, "/x")`."""
    classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}
    for node in classes.values():
        for item in node.decorator_list:
            if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr == "route":
                owner = pytree.tail(item.func.value)
                for written in map(pytree.string, item.args):
                    yield from _verbs(node, written, owner, routers.get(owner, OwnRouter()))
    yield from _resources(nodes, classes, routers)


def _resources(
    nodes: list[ast.AST], classes: Mapping[str, ast.ClassDef], routers: Mapping[str, OwnRouter]
) -> Iterator[Route]:
    for call in nodes:
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or len(call.args) < 2:
            continue
        if call.func.attr == "route" and _is_class(call.args[0]):  # flask-rest-jsonapi: class, name, addresses
            yield from (
                _unseen(call, written) for written in map(pytree.string, call.args[2:]) if written.startswith("/")
            )
        if re.fullmatch(r"add_(?:\w+_)?resource", call.func.attr):  # `add_org_resource` of a project
            owner = pytree.tail(call.func.value)
            found = classes.get(pytree.tail(call.args[0]))
            for written in map(pytree.string, call.args[1:]):
                if found is not None and written:
                    yield from _verbs(found, written, owner, routers.get(owner, OwnRouter()))
                elif written:
                    yield _unseen(call, written)


def _is_class(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and pytree.tail(node)[:1].isupper()


def _unseen(call: ast.Call, written: str) -> Route:
    """A resource of another file: which verbs it answers is not seen here."""
    owner = pytree.tail(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return Route(
        "ANY", join(written), pytree.tail(call.args[0]), line=call.lineno,
        end_line=call.end_lineno or call.lineno, framework="flask", source="inferred", router=owner,
    )  # fmt: skip


def _verbs(node: ast.ClassDef, written: str, owner: str, router: OwnRouter) -> Iterator[Route]:
    shared = [base for base in map(pytree.tail, node.bases) if guards_of([base])]
    for item in node.body:
        if isinstance(item, ast.Assign) and pytree.tail(item.targets[0]) in {"method_decorators", "decorators"}:
            parts = item.value.elts if isinstance(item.value, ast.List | ast.Tuple) else []
            shared += guards_of([short(ast.unparse(part)) for part in parts])
    for item in node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name in _VERBS:
            own = guards_of([short(ast.unparse(part)) for part in item.decorator_list])
            yield Route(
                item.name.upper(), join(router.prefix, written), f"{node.name}.{item.name}",
                tuple(dict.fromkeys([*shared, *own])), line=item.lineno, end_line=item.end_lineno or item.lineno,
                framework="flask", router=owner, prefix=router.prefix,
            )  # fmt: skip
