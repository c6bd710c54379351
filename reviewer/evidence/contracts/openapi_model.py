"""An OpenAPI 3 or Swagger 2 document as operations, with references resolved on demand and within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
MAX_OPERATIONS = 5_000
_UNSTABLE = re.compile(
    r"(?:^|/)v\d+(?:alpha|beta)\d*(?:/|$)|/(?:internal|experimental|alpha|preview)(?:/|$)", re.IGNORECASE
)
_NOTHING: Mapping[str, Any] = {}


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one: a spec may hold anything anywhere."""
    return value if isinstance(value, dict) else _NOTHING


def sequence(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


@dataclass(frozen=True)
class Parameter:
    """A parameter outside the body."""

    name: str
    place: str
    required: bool
    schema: Any


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body_required: bool
    body: Mapping[str, Any]  # media type -> schema
    responses: Mapping[str, Mapping[str, Any]]  # status -> media type -> schema
    security: tuple[str, ...] | None  # schemes; () is explicitly open, None is not stated anywhere
    deprecated: bool
    unstable: bool

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def key(self) -> tuple[str, str]:
        """What identifies it: parameter names in a path do not."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path.rstrip("/") or "/")


@dataclass(frozen=True)
class Spec:
    """A document and its operations by key."""

    document: Mapping[str, Any]
    operations: Mapping[tuple[str, str], Operation]

    def resolve(self, node: Any) -> tuple[Mapping[str, Any], str]:
        """The schema a node stands for and the reference it came by ("" if inline); loops end after 20 steps."""
        ref = ""
        for _ in range(20):
            node = mapping(node)
            target = node.get("$ref")
            if not isinstance(target, str):
                return node, ref
            ref = target
            node = self._local(target)
        return _NOTHING, ref

    def _local(self, ref: str) -> Any:
        if not ref.startswith("#/"):
            return {"x-external": ref}
        node: Any = self.document
        for part in ref[2:].split("/"):
            node = mapping(node).get(part.replace("~1", "/").replace("~0", "~"))
        return node


def read(document: Any) -> Spec | None:
    """The spec, or None where the document is not one."""
    root = mapping(document)
    if not ("openapi" in root or "swagger" in root) or not isinstance(root.get("paths"), dict):
        return None
    spec = Spec(root, {})
    operations: dict[tuple[str, str], Operation] = {}
    prefix = str(root.get("basePath") or "").rstrip("/") if "swagger" in root else ""
    for path, item in root["paths"].items():
        resolved, _ = spec.resolve(item)
        for method in METHODS:
            if isinstance(resolved.get(method), dict) and len(operations) < MAX_OPERATIONS:
                operation = _operation(spec, method, prefix + str(path), resolved)
                operations[operation.key] = operation
    return Spec(root, operations)


def _operation(spec: Spec, method: str, path: str, item: Mapping[str, Any]) -> Operation:
    node = mapping(item[method])
    raw = {
        _identity(spec, entry): entry
        for entry in (*sequence(item.get("parameters")), *sequence(node.get("parameters")))
    }
    resolved = [spec.resolve(entry)[0] for entry in raw.values()]
    body, _ = spec.resolve(node.get("requestBody"))
    content = {str(kind): mapping(media).get("schema") for kind, media in mapping(body.get("content")).items()}
    required = body.get("required") is True
    parameters = []
    for entry in resolved:
        if entry.get("in") == "body":
            content["application/json"] = entry.get("schema")
            required = entry.get("required") is True
        else:
            parameters.append(
                Parameter(
                    str(entry.get("name")),
                    str(entry.get("in")),
                    entry.get("required") is True,
                    entry.get("schema", entry),
                )
            )
    return Operation(
        method=method,
        path=path,
        parameters=tuple(parameters),
        body_required=required,
        body=content,
        responses=dict(_responses(spec, node)),
        security=_security(node.get("security", spec.document.get("security"))),
        deprecated=node.get("deprecated") is True,
        unstable=bool(
            _UNSTABLE.search(path)
            or node.get("x-internal")
            or str(node.get("x-stability-level", "")).lower() in {"alpha", "draft", "beta"}
        ),
    )


def _identity(spec: Spec, entry: Any) -> tuple[str, str]:
    node, _ = spec.resolve(entry)
    return str(node.get("name")), str(node.get("in"))


def _responses(spec: Spec, node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for status, entry in mapping(node.get("responses")).items():
        response, _ = spec.resolve(entry)
        content = {str(kind): mapping(media).get("schema") for kind, media in mapping(response.get("content")).items()}
        if "schema" in response:
            content["application/json"] = response["schema"]
        yield str(status), content


def _security(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = {str(name) for entry in sequence(value) for name in mapping(entry)}
    optional = any(entry == {} for entry in sequence(value))
    return tuple(sorted(names | ({"(optional)"} if optional and names else set())))
