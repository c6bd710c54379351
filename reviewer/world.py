"""The world a command runs in, read once and handed down: environment, streams, clock and the wish to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, TextIO

from reviewer.ahead import Begun


class World:
    """Everything ambient, as a value. `now` is monotonic seconds; `stop` is set when the run shall end early;
    `begun` are the processes that were started for it, if any.

    A plain class: `dataclasses` would cost a tenth of the time that `--help` takes.
    """

    __slots__ = ("begun", "cwd", "environment", "now", "stderr", "stdin", "stdout", "stop")

    def __init__(
        self,
        environment: Mapping[str, str],
        cwd: Path,
        stdin: BinaryIO,
        stdout: TextIO,
        stderr: TextIO,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.environment = environment
        self.cwd = cwd
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.now = now
        self.stop = threading.Event()
        self.begun = Begun()

    @property
    def in_actions(self) -> bool:
        return self.environment.get("GITHUB_ACTIONS") == "true"

    def say(self, text: str) -> None:
        """Tell a person something, on standard error."""
        print(text, file=self.stderr, flush=True)
