"""Routes of FastAPI and Flask (decorators), Django (`urls.py`, views) and Django REST framework (view sets)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reviewer.evidence.routes.route import Route, guards_of, join, short
from reviewer.evidence.sieve import Sieve
from reviewer.evidence.sql import pytree

_VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "websocket"}
# One of these is in a file that states routes. An expression that can begin with anything is tried at every character
# of a file: so literals are looked for as such, and the expressions begin with one or wait for it.
_LITERALS = ("urlpatterns", "APIView", "@api_view", ".register(", "login_required", "permission_classes",
             "LoginRequiredMixin", "PermissionRequiredMixin")  # fmt: skip
_DECORATOR = re.compile(r"@\w[\w.]*\.(?:get|post|put|patch|delete|route|api_route|websocket|head|options)\(")
_VIEWS = Sieve(re.compile(r"\bViewSet|\bas_view\b"), ("ViewSet", "as_view"))
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
_VIEW_BASES = re.compile(r"(?:View|ViewSet|APIView|Mixin)$")


@dataclass
class _Router:
    prefix: str = ""
    guards: list[str] = field(default_factory=list)


def read(path: str, text: str) -> tuple[Route, ...]:
    """The routes of a Python file; () where it has none or cannot be parsed."""
    if not _may_route(text):
        return ()
    module = pytree.parse(text)
    if module is None:
        return ()
    nodes = list(ast.walk(module))
    routers = _routers(nodes)
    found: list[Route] = []
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.extend(_decorated(node, routers))
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            found.extend(_view_class(node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.extend(_view_function(node))
    found.extend(_urls(nodes))
    return tuple(
        _placed(route, path)
        for route in sorted(dict.fromkeys(found), key=lambda route: (route.line, route.method, route.path))
    )


def _may_route(text: str) -> bool:
    return any(word in text for word in _LITERALS) or bool(_DECORATOR.search(text) or _VIEWS.search(text))


def _placed(route: Route, path: str) -> Route:
    from dataclasses import replace

    return replace(route, file=path)


def _routers(nodes: list[ast.AST]) -> dict[str, _Router]:
    routers: dict[str, _Router] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            kind = pytree.tail(node.value)
            if kind in {"APIRouter", "Blueprint", "FastAPI", "Flask", "Router", "APIBlueprint", "Sanic"}:
                prefix = pytree.string(
                    pytree.argument(node.value, "prefix") or pytree.argument(node.value, "url_prefix")
                )
                routers[node.targets[0].id] = _Router(
                    prefix, _dependencies(pytree.argument(node.value, "dependencies"))
                )
    return routers


def _dependencies(node: ast.expr | None) -> list[str]:
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


def _decorated(node: ast.FunctionDef | ast.AsyncFunctionDef, routers: dict[str, _Router]) -> Iterator[Route]:
    others = [short(ast.unparse(item)) for item in node.decorator_list if not _is_route(item)]
    for item in node.decorator_list:
        if not _is_route(item) or not isinstance(item, ast.Call) or not isinstance(item.func, ast.Attribute):
            continue
        owner = pytree.tail(item.func.value)
        router = routers.get(owner, _Router())
        written = pytree.string(
            item.args[0] if item.args else pytree.argument(item, "path") or pytree.argument(item, "rule")
        )
        injected = [*router.guards, *_dependencies(pytree.argument(item, "dependencies")), *_injected(node)]
        verb = item.func.attr
        methods = (
            [verb.upper()]
            if verb in _VERBS
            else [name.upper() for name in pytree.strings(pytree.argument(item, "methods"))] or ["GET"]
        )
        model = pytree.argument(item, "response_model")
        returns = model if model is not None else node.returns
        for method in methods:
            yield Route(
                method,
                join(router.prefix, written),
                node.name,
                guards_of([*injected, *others]),
                _body(node) if method in {"POST", "PUT", "PATCH", "DELETE"} else "",
                short(ast.unparse(returns)) if returns is not None and not pytree.is_none(returns) else "",
                line=item.lineno,
                end_line=node.end_lineno or node.lineno,
                framework="fastapi"
                if isinstance(node, ast.AsyncFunctionDef) or model is not None or "{" in written
                else "flask",
            )


def _is_route(item: ast.expr) -> bool:
    if not isinstance(item, ast.Call) or not isinstance(item.func, ast.Attribute):
        return False
    if item.func.attr not in {*_VERBS, "route", "api_route"}:
        return False
    first = item.args[0] if item.args else pytree.argument(item, "path") or pytree.argument(item, "rule")
    written = pytree.string(first)
    return written.startswith("/") or (first is not None and isinstance(first, ast.Constant) and written == "")


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
                yield _route(
                    verb.upper(),
                    join(owner, written),
                    named,
                    guards if own is None else _names(own),
                    method,
                    inferred=True,
                )


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
    if first != "request" or any(_is_route(item) for item in node.decorator_list) or (not decorators and not api):
        return
    own = [re.sub(r"^permission_classes\(\[?(.*?)\]?\)$", r"\1", text) for text in decorators]
    yield _route("VIEW", node.name, node.name, guards_of(own), node)


def _urls(nodes: list[ast.AST]) -> Iterator[Route]:
    """`urlpatterns` entries and router registrations."""
    for node in nodes:
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        name, target = pytree.tail(node), node.args[1]
        if name in {"path", "re_path", "url"} and isinstance(node.func, ast.Name) and pytree.tail(target) != "include":
            view = short(ast.unparse(target))
            wrapped = re.findall(r"(\w*(?:required|auth|permission|staff)\w*)\(", view)
            handler = re.sub(r"\.as_view\(.*\)$", "", view)
            handler = re.sub(r"^(?:\w+\()+|\.as_view\(.*$|\)+$", "", handler)
            yield _route("ANY", join(pytree.string(node.args[0]).strip("^$")), handler, wrapped, node, inferred=True)
        elif (
            name == "register"
            and isinstance(node.func, ast.Attribute)
            and "router" in pytree.tail(node.func.value).lower()
        ):
            yield _route("ANY", join(pytree.string(node.args[0])), short(ast.unparse(target)), (), node, inferred=True)
