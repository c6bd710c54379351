"""Routes of `config/routes.rb` (expanded approximately) and the filters of Rails controllers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.evidence.routes.route import Route, guards_of, join

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_RESTFUL = {
    "index": ("GET", ""),
    "create": ("POST", ""),
    "new": ("GET", "new"),
    "show": ("GET", "{id}"),
    "edit": ("GET", "{id}/edit"),
    "update": ("PATCH", "{id}"),
    "destroy": ("DELETE", "{id}"),
}
_VERBS = {"get", "post", "put", "patch", "delete"}
_FILTERS = {
    "before_action",
    "prepend_before_action",
    "skip_before_action",
    "before_filter",
    "skip_before_filter",
    "append_before_action",
    "skip_forgery_protection",
    "protect_from_forgery",
    "authorize_resource",
    "load_and_authorize_resource",
    "rate_limit",
    "allow_unauthenticated_access",
    "skip_authorization_check",
}


def read(path: str, text: str, root: SgNode | None) -> tuple[Route, ...]:
    """The routes or guarded actions of a Ruby file; () where it has none."""
    if root is None:
        return ()
    if "routes.draw" in text or path.endswith("routes.rb") or "/routes/" in path:
        found = list(_routes(root))
    elif re.search(r"class\s+[\w:]*Controller\b", text):
        found = list(_controllers(root))
    else:
        return ()
    return tuple(replace(route, file=path, framework="rails") for route in found)


def _parts(node: SgNode) -> tuple[str, list[str], dict[str, str]]:
    method, arguments = node.field("method"), node.field("arguments")
    words: list[str] = []
    options: dict[str, str] = {}
    for item in arguments.children() if arguments else []:
        if item.kind() == "pair":
            key, value = item.field("key"), item.field("value")
            if key is not None and value is not None:
                if item.text().startswith(("'", '"')) and "=>" in item.text():
                    words.append(_plain(key.text()))
                    options["to"] = value.text()
                else:
                    options[key.text().strip(":\"' =>")] = value.text()
        elif item.is_named() and item.kind() != "comment":
            words.append(_plain(item.text()))
    return (method.text() if method else ""), words, options


def _plain(text: str) -> str:
    return text[1:-1] if text[:1] in "\"'" and len(text) > 1 else text.strip(":")


def _routes(root: SgNode) -> Iterator[Route]:
    for node in root.find_all(kind="call"):
        method, words, options = _parts(node)
        line = node.range().start.line + 1
        if method in _VERBS and words and node.field("receiver") is None:
            prefix, controller = _nesting(node, _plain(options.get("on", "")))
            target = _plain(options.get("to", "")) or (
                f"{controller}#{words[0]}" if controller else words[0].replace("/", "#")
            )
            for word in words if not options.get("to") else words[:1]:
                yield Route(method.upper(), join(prefix, word), target, line=line, end_line=line, source="inferred")
        elif method == "match" and words and node.field("receiver") is None:
            prefix, _ = _nesting(node)
            for verb in re.findall(r"\w+", options.get("via", "")) or ["any"]:
                yield Route("ANY" if verb in {"all", "any"} else verb.upper(), join(prefix, words[0]), _plain(options.get("to", "")), line=line, end_line=line, source="inferred")  # fmt: skip
        elif method == "root" and (words or options) and node.field("receiver") is None:
            prefix, _ = _nesting(node)
            yield Route("GET", join(prefix), _plain(options.get("to", "")) or "".join(words[:1]), line=line, end_line=line, source="inferred")  # fmt: skip
        elif method in {"resources", "resource"}:
            for word in words:
                yield from _resource(node, method, word, options, line)


def _resource(node: SgNode, method: str, word: str, options: dict[str, str], line: int) -> Iterator[Route]:
    prefix, _ = _nesting(node)
    only = re.findall(r"\w+", options.get("only", "").replace("%i", ""))
    without = re.findall(r"\w+", options.get("except", "").replace("%i", ""))
    path = _plain(options.get("path", "")) or word
    controller = _plain(options.get("controller", "")) or (word if method == "resources" else f"{word}s")
    for action, (verb, tail) in _RESTFUL.items():
        if (
            ("only" in options and action not in only)
            or action in without
            or (method == "resource" and action == "index")
        ):
            continue
        if "only" not in options and action in {"new", "edit"}:
            continue  # forms: of no interest to an API's clients
        named = f"{{{_plain(options['param'])}}}" if "param" in options else "{id}"
        suffix = tail.replace("{id}", named if method == "resources" else "").strip("/")
        yield Route(
            verb, join(prefix, path, suffix), f"{controller}#{action}", line=line, end_line=line, source="inferred"
        )


def _nesting(node: SgNode, on: str = "") -> tuple[str, str]:
    """The path prefix and the controller of the blocks a route stands in; `on` is its own `member` or `collection`."""
    parts: list[str] = []
    controller = ""
    member, collection = on == "member", on == "collection"
    for parent in node.ancestors():
        if parent.kind() != "call":
            continue
        method, words, options = _parts(parent)
        if method in {"member", "collection"}:
            member, collection = method == "member", method == "collection"
        elif method == "api_version":  # the versionist gem
            written = re.search(r"value:\s*[\"']([^\"']+)", options.get("path", ""))
            parts.append(written[1] if written else "")
        elif method == "namespace" and words:
            parts.append(_plain(options.get("path", "")) or words[0])
        elif method == "scope":
            parts.append(words[0] if words else _plain(options.get("path", "")))
        elif method in {"resources", "resource"} and words:
            controller = controller or words[0]
            name = _plain(options.get("path", "")) or words[0]
            param = _plain(options.get("param", "")) or "id"
            if method == "resource" or collection:
                parts.append(name)
            else:
                parts.append(f"{name}/{{{param}}}" if member else f"{name}/{{{_singular(words[0])}_{param}}}")
            member = collection = False
    return "/".join(reversed([part for part in parts if part])), controller


def _singular(word: str) -> str:
    return re.sub(r"ies$", "y", word) if word.endswith("ies") else word.removesuffix("s")


def _controllers(root: SgNode) -> Iterator[Route]:
    for node in root.find_all(kind="class"):
        name_node = node.field("name")
        name = name_node.text() if name_node else ""
        if not name.endswith("Controller"):
            continue
        body = next((item for item in node.children() if item.kind() == "body_statement"), None)
        filters: list[tuple[str, list[str], dict[str, str]]] = []
        public = True
        for item in body.children() if body else []:
            if item.kind() == "identifier" and item.text() in {"private", "protected"}:
                public = False
            elif item.kind() == "call":
                parts = _parts(item)
                if parts[0] in _FILTERS:
                    filters.append(parts)
            elif item.kind() == "identifier" and item.text() in _FILTERS:
                filters.append((item.text(), [], {}))
            elif item.kind() == "method" and public:
                yield _action(name, item, filters)


def _action(controller: str, node: SgNode, filters: list[tuple[str, list[str], dict[str, str]]]) -> Route:
    name = node.field("name")
    action = name.text() if name else ""
    guards: list[str] = []
    for kind, words, options in filters:
        only, without = (
            re.findall(r"\w+", options.get("only", "").replace("%i", "")),
            re.findall(r"\w+", options.get("except", "").replace("%i", "")),
        )
        if ("only" in options and action not in only) or action in without:
            continue
        names = [word for word in words if re.fullmatch(r"[\w!?]+", word)] or [kind]
        if kind.startswith("skip_before"):
            guards = [guard for guard in guards if guard not in names] + [
                f"skip:{word}" for word in names if guards_of([word])
            ]
        elif kind.startswith(("before", "prepend", "append")):
            guards += guards_of(names)
        else:
            guards.append(kind if not kind.startswith(("skip", "allow")) else f"skip:{kind}")
    guards += re.findall(r"^\s*((?:authorize|authorize!|require_\w+)\b[^\n#]{0,40})", node.text(), re.MULTILINE)
    start = node.range().start.line + 1
    return Route(
        "VIEW",
        f"{controller}#{action}",
        action,
        tuple(dict.fromkeys(guard.strip() for guard in guards)),
        line=start,
        end_line=node.range().end.line + 1,
    )
