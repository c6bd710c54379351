"""Some detectors of a large change at work in a copy of this process, on another core.

A fork costs milliseconds and needs no message: the copy has all texts already, and answers with its results. It reads
no tree (their pipes are shared with this process), starts no program and ends without cleaning up. Where there can be
no such copy (one core, other threads, another system) everything is done here, with the same outcome. A copy that
dies costs what its detectors find, which is told.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn, Self

from reviewer.evidence.examined import DetectorResult

LINES = 1_500  # changed lines from which a copy gains more than it costs
ASIDE = frozenset({"rules", "safeguards", "secrets", "hidden"})  # about half of all work, on texts alone
_MOST_FILES = 65_536

Run = Callable[[str], DetectorResult]  # what one detector finds, by its name


class Died(NamedTuple):
    """The copy ended without an answer; `how` says by what."""

    how: str


Outcome = Mapping[str, DetectorResult] | Died


class Copy:
    """A forked process that runs some detectors. Use it as a context: leaving it ends it."""

    def __init__(self, names: Iterable[str], run: Run) -> None:
        """Raises OSError if there can be no further process."""
        source, sink = os.pipe()
        self._pipe = os.fdopen(source, "rb")
        self._over = False
        try:
            self._pid = os.fork()
            if self._pid == 0:
                _answer(sink, tuple(names), run)
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

    def outcome(self) -> Outcome:
        """Wait for its results; raises what a detector raised there."""
        data = self._pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        self._over = True
        if code != 0:
            return Died(f"signal {-code}" if code < 0 else f"exit code {code}")
        said: Mapping[str, DetectorResult] | Exception = pickle.loads(data)  # noqa: S301  from our own process
        if isinstance(said, Exception):
            raise said
        return said


def begin(run: Run) -> Copy | None:
    """Start the detectors that go aside; None where all have to work here."""
    if not possible():
        return None
    try:
        return Copy(sorted(ASIDE), run)
    except OSError:
        return None  # no more processes here


def possible() -> bool:
    """Whether a copy may be made and has a core to run on. With other threads a lock of theirs might stay held in it."""
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        return False
    return len(list(Path("/proc/self/task").iterdir())) == 1


def _answer(sink: int, names: tuple[str, ...], run: Run) -> NoReturn:
    """The copy's whole life. It lets go of all files of the process it was: whoever waits for their end may have it."""
    code = 1
    try:
        # What the other process has left over is for it to end: collected here, it would take that process's children
        # and files along.
        gc.freeze()
        os.closerange(3, sink)
        os.closerange(sink + 1, _MOST_FILES)
        said: dict[str, DetectorResult] | Exception
        try:
            said = {name: run(name) for name in names}
        except Exception as error:  # noqa: BLE001  raised again in the other process
            said = error
        with os.fdopen(sink, "wb") as pipe:
            pickle.dump(said, pipe, pickle.HIGHEST_PROTOCOL)
        code = 0
    finally:
        os._exit(code)
