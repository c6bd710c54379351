"""Routes of Spring, Micronaut and JAX-RS classes, and the URL matchers of Spring's security configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.evidence.routes.route import Route, join, short

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_PROBE = re.compile(
    r"@(?:Request|Get|Post|Put|Patch|Delete)Mapping|requestMatchers|antMatchers|pathMatchers|anyRequest|ws\.rs\.|io\.micronaut\.http\.annotation"
)
_MAPPING = re.compile(r"^(Get|Post|Put|Patch|Delete|Request)Mapping$")
_VERB = re.compile(r"^(Get|Post|Put|Patch|Delete|Head|Options|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$")
_GUARDS = {
    "PermissionRequired",
    "AuthenticationNotRequired",
    "PreAuthorize",
    "PostAuthorize",
    "Secured",
    "RolesAllowed",
    "PermitAll",
    "DenyAll",
    "RateLimiter",
    "RequiresPermissions",
    "RequiresRoles",
    "SaCheckPermission",
    "SaCheckLogin",
    "Anonymous",
    "AnonymousAccess",
}
_MATCHER = re.compile(
    r"\.(?P<kind>requestMatchers|antMatchers|mvcMatchers|pathMatchers|anyRequest|anyExchange)\s*\((?P<what>[^()]*(?:\([^()]*\)[^()]*)*)\)\s*\.(?P<rule>permitAll|authenticated|hasRole|hasAnyRole|hasAuthority|hasAnyAuthority|denyAll|access|anonymous|hasIpAddress)\s*\((?P<args>[^)]*)\)"
)


def read(path: str, text: str, root: SgNode | None) -> tuple[Route, ...]:
    """The routes of a Java file; () where it has none."""
    if root is None or _PROBE.search(text) is None:
        return ()
    kind = "micronaut" if "io.micronaut" in text else "jax-rs" if "ws.rs" in text else "spring"
    found = [*_controllers(root, kind), *_matchers(text)]
    return tuple(replace(route, file=path, framework=kind) for route in found)


def _controllers(root: SgNode, framework: str) -> Iterator[Route]:
    for kind in ("class_declaration", "interface_declaration"):
        for node in root.find_all(kind=kind):
            annotations = _annotations(node)
            named = {"micronaut": "Controller", "jax-rs": "Path"}.get(framework, "RequestMapping")
            prefixes = next((_paths(arguments) for name, arguments in annotations if name == named), ())
            shared = _guards(annotations)
            body = node.field("body")
            for method in body.children() if body else []:
                if method.kind() == "method_declaration":
                    yield from _method(method, prefixes[0] if prefixes else "", shared, framework)


def _method(node: SgNode, prefix: str, shared: list[str], framework: str) -> Iterator[Route]:
    annotations = _annotations(node)
    for name, written_here in annotations:
        arguments = written_here
        match = (_MAPPING if framework == "spring" else _VERB).match(name)
        if match is None:
            continue
        if framework == "jax-rs":
            arguments = next((inside for other, inside in annotations if other == "Path"), "")
        verbs = (
            [match[1].upper()] if match[1] != "Request" else re.findall(r"RequestMethod\.(\w+)", arguments) or ["ANY"]
        )
        parameters, type_, label = node.field("parameters"), node.field("type"), node.field("name")
        body = re.search(
            r"@RequestBody(?:\([^)]*\))?\s+(?:@?final\s+|@\w+(?:\([^)]*\))?\s+)*([\w<>\[\], .]+?)\s+\w+\s*[,)]",
            parameters.text() if parameters else "",
        )
        response = type_.text() if type_ else ""
        unwrapped = re.fullmatch(r"(?:ResponseEntity|Mono|Flux|CompletableFuture)<(.*)>", response)
        for verb in verbs:
            for written in _paths(arguments) or ("",):
                yield Route(
                    verb, join(prefix, written), label.text() if label else "", tuple(dict.fromkeys([*shared, *_guards(annotations)])),
                    body[1] if body else "", short(unwrapped[1] if unwrapped else response),
                    line=(label or node).range().start.line + 1, end_line=node.range().end.line + 1,
                )  # fmt: skip


def _matchers(text: str) -> Iterator[Route]:
    """`.requestMatchers("/admin/**").hasRole("ADMIN")`: order decides, so the place in the chain is told."""
    for position, match in enumerate(_MATCHER.finditer(text), 1):
        targets = re.findall(r"\"([^\"]*)\"", match["what"]) or [
            "/**" if match["kind"].startswith("any") else short(match["what"])
        ]
        method = re.search(r"HttpMethod\.(\w+)", match["what"])
        rule = f"{match['rule']}({match['args'].strip()})" if match["args"].strip() else match["rule"]
        line = text.count("\n", 0, match.start("kind")) + 1
        for target in targets:
            yield Route(
                method[1] if method else "ANY",
                join(target),
                f"security matcher {position}",
                (rule,),
                line=line,
                end_line=line,
            )


def _annotations(node: SgNode) -> list[tuple[str, str]]:
    modifiers = next((item for item in node.children() if item.kind() == "modifiers"), None)
    found = []
    for item in modifiers.children() if modifiers else []:
        if item.kind() in {"annotation", "marker_annotation"}:
            name, arguments = item.field("name"), item.field("arguments")
            found.append((name.text().rpartition(".")[2] if name else "", arguments.text() if arguments else ""))
    return found


def _guards(annotations: list[tuple[str, str]]) -> list[str]:
    return [short(f"@{name}{arguments}") for name, arguments in annotations if name in _GUARDS]


# An address of constants: `(ORDERS + "/{id}")`, `(value = Api.ORDERS, produces = …)`. Their values stand elsewhere.
_CONSTANTS = re.compile(
    r"^\(\s*(?:(?:value|path|uri)\s*=\s*)?\{?\s*(?P<value>(?:\"[^\"]*\"\s*\+\s*)*[A-Z][\w.]*(?:\s*\+\s*(?:\"[^\"]*\"|[A-Z][\w.]*))*)\s*\}?\s*(?:,[^)]*)?\)?"
)


def _paths(arguments: str) -> tuple[str, ...]:
    put_together = _CONSTANTS.search(arguments)
    if put_together is not None:
        parts = re.findall(r"\"([^\"]*)\"|([\w.]+)", put_together["value"])
        return ("".join(text or f"/{{{name.rpartition('.')[2]}}}" for text, name in parts),)
    named = re.search(r"(?:value|path|uri)\s*=\s*(\{[^}]*\}|\"[^\"]*\")", arguments)
    source = named[1] if named else arguments if not re.search(r"\w+\s*=", arguments) else ""
    return tuple(re.findall(r"\"([^\"]*)\"", source))
