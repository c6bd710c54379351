"""Design seams: which files of a change belong to one feature and should be read together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from reviewer.nouns.changeset import FileChange

_WORD = re.compile(r"[A-Za-z][\w\-.]{4,60}")  # long enough to name a file of its own
_MOST_TEXT = 20_000
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# What a file is, not what it is about: layers, roles, languages, plumbing.
_LAYER_WORDS = """
src app apps lib libs main internal pkg cmd java kotlin com org net io python go php ruby rb ts js py impl
abstract base default common core shared index init mod api apis rest http grpc graphql v1 v2 v3 web server
backend service services controller controllers handler handlers route routes router routers resolver resolvers
view views serializer serializers repository repositories repo repos dao daos store stores storage model models
entity entities domain dto dtos schema schemas request response type types interface interfaces migration
migrations migrate versions db database sql config configs configuration settings test tests spec specs unit
integration e2e fixture fixtures mock mocks factory factories job jobs worker workers task tasks queue event
events listener listeners consumer producer middleware middlewares util utils helper helpers create add alter
update remove drop delete table column to from and of the use case usecase usecases policy policies module
modules resource resources client clients provider providers adapter adapters port ports component components
feature features it proto
"""
_JOINTS = str.maketrans("", "", "-_.")
_LAYERS = frozenset(_LAYER_WORDS.split())


def clusters(files: Sequence[FileChange], sizes: Mapping[str, int], limit: int) -> list[list[FileChange]]:
    """Groups of files that should be read together, in the change's order of their first file.

    Files of one feature by name are a group; groups that speak of each other's files (an import, a class name) are
    one, as long as they fit into `limit` together. `sizes` are tokens by path.
    """
    if sum(sizes[file.path] for file in files) <= limit:
        return [list(files)]  # one call holds it all: no seam is cut
    groups: dict[str, list[FileChange]] = {}
    for file in files:
        groups.setdefault(feature(file.path), []).append(file)
    home = {name: name for name in groups}  # union-find over group names
    weight = {name: sum(sizes[file.path] for file in group) for name, group in groups.items()}
    for one, other in _links(groups):
        first, second = _root(home, one), _root(home, other)
        if first != second and weight[first] + weight[second] <= limit:
            home[second] = first
            weight[first] += weight[second]
    joined: dict[str, list[FileChange]] = {}
    for file in files:
        joined.setdefault(_root(home, feature(file.path)), []).append(file)
    return list(joined.values())


def _root(home: Mapping[str, str], name: str) -> str:
    while home[name] != name:
        name = home[name]
    return name


def _links(groups: Mapping[str, Sequence[FileChange]]) -> list[tuple[str, str]]:
    """Pairs of groups of which one mentions a file of the other by name, the most mentions first."""
    owner = {_bare(_stem(file.path)): name for name, group in groups.items() for file in group}
    counts: Counter[tuple[str, str]] = Counter()
    for name, group in groups.items():
        for file in group:
            text = "\n".join(line.text for line in file.lines())[:_MOST_TEXT]
            for word in {_bare(word) for word in {*_WORD.findall(text)}}:
                other = owner.get(word)
                if other is not None and other != name:
                    counts[min(name, other), max(name, other)] += 1
    return [pair for pair, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _bare(name: str) -> str:
    return name.translate(_JOINTS).lower()


def feature(path: str) -> str:
    """The feature a path names, layers taken off: `api/order_handler.py` and `db/order_repo.py` are `order`."""
    parts = path.split("/")
    for part in (parts[-1].split(".")[0], *reversed(parts[:-1])):
        words = [_singular(word.lower()) for word in _CAMEL.findall(part)]
        kept = [word for word in words if word not in _LAYERS and not word.isdigit()]
        if kept:
            return kept[0]
    return "/".join(parts[:-1])


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
