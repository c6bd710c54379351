"""A second Python process of ours, and whole values to and from it.

Threads of one CPython process take turns; processes use the cores there are. A child runs `main()` of one of our
modules, reads from its standard input what we send, and ends when we do.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import IO, Any, Self

_SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")
# The path of modules is handed over as it is here: where we were started from decides nothing anew.
_START = "import sys; sys.path[:] = sys.argv[2:]; import importlib; importlib.import_module(sys.argv[1]).main()"


class Pipe:
    """Whole values, to and from the other process. Several threads may send; one receives."""

    def __init__(self, source: IO[bytes], sink: IO[bytes]) -> None:
        self._source = source
        self._sink = sink
        self._sending = threading.Lock()

    def receive(self) -> Any:
        """The next value; raises EOFError when the other side is gone."""
        return pickle.load(self._source)  # noqa: S301  between our own two ends

    def send(self, value: object) -> None:
        """Raises BrokenPipeError when the other side is gone."""
        data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        with self._sending:
            self._sink.write(data)
            self._sink.flush()

    def waiting(self) -> bool:
        """Whether a value has begun to arrive, or the other side is gone. Only before the first `receive`."""
        try:
            return bool(select.select([self._source], [], [], 0)[0])
        except OSError:
            return True  # no pipe can be asked on Windows: `receive` waits as it always does

    def close(self) -> None:
        self._source.close()
        try:
            self._sink.close()
        except BrokenPipeError:
            return  # what was not flushed has nobody to read it


class Child:
    """One process, started at once. Use it as a context: leaving it ends the process, whatever it does."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        """Run `module`'s `main()` with these variables. Raises OSError if no process can be started."""
        self._process = subprocess.Popen(  # noqa: S603  this very interpreter, and a text of ours
            [sys.executable, *(f"-W{option}" for option in sys.warnoptions), "-I", "-c", _START, module, *sys.path],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        self.pipe = Pipe(self._process.stdout, self._process.stdin)
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._process.wait()
        self.pipe.close()

    def kill(self) -> None:
        """End it now. Who waits for a value of it gets EOFError."""
        self._process.kill()

    def cause_of_death(self) -> str:
        """How it ended, in a few words; waits for the end."""
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def without_secrets(environment: Mapping[str, str], keep: str = "") -> dict[str, str]:
    """The variables that a child may see: none that is named like a secret, unless its name begins with `keep`."""
    return {
        name: value
        for name, value in environment.items()
        if (keep and name.startswith(keep)) or not any(word in name for word in _SECRET)
    }


def to_parent() -> Pipe:
    """The child's end, taken once, at the start of its `main`. Nothing but our values can reach the parent after it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to both; the parent decides
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return Pipe(sys.stdin.buffer, sink)
