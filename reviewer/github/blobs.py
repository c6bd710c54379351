"""File contents out of GitHub: many in one GraphQL request, one by one over REST."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from reviewer.github.client import GitHub
from reviewer.github.failure import GitHubFailure, Kind

PER_QUERY = 100  # blobs in one GraphQL request
RAW_TYPE = "application/vnd.github.raw+json"


class Place(NamedTuple):
    """A file of a commit."""

    commit: str
    path: str


class Fetched(NamedTuple):
    """`found` maps a place to its bytes, or to None where GitHub says there is no such file.

    What is in neither (`inexact`: binary, cut short or not UTF-8 in the answer) must be asked for over REST.
    """

    found: Mapping[Place, bytes | None]
    inexact: tuple[Place, ...]


class _Query(NamedTuple):
    """One request for many files: the i-th is answered as field `f<i>`."""

    document: str
    variables: dict[str, object]


def foresee(client: GitHub, repository: str, places: Iterable[Place]) -> None:
    """Begin what `by_query` will ask for the same places."""
    client.foresee_query(*_query(repository, list(places)[:PER_QUERY]))


def by_query(client: GitHub, repository: str, places: Iterable[Place]) -> Fetched | None:
    """Up to `PER_QUERY` files with one request, each checked against its object id. None: no GraphQL here."""
    asked = list(places)[:PER_QUERY]
    data = client.query(*_query(repository, asked))
    answers = data.get("repository") if data is not None else None
    if not isinstance(answers, dict) or not all(f"f{index}" in answers for index in range(len(asked))):
        return None
    found: dict[Place, bytes | None] = {}
    inexact: list[Place] = []
    for index, place in enumerate(asked):
        blob = answers[f"f{index}"]
        if blob is None or (isinstance(blob, dict) and not blob):
            found[place] = None  # absent, or a folder
        elif (raw := _exact(blob)) is not None:
            found[place] = raw
        else:
            inexact.append(place)
    return Fetched(found, tuple(inexact))


def _query(repository: str, asked: list[Place]) -> _Query:
    owner, _, name = repository.partition("/")
    variables: dict[str, object] = {"owner": owner, "name": name}
    variables |= {f"e{index}": f"{place.commit}:{place.path}" for index, place in enumerate(asked)}
    declared = "".join(f", $e{index}: String!" for index in range(len(asked)))
    fields = "\n".join(
        f"    f{index}: object(expression: $e{index}) {{ ... on Blob {{ oid byteSize isBinary isTruncated text }} }}"
        for index in range(len(asked))
    )
    document = (
        f"query Blobs($owner: String!, $name: String!{declared}) {{\n"
        f"  repository(owner: $owner, name: $name) {{\n{fields}\n  }}\n}}"
    )
    return _Query(document, variables)


def by_contents(client: GitHub, repository: str, place: Place) -> bytes | None:
    """One file over REST; None if there is none. Raises GitHubFailure."""
    address = f"/repos/{repository}/contents/{quote(place.path, safe='/')}"
    try:
        answer = client.get(address, {"ref": place.commit}, accept=RAW_TYPE)
    except GitHubFailure as failure:
        if failure.kind in {Kind.NOT_FOUND, Kind.FORBIDDEN, Kind.REFUSED, Kind.TOO_LARGE}:
            return None
        raise
    if "json" not in answer.headers.get("content-type", ""):
        return answer.raw
    return _unwrapped(answer.raw, place.path)


def by_id(client: GitHub, repository: str, oid: str) -> bytes | None:
    """One blob over REST by its object id; None if there is none."""
    try:
        found = client.get_json(f"/repos/{repository}/git/blobs/{oid}")
    except GitHubFailure as failure:
        if failure.kind in {Kind.NOT_FOUND, Kind.FORBIDDEN, Kind.REFUSED}:
            return None
        raise
    return _decoded(found) if isinstance(found, dict) else None


def _exact(blob: Any) -> bytes | None:
    """The blob's bytes, if its text is all of it and loses nothing."""
    if not isinstance(blob, dict) or not isinstance(blob.get("text"), str):
        return None
    if blob.get("isBinary") is True or blob.get("isTruncated") is True:
        return None
    raw: bytes = blob["text"].encode("utf-8", "replace")
    oid = blob.get("oid")
    if isinstance(oid, str) and len(oid) == 40:
        header = f"blob {len(raw)}\0".encode()
        return raw if hashlib.sha1(header + raw, usedforsecurity=False).hexdigest() == oid else None
    return raw


def _unwrapped(raw: bytes, path: str) -> bytes | None:
    """A file's bytes where the server ignored the raw media type and sent the object with base64 content."""
    try:
        found = json.loads(raw)
    except ValueError:
        return raw
    if isinstance(found, dict) and found.get("path") == path and "encoding" in found:
        return _decoded(found) if found.get("type", "file") == "file" else None
    return None if isinstance(found, list) and _is_listing(found) else raw


def _is_listing(found: list[Any]) -> bool:
    """A folder's listing is no file."""
    return all(isinstance(item, dict) and {"path", "type", "sha"} <= item.keys() for item in found)


def _decoded(found: Mapping[str, Any]) -> bytes | None:
    content = found.get("content")
    if not isinstance(content, str) or found.get("encoding") != "base64":
        return None
    try:
        return base64.b64decode(content)
    except (binascii.Error, ValueError):
        return None
