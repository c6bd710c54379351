"""Look things up for a second reader: read-only, in the trees of head and base, within fixed bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from reviewer.nouns.source import Tree
from reviewer.stages import render
from reviewer.stages.redact import mask

MAX_PER_ROUND = 6
_MAX_FILES = 1_500  # searched in one tree
_MAX_BYTES = 30_000_000
_MAX_FILE = 400_000
_MAX_LINES = 120  # of one read
_MAX_HITS = 30
_MAX_CHARS = 6_000  # of one result
_BEHIND = 14  # lines shown of a definition
_TEXT = frozenset(
    [
        "c",
        "cc",
        "clj",
        "cpp",
        "cs",
        "ex",
        "exs",
        "erl",
        "go",
        "gql",
        "graphql",
        "groovy",
        "h",
        "java",
        "js",
        "json",
        "kt",
        "kts",
        "lua",
        "mjs",
        "php",
        "pl",
        "prisma",
        "properties",
        "proto",
        "py",
        "rake",
        "rb",
        "rs",
        "scala",
        "sql",
        "toml",
        "ts",
        "tsx",
        "xml",
        "yaml",
        "yml",
    ]
)
_DEFINES = (
    r"(?:\b(?:def|class|func|function|interface|type|struct|enum|trait|fn|module|object|record|const|let|var|val|table"
    r"|index|message|service|model)\s+(?:if\s+not\s+exists\s+)?(?:\([^)]*\)\s*)?[`\"']?{name}\b"
    r"|^\s*(?:(?:public|private|protected|static|final|async|export)\s+)+[\w<>\[\], ]*\b{name}\s*\(|^\s*{name}\s*[:=])"
)


class Lookup(NamedTuple):
    """One request for a look: `kind` is read, definition, references or grep."""

    kind: str
    tree: str
    path: str
    text: str
    start: int
    end: int


class Library:
    """The two trees, with what was read kept for the next question."""

    def __init__(self, head: Tree, base: Tree, near: Iterable[str] = ()) -> None:
        self._trees = {"head": head, "base": base}
        self._near = tuple(near)
        self._texts: dict[str, dict[str, str]] = {}

    def answer(self, lookup: Lookup) -> str:
        """The result as masked text that says so where it is cut or empty. Never raises on odd questions."""
        tree = "base" if lookup.tree == "base" else "head"
        title = (
            f"### {lookup.kind} {tree} {render.one_line(lookup.path, 200)} {render.one_line(lookup.text, 80)}".rstrip()
        )
        if lookup.kind == "read":
            rows = self._read(tree, lookup)
        elif lookup.kind in {"definition", "references", "grep"} and len(lookup.text.strip()) >= 2:
            rows = self._search(tree, lookup)
        else:
            rows = iter(("(no such look-up)",))
        body = "\n".join(rows) or "(nothing found)"
        return f"{title}\n{body[:_MAX_CHARS]}" + (" … (cut)" if len(body) > _MAX_CHARS else "")

    def _read(self, tree: str, lookup: Lookup) -> Iterator[str]:
        path = lookup.path.strip().removeprefix("./")
        raw = None if path.startswith("/") or ".." in PurePosixPath(path).parts else self._trees[tree].read(path)
        if raw is None or b"\0" in raw[:8000]:
            return
        lines = mask(raw.decode("utf-8", "replace")).split("\n")
        low = max(1, lookup.start)
        high = min(len(lines), max(low, lookup.end), low + _MAX_LINES - 1)
        yield from (f" {number}|{lines[number - 1]}" for number in range(low, high + 1))

    def _search(self, tree: str, lookup: Lookup) -> Iterator[str]:
        """Hits as `path:line|text`, definitions with the lines behind them."""
        word = lookup.text.strip()[:200]
        if lookup.kind == "grep":
            pattern = re.compile(re.escape(word))
        elif lookup.kind == "definition":
            pattern = re.compile(_DEFINES.replace("{name}", re.escape(word)), re.IGNORECASE)
        else:
            pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        left = _MAX_HITS
        for path, text in self._all(tree).items():
            if word.lower() not in text.lower() or (lookup.kind == "grep" and not path.startswith(lookup.path)):
                continue
            lines = mask(text).split("\n")
            for number, line in enumerate(lines, 1):
                if left <= 0:
                    return
                if pattern.search(line[:1000]):
                    left -= 1 if lookup.kind != "definition" else 5
                    behind = _BEHIND if lookup.kind == "definition" else 0
                    shown = enumerate(lines[number - 1 : number + behind], number)
                    yield from (f"{render.one_line(path)}:{at}|{text_[:240]}" for at, text_ in shown)

    def _all(self, tree: str) -> dict[str, str]:
        """The searchable files of a tree, those near the change first; read once."""
        if tree not in self._texts:
            paths = [
                path for path in self._trees[tree].paths() if PurePosixPath(path).suffix.removeprefix(".") in _TEXT
            ]
            folders = {str(PurePosixPath(path).parent) for path in self._near}
            paths.sort(key=lambda path: str(PurePosixPath(path).parent) not in folders)
            texts: dict[str, str] = {}
            size = 0
            contents = self._trees[tree].read_many(paths[:_MAX_FILES])
            for path in paths[:_MAX_FILES]:
                raw = contents.get(path, b"")
                size += len(raw)
                if size > _MAX_BYTES:
                    break
                if raw and len(raw) <= _MAX_FILE and b"\0" not in raw[:8000]:
                    texts[path] = raw.decode("utf-8", "replace")
            self._texts[tree] = texts
        return self._texts[tree]
