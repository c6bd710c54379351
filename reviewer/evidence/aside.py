"""Work in a copy of this process, on another core.

A fork costs milliseconds and needs no message: the copy has all texts already, and answers with a value. It reads no
tree (their pipes are shared with this process), starts no program and ends without cleaning up. Where there can be no
such copy (one core, other threads, another system) everything is done here, with the same outcome.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, NoReturn, Self, TypeVar

_MOST_FILES = 65_536

Value = TypeVar("Value")


class Died(NamedTuple):
    """The copy ended without an answer; `how` says by what."""

    how: str


class Copy(Generic[Value]):
    """A forked process that does some work. Use it as a context: leaving it ends it."""

    def __init__(self, work: Callable[[], Value]) -> None:
        """Begin; what `work` returns must be picklable. Raises OSError if there can be no further process."""
        source, sink = os.pipe()
        self._pipe = os.fdopen(source, "rb")
        self._over = False
        try:
            self._pid = os.fork()
            if self._pid == 0:
                _answer(sink, work)
        except OSError:
            self._pipe.close()
            raise
        finally:
            os.close(sink)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        if not self._over:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    def outcome(self) -> Value | Died:
        """Wait for what it returns; raises what was raised there."""
        data = self._pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        self._over = True
        if code != 0:
            return Died(f"signal {-code}" if code < 0 else f"exit code {code}")
        said: Value | _Raised = pickle.loads(data)  # noqa: S301  from our own process
        if isinstance(said, _Raised):
            raise said.error
        return said


class _Raised(NamedTuple):
    error: Exception


def begin(work: Callable[[], Value]) -> Copy[Value] | None:
    """Start some work aside; None where all has to be done here."""
    if not possible():
        return None
    try:
        return Copy(work)
    except OSError:
        return None  # no more processes here


def possible() -> bool:
    """Whether a copy may be made and has a core to run on. With other threads a lock of theirs might stay held in it."""
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        return False
    return len(list(Path("/proc/self/task").iterdir())) == 1


def _answer(sink: int, work: Callable[[], object]) -> NoReturn:
    """The copy's whole life. It lets go of all files of the process it was: whoever waits for their end may have it."""
    code = 1
    try:
        # What the other process has left over is for it to end: collected here, it would take that process's children
        # and files along.
        gc.freeze()
        gc.disable()  # it ends soon, and has little to find: a twentieth of the time
        os.closerange(3, sink)
        os.closerange(sink + 1, _MOST_FILES)
        try:
            said = work()
        except Exception as error:  # noqa: BLE001  raised again in the other process
            said = _Raised(error)
        with os.fdopen(sink, "wb") as pipe:
            pickle.dump(said, pipe, pickle.HIGHEST_PROTOCOL)
        code = 0
    finally:
        os._exit(code)
