"""The engine in a process of its own, at work while this one loads an SDK and gathers context.

Threads of one Python process take turns; two processes use two cores. The other process holds none of the
environment's secrets, reads files only through this one, and may die of a hostile file: that costs its evidence and
is told, never the review.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import IO, NamedTuple, Self

from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.plan import Switches
from reviewer.nouns.review import Skip
from reviewer.nouns.signal import Evidence
from reviewer.nouns.source import Tree

Examination = Callable[[], Evidence]  # waits for the evidence; raises what the engine raised

_SECRET = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")
# The path of modules is handed over as it is here: where we were started from decides nothing anew.
_START = "import sys; sys.path[:] = sys.argv[1:]; from reviewer.evidence.worker import main; main()"


class Job(NamedTuple):
    """What the engine is asked, without the trees: those it asks for, file by file."""

    changes: ChangeSet
    everything: ChangeSet
    switches: Switches
    user_rules: tuple[tuple[str, bytes], ...]
    sarif: tuple[bytes, ...]


class Ask(NamedTuple):
    """The engine's wish to see files of a tree; `paths` None asks for the list of all."""

    head: bool
    paths: tuple[str, ...] | None


class Raised(NamedTuple):
    """What the engine raised."""

    error: Exception


class Apart:
    """One engine process, started at once, that examines one change. Use it as a context: leaving it ends it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Raises OSError if no process can be started."""
        self._process = subprocess.Popen(  # noqa: S603  this very interpreter, and a text of ours
            [sys.executable, *(f"-W{option}" for option in sys.warnoptions), "-I", "-c", _START, *sys.path],
            env={name: value for name, value in environment.items() if not any(word in name for word in _SECRET)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def __call__(
        self,
        changes: ChangeSet,
        *,
        everything: ChangeSet,
        base: Tree,
        head: Tree,
        switches: Switches,
        user_rules: tuple[tuple[str, bytes], ...] = (),
        sarif: tuple[bytes, ...] = (),
    ) -> Examination:
        """Hand the change over; the trees are read for the engine meanwhile, so they must be safe across threads."""
        job = Job(changes, everything, switches, user_rules, sarif)
        outcome: list[Evidence | Exception] = []

        def work() -> None:
            try:
                outcome.append(self._serve(job, base, head))
            except Exception as error:  # noqa: BLE001  raised again where the evidence is wanted
                outcome.append(error)

        thread = threading.Thread(target=work, name="evidence", daemon=True)
        thread.start()

        def ended() -> Evidence:
            thread.join()
            if isinstance(outcome[0], Exception):
                raise outcome[0]
            return outcome[0]

        return ended

    def _serve(self, job: Job, base: Tree, head: Tree) -> Evidence:
        """Give the job, answer what is asked, until the evidence comes or the process is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            _send(self._process.stdin, job)
            while True:
                said = pickle.load(self._process.stdout)  # noqa: S301  from our own process
                if isinstance(said, Evidence):
                    return said
                if isinstance(said, Raised):
                    raise said.error
                tree = head if said.head else base
                _send(self._process.stdin, tree.paths() if said.paths is None else dict(tree.read_many(said.paths)))
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            return lost(job.changes, self._process.wait())


def _send(pipe: IO[bytes], value: object) -> None:
    pipe.write(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
    pipe.flush()


def lost(changes: ChangeSet, code: int) -> Evidence:
    """The evidence of an engine that died: every file is told to be without."""
    why = f"signal {-code}" if code < 0 else f"exit code {code}"
    return Evidence(
        skips=tuple(
            Skip(file.path, "the rule engine died", "rules", True, file.changed_lines) for file in changes.files
        ),
        notices=(f"The deterministic rule engine died ({why}): rules and tables of facts are missing.",),
    )
