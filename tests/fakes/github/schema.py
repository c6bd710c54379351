"""GitHub's own description of its API, cut to our operations: holds every request and answer of the fake to it."""

from __future__ import annotations

import copy
import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

HERE = Path(__file__).parent


@cache
def document() -> dict[str, Any]:
    return json.loads(gzip.decompress((HERE / "schema.json.gz").read_bytes()))


@cache
def graphql_schema() -> Any:
    from graphql import build_schema

    return build_schema(gzip.decompress((HERE / "schema.graphql.gz").read_bytes()).decode())


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str]]:
    routes = []
    for operation in document()["operations"]:
        method, template = operation.split(" ", 1)
        pattern = re.sub(r"\{(path|basehead|ref)\}", r"(?P<\1>.+)", template)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        routes.append((method, re.compile(pattern), operation))
    # The most literal template wins, as on GitHub: commits/{ref}/check-runs before commits/{ref}.
    return sorted(routes, key=lambda route: (route[2].count("{"), -len(route[2])))


def operation_of(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """The operation a request is for, and its path parameters."""
    candidates = [
        (operation, found.groupdict())
        for verb, pattern, operation in _routes()
        if verb == method and (found := pattern.fullmatch(path))
    ]
    candidates.sort(key=lambda item: sum(len(value) for value in item[1].values()))
    return candidates[0] if candidates else None


@cache
def _validator(operation: str, part: str) -> Draft202012Validator | None:
    entry = document()["operations"][operation]
    schema = entry.get("request") if part == "request" else entry["responses"].get(part, {}).get("schema")
    return Draft202012Validator({**schema, "$defs": document()["$defs"]}) if schema else None


def request_error(operation: str, body: Any) -> str:
    """Why GitHub's schema refuses this request body, or ""."""
    return _error(_validator(operation, "request"), body)


def response_error(operation: str, status: int, body: Any) -> str:
    """Why this is not an answer GitHub's schema allows, or ""."""
    responses = document()["operations"][operation]["responses"]
    if str(status) not in responses:
        return "" if status >= 400 else f"status {status} is not documented"
    return _error(_validator(operation, str(status)), body)


def query_error(operation: str, names: list[str]) -> str:
    """Unknown query parameters of a request, or ""."""
    unknown = sorted(set(names) - set(document()["operations"][operation]["query"]))
    return f"unknown query parameters: {', '.join(unknown)}" if unknown else ""


def example(operation: str, code: int, /, **changes: Any) -> Any:
    """GitHub's own example of an answer (the first item of a listing), with our fields laid over it."""
    found = copy.deepcopy(document()["operations"][operation]["responses"][str(code)]["examples"][0])
    if isinstance(found, list):
        found = found[0]
    return {**found, **changes}


def _error(validator: Draft202012Validator | None, body: Any) -> str:
    if validator is None:
        return ""
    error = best_match(validator.iter_errors(body))
    return f"{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}" if error else ""
