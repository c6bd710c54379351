"""Hostile YAML and JSON into plain values: no tags, no code, bounded size, nesting and aliases."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_CHARACTERS = 5_000_000
MAX_ALIASES = 2_000
MAX_DEPTH = 200


def load(text: str) -> Any:
    """The document, or None where it is neither JSON nor YAML we are willing to read.

    Aliases stay shared objects, so a bomb of them costs nothing here; walkers carry their own budget.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    head = text.lstrip()[:1]
    if head in ("{", "["):
        document = _json(text)
        if document is not None:
            return document  # else perhaps YAML's flow style, which starts alike
    if text.count("*") > MAX_ALIASES and len(re.findall(r"[\s:,\[-]\*[\w-]+\s*$", text, re.MULTILINE)) > MAX_ALIASES:
        return None
    return _yaml(text)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _yaml(text: str) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if too_deep(text):
        return None
    try:
        return yaml.load(text, Loader=_without_timestamps(loader))  # noqa: S506  a SafeLoader subclass
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError):
        return None


def _without_timestamps(loader: Any) -> Any:
    """A safe loader that leaves dates as they are written (`version: 2024-01-01` is a string to us)."""
    resolvers = {
        key: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
        for key, pairs in loader.yaml_implicit_resolvers.items()
    }
    return type("PlainLoader", (loader,), {"yaml_implicit_resolvers": resolvers})


def too_deep(text: str) -> bool:
    """Flow collections nested beyond reason would exhaust the stack of a recursive reader."""
    depth = 0
    for mark in re.finditer(r"[\[{\]}]", text):
        depth += 1 if mark[0] in "[{" else -1
        if depth > MAX_DEPTH:
            return True
    deepest = max((len(line) - len(line.lstrip(" ")) for line in text.split("\n") if line.strip()), default=0)
    return deepest > MAX_DEPTH * 4


class Lines:
    """Finds the line of a key path by looking for each key after the one before, in JSON and YAML alike."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._memo: dict[tuple[str, ...], int] = {}

    def find(self, *keys: str) -> int:
        """The 1-based line of the last key, or of the last one that can be found."""
        position = self._position(tuple(keys))
        return self._text.count("\n", 0, max(position, 0)) + 1

    def _position(self, keys: tuple[str, ...]) -> int:
        if not keys:
            return 0
        if keys not in self._memo:
            before = self._position(keys[:-1])
            key = re.escape(keys[-1])
            match = re.compile(rf"(?:^|[\s{{,])(?:\"{key}\"|'{key}'|{key})\s*:").search(self._text, max(before, 0))
            self._memo[keys] = match.start() + len(match[0]) - len(match[0].lstrip(" \n\t{,")) if match else before
        return self._memo[keys]
