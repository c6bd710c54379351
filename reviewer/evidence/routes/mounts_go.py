"""Mounts of Go: a function is handed a router by another one, often of another file."""

from __future__ import annotations

import posixpath
import re

from reviewer.evidence.examined import Text
from reviewer.evidence.routes import go
from reviewer.evidence.routes.mounts import Modules, Mount

_PROBE = re.compile(
    r"\.(?:Group|Route|Mount|With|Use|New|NewRouter|NewServeMux|Default|PathPrefix)\(|[Rr]outer\b|\*echo\.|\*gin\."
)


def read(path: str, text: Text, modules: Modules) -> list[Mount]:
    """The routers the functions of one Go file hand on."""
    del modules
    if _PROBE.search(text.text) is None or text.root is None:
        return []
    found = []
    folder = posixpath.dirname(path)
    for body in go.functions(text.root):
        for handed in go.walk(body).handed:
            owner, _, callee = handed.callee.rpartition(".")
            packages = [f"dir:{folder}"] if not owner else [f"dir:{folder}", f"pkg:{owner}"]
            found += [
                Mount(place, callee, path, handed.function, handed.prefix, handed.guards)
                for place in packages
                if callee
            ]
    return found
