"""Design seams: which files of a change belong to one feature and should be read together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewer.nouns.changeset import FileChange

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
_LAYERS = frozenset(_LAYER_WORDS.split())


def clusters(files: Sequence[FileChange]) -> list[list[FileChange]]:
    """Groups of files, each in the change's order; groups in the order of their first file."""
    groups: dict[str, list[FileChange]] = {}
    for file in files:
        groups.setdefault(feature(file.path), []).append(file)
    return list(groups.values())


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
