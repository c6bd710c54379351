"""Routes of Python: decorators of FastAPI and Flask here, Django and Flask's REST resources in their own modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from reviewer.evidence.routes import django, flask_rest
from reviewer.evidence.routes.django import VERBS, is_route
from reviewer.evidence.routes.flask_rest import OwnRouter
from reviewer.evidence.routes.route import Route, guards_of, join, short
from reviewer.evidence.sieve import Sieve
from reviewer.evidence.sql import pytree

# One of these is in a file that states routes. An expression that can begin with anything is tried at every character
# of a file: so literals are looked for as such, and the expressions begin with one or wait for it.
_LITERALS = ("urlpatterns", "APIView", "@api_view", ".register(", "login_required", "permission_classes",
             "LoginRequiredMixin", "PermissionRequiredMixin", "_resource(", "Resource)", "View)", "api.route(")  # fmt: skip
_DECORATOR = re.compile(r"@\w[\w.]*\.(?:get|post|put|patch|delete|route|api_route|websocket|head|options)\(")
_VIEWS = Sieve(re.compile(r"\bViewSet|\bas_view\b"), ("ViewSet", "as_view"))
_MAKERS = frozenset({"APIRouter", "Blueprint", "FastAPI", "Flask", "Router", "APIBlueprint", "Sanic", "Namespace"})
_PLUMBING = {
    "Request",
    "Response",
    "BackgroundTasks",
    "Session",
    "AsyncSession",
    "HTTPConnection",
    "WebSocket",
    "UploadFile",
    "Depends",
    "str",
    "int",
    "float",
    "bool",
    "UUID",
    "date",
    "datetime",
}


def read(path: str, text: str) -> tuple[Route, ...]:
    """The routes of a Python file; () where it has none or cannot be parsed."""
    if not _may_route(text):
        return ()
    module = pytree.parse(text)
    if module is None:
        return ()
    nodes = list(ast.walk(module))
    routers = routers_of(nodes)
    found: list[Route] = []
    classes = _bases(nodes)
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.extend(_decorated(node, routers, classes.get(id(node), ())))
    found.extend(django.read(module, nodes))
    found.extend(flask_rest.read(nodes, routers))
    return tuple(
        _placed(route, path)
        for route in sorted(dict.fromkeys(found), key=lambda route: (route.line, route.method, route.path))
    )


def _may_route(text: str) -> bool:
    return any(word in text for word in _LITERALS) or bool(_DECORATOR.search(text) or _VIEWS.search(text))


def _placed(route: Route, path: str) -> Route:
    return replace(route, file=path)


def routers_of(nodes: list[ast.AST]) -> dict[str, OwnRouter]:
    """The routers a module makes, by name, with the prefix and the guards they are made with."""
    routers: dict[str, OwnRouter] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            kind = pytree.tail(node.value)
            if kind in _MAKERS or kind.endswith("APIRouter"):
                given = pytree.argument(node.value, "prefix") or pytree.argument(node.value, "url_prefix")
                guards = depends_in(pytree.argument(node.value, "dependencies"))
                guards += [kind] if kind not in _MAKERS and guards_of([kind]) else []
                prefix = pytree.string(given)
                if kind == "Namespace":
                    given = pytree.argument(node.value, "path") or (node.value.args[0] if node.value.args else None)
                    prefix = join(pytree.string(given))
                routers[node.targets[0].id] = OwnRouter(prefix, guards)
    return routers


def depends_in(node: ast.expr | None) -> list[str]:
    """Names inside `[Depends(x), Security(y, scopes=[...])]`."""
    if not isinstance(node, ast.List | ast.Tuple):
        return []
    return [name for item in node.elts if (name := _depends(item))]


def _depends(node: ast.expr | None) -> str:
    if isinstance(node, ast.Call) and pytree.tail(node) in {"Depends", "Security"}:
        target = node.args[0] if node.args else pytree.argument(node, "dependency")
        scopes = pytree.strings(pytree.argument(node, "scopes"))
        name = short(ast.unparse(target)) if target is not None else ""
        return f"{name}[{', '.join(scopes)}]" if scopes else name
    return ""


def _bases(nodes: list[ast.AST]) -> dict[int, tuple[str, ...]]:
    """For every method of a class, by identity, the bases of its class that say who may call it."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            guards = tuple(base for base in map(pytree.tail, node.bases) if _GUARDING_BASE.search(base))
            found.update({id(item): guards for item in node.body})
    return found


_GUARDING_BASE = re.compile(
    r"Admin|Auth|Login|Protected|Permission|Secured|Private|^BaseUser|^User(?:Controller|APIView)$"
)


def _decorated(
    node: ast.FunctionDef | ast.AsyncFunctionDef, routers: dict[str, OwnRouter], inherited: tuple[str, ...]
) -> Iterator[Route]:
    others = [short(ast.unparse(item)) for item in node.decorator_list if not is_route(item)]
    for item in node.decorator_list:
        if not is_route(item) or not isinstance(item, ast.Call) or not isinstance(item.func, ast.Attribute):
            continue
        owner = pytree.tail(item.func.value)
        router = routers.get(owner, OwnRouter())
        written = pytree.string(
            item.args[0] if item.args else pytree.argument(item, "path") or pytree.argument(item, "rule")
        )
        injected = [*router.guards, *depends_in(pytree.argument(item, "dependencies")), *_injected(node)]
        verb = item.func.attr
        methods = (
            [verb.upper()]
            if verb in VERBS
            else [name.upper() for name in pytree.strings(pytree.argument(item, "methods"))] or ["GET"]
        )
        model = pytree.argument(item, "response_model")
        returns = model if model is not None else node.returns
        for method in methods:
            yield Route(
                method,
                join(router.prefix, written),
                node.name,
                tuple(dict.fromkeys([*inherited, *guards_of([*injected, *others])])),
                _body(node) if method in {"POST", "PUT", "PATCH", "DELETE"} else "",
                short(ast.unparse(returns)) if returns is not None and not pytree.is_none(returns) else "",
                line=item.lineno,
                end_line=node.end_lineno or node.lineno,
                framework="fastapi"
                if isinstance(node, ast.AsyncFunctionDef) or model is not None or "{" in written
                else "flask",
                router=owner,
                prefix=router.prefix,
            )


def _injected(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    defaults = [*node.args.defaults, *(item for item in node.args.kw_defaults if item is not None)]
    names = [name for item in defaults if (name := _depends(item))]
    for argument in (*node.args.args, *node.args.kwonlyargs):
        note = argument.annotation
        if (
            isinstance(note, ast.Subscript)
            and pytree.tail(note.value) == "Annotated"
            and isinstance(note.slice, ast.Tuple)
        ):
            names += [name for item in note.slice.elts[1:] if (name := _depends(item))]
        elif isinstance(note, ast.Name) and re.search(
            r"(?:CurrentUser|AuthUser|Authenticated|AdminUser|Dep$)", note.id
        ):
            names.append(note.id)
    return names


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    count = len(node.args.defaults)
    plain = node.args.args[: len(node.args.args) - count] if count else node.args.args
    for argument in (*plain, *node.args.kwonlyargs, *node.args.args[len(plain) :]):
        note = argument.annotation
        if (
            isinstance(note, ast.Name)
            and note.id[:1].isupper()
            and note.id not in _PLUMBING
            and not re.search(r"Dep$|User$|Session$|Service$|Repository$", note.id)
        ):
            return note.id
    return ""
