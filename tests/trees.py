"""A tree for tests: files in a dict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class DictTree:
    """Files by path. `asked` records what was read, request by request."""

    files: Mapping[str, bytes | str] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def read(self, path: str) -> bytes | None:
        return self.read_many([path]).get(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        wanted = tuple(paths)
        self.asked.append(wanted)
        found = {path: self.files[path] for path in wanted if path in self.files}
        return {path: content if isinstance(content, bytes) else content.encode() for path, content in found.items()}

    def paths(self) -> Sequence[str]:
        return sorted(self.files)
