"""A GitHub on loopback that takes a fixed time for every answer, however long our fake of it really works.

The fake checks each request against GitHub's schemas, which can take longer than GitHub itself. So a first run, which
is not measured, teaches the answers of all reads that do not change; a measured run gets them after the fixed time.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from tests.fakes.github.server import FakeGitHub

LATENCY = 0.1  # seconds, as the peers were measured with


class PacedGitHub(FakeGitHub):
    """Use as a context manager, like the fake. `reviewing` names how it is reached on the command line."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._known: dict[tuple[str, str, str, bytes], Any] = {}
        self._counting = threading.Lock()
        self.asked = 0

    def handle(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> Any:
        begun = time.perf_counter()
        with self._counting:
            self.asked += 1
        key = (method, target, headers.get("accept", ""), raw)
        out = self._known.get(key)
        if out is None:
            out = super().handle(method, target, headers, raw)
            if _lasts(method, raw):
                self._known[key] = out
        time.sleep(max(0.0, LATENCY - (time.perf_counter() - begun)))
        return out


def _lasts(method: str, raw: bytes) -> bool:
    """Whether the answer stays what it is: reads of commits do; what was said on the pull request does not."""
    return method == "GET" or (method == "POST" and b"query Blobs" in json.dumps(json.loads(raw or b"{}")).encode())
