"""Addresses of lines on the server a pull request lives on, made only from parts that cannot carry anything else."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote

from reviewer.nouns.changeset import Side
from reviewer.nouns.review import Target
from reviewer.reporters import view
from reviewer.reporters.sanitise import code

_PULL = re.compile(r"(https?://[A-Za-z0-9.:-]{1,200}/[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100})/pull/\d{1,10}")
_SHA = re.compile(r"[0-9a-f]{7,64}")


class Links(NamedTuple):
    """`root` is the repository's page, "" if the report names none we can trust."""

    root: str
    base: str
    head: str

    @classmethod
    def of(cls, target: Target) -> Links:
        found = _PULL.fullmatch(target.url)
        same = found is not None and found[1].endswith(f"/{target.repository}")
        shas = [sha if _SHA.fullmatch(sha) else "" for sha in (target.base_sha, target.head_sha)]
        return cls(found[1] if found is not None and same else "", *shas)

    def place(self, path: str, side: Side, start: int, end: int) -> str:
        """A place as Markdown: code, linked to the lines where we can."""
        shown = code(view.place(path, start, end))
        sha = self.base if side is Side.LEFT else self.head
        if not (self.root and sha and start) or path.startswith("/") or ".." in path.split("/"):
            return shown
        lines = f"#L{start}" + (f"-L{end}" if end > start else "")
        return f"[{shown}]({self.root}/blob/{sha}/{quote(path, safe='/')}{lines})"
