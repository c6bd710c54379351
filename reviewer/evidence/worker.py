"""The other end of `apart`: a process that examines one change and ends.

While the change is still on its way it gets ready for whatever may come: that is nearly all a small change takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from reviewer.child import Pipe, to_parent
from reviewer.evidence.apart import Ask, Job, Raised
from reviewer.evidence.engine import examine
from reviewer.evidence.registry import detectors, tables
from reviewer.evidence.rulefile import built_in
from reviewer.evidence.sql.squawk import binary
from reviewer.loading import loading


class PipedTree:
    """A tree that lives in the other process."""

    def __init__(self, pipe: Pipe, *, head: bool) -> None:
        self._pipe = pipe
        self._head = head

    def read(self, path: str) -> bytes | None:
        return self.read_many([path]).get(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        found: Mapping[str, bytes] = self._ask(tuple(paths))
        return found

    def paths(self) -> Sequence[str]:
        found: Sequence[str] = self._ask(None)
        return found

    def _ask(self, paths: tuple[str, ...] | None) -> Any:
        self._pipe.send(Ask(self._head, paths))
        return self._pipe.receive()


def serve(pipe: Pipe) -> None:
    """Examine the one job that comes; what is raised goes back as it is."""
    job: Job = pipe.receive()
    try:
        evidence = examine(
            job.changes,
            everything=job.everything,
            base=PipedTree(pipe, head=False),
            head=PipedTree(pipe, head=True),
            switches=job.switches,
            user_rules=job.user_rules,
            sarif=job.sarif,
        )
    except Exception as error:  # noqa: BLE001  raised again in the other process
        pipe.send(Raised(error))
    else:
        pipe.send(evidence)


def _parser() -> None:
    import_module("sqlglot")


# What changes in different languages need, most wanted first; each step takes a tenth of a second at most.
READY: tuple[Callable[[], object], ...] = (detectors, tables, built_in, binary, _parser)


def get_ready(pipe: Pipe, steps: Sequence[Callable[[], object]] = READY) -> None:
    """Take steps until the job is there; what is left is done when it is needed."""
    for step in steps:
        if pipe.waiting():
            return
        step()


def main() -> None:
    """Get ready, then examine the job."""
    pipe = to_parent()
    with loading():
        get_ready(pipe)
    try:
        serve(pipe)
    except (EOFError, BrokenPipeError):
        return  # nobody waits for us any more
    finally:
        pipe.close()
