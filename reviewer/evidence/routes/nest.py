"""Routes of NestJS: decorated methods of decorated controllers, with the guards of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.evidence.routes.route import Route, join, short

if TYPE_CHECKING:
    from ast_grep_py import SgNode

PLAIN, VERSIONED = "(nest)", "(nest, own version)"  # what a global prefix and a default version are mounted on
_HTTP = {
    "Get": "GET",
    "Post": "POST",
    "Put": "PUT",
    "Patch": "PATCH",
    "Delete": "DELETE",
    "Head": "HEAD",
    "Options": "OPTIONS",
    "All": "ANY",
    "Sse": "GET",
}
_NEST_GUARDS = {
    "UseGuards",
    "Roles",
    "Public",
    "Permissions",
    "Auth",
    "RequirePermissions",
    "SkipAuth",
    "Throttle",
    "SkipThrottle",
    "CheckPolicies",
    "ApiBearerAuth",
    "Scopes",
    "AllowAnonymous",
    "Authorize",
    "HasPermission",
    "Authorized",
    "IsPublic",
}


_GUARDING = re.compile(
    r"Public|Auth|Anonymous|Permission|Roles?\b|Polic(?:y|ies)|Scopes?\b|Admin|Guest|Throttle|RateLimit"
)


def read_controllers(root: SgNode) -> Iterator[Route]:
    """The routes of every `@Controller` class under `root`."""
    for node in root.find_all(kind="class_declaration"):
        own = [*_decorators(node.parent()), *_decorators(node)]
        controller = next((item for item in own if item[0] == "Controller"), None)
        if controller is None:
            continue
        prefix = _prefix(controller[1])
        class_guards = _guards(own)
        versioned = "version" in controller[1]
        body = node.field("body")
        pending: list[tuple[str, str]] = []
        for item in body.children() if body else []:
            if item.kind() == "decorator":
                pending.append(_decorator(item))
            elif item.kind() == "method_definition":
                yield from _nest_method(item, [*pending, *_decorators(item)], prefix, class_guards, versioned=versioned)
                pending = []
            elif item.is_named() and item.kind() != "comment":
                pending = []


def _nest_method(
    node: SgNode, decorators: list[tuple[str, str]], prefix: str, class_guards: list[str], *, versioned: bool
) -> Iterator[Route]:
    guards = [*class_guards, *_guards(decorators)]
    name, parameters, returns = node.field("name"), node.field("parameters"), node.field("return_type")
    body = re.search(
        r"@Body\([^)]*\)\s*(?:@\w+\([^)]*\)\s*)*\w+\??\s*:\s*([\w<>\[\]]+)", parameters.text() if parameters else ""
    )
    response = re.sub(r"^:\s*(?:Promise|Observable)<(.*)>$", r"\1", returns.text()) if returns else ""
    for kind, arguments in decorators:
        if kind in _HTTP:
            written = re.search(r"['\"`]([^'\"`]*)['\"`]", arguments)
            start = node.range().start.line
            yield Route(
                _HTTP[kind], join(prefix, written[1] if written else ""), name.text() if name else "", tuple(dict.fromkeys(guards)),
                body[1] if body else "", short(response.lstrip(": ")), line=start + 1, end_line=node.range().end.line + 1, framework="nestjs",
                router=VERSIONED if versioned else PLAIN,
            )  # fmt: skip


def _prefix(arguments: str) -> str:
    """`'orders'`, `['orders']`, or `{ path: 'orders', version: '1' }`: a version in the address is `v1/`."""
    path = re.search(r"\bpath\s*:\s*\[?\s*['\"`]([^'\"`]*)['\"`]", arguments)
    version = re.search(r"\bversion\s*:\s*\[?\s*['\"`]([^'\"`]*)['\"`]", arguments)
    plain = None if "{" in arguments else re.search(r"['\"`]([^'\"`]*)['\"`]", arguments)
    written = path[1] if path else plain[1] if plain else ""
    return join(f"v{version[1]}", written) if version else written


def _guards(decorators: list[tuple[str, str]]) -> list[str]:
    found = []
    for name, arguments in decorators:
        if name == "UseGuards":
            found += [
                short(part.strip())
                for part in re.split(r",(?![^(]*\))", arguments.removeprefix("(").removesuffix(")"))
                if part.strip()
            ]
        elif name in _NEST_GUARDS or (_GUARDING.search(name) and not name.startswith("Api")):
            found.append(short(f"@{name}{arguments if arguments != '()' else ''}"))
    return found


def _decorators(node: SgNode | None) -> list[tuple[str, str]]:
    return [_decorator(item) for item in node.children() if item.kind() == "decorator"] if node is not None else []


def _decorator(node: SgNode) -> tuple[str, str]:
    match = re.match(r"@([\w.]+)\s*(\(.*\))?", node.text(), re.DOTALL)
    return (match[1], match[2] or "") if match else ("", "")
