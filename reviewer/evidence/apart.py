"""The engine in a process of its own, at work while this one gathers context and another loads the SDK.

It holds none of the environment's secrets, reads files only through this process, and may die of a hostile file:
that costs its evidence and is told, never the review.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from typing import NamedTuple

from reviewer.child import Child
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.plan import Switches
from reviewer.nouns.review import Skip
from reviewer.nouns.signal import Evidence
from reviewer.nouns.source import Tree

Examination = Callable[[], Evidence]  # waits for the evidence; raises what the engine raised


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
    """One engine process, `reviewer.evidence.worker`, that examines one change. Ends with its child."""

    def __init__(self, child: Child) -> None:
        self._child = child

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
        pipe = self._child.pipe
        try:
            pipe.send(job)
            while True:
                said = pipe.receive()
                if isinstance(said, Evidence):
                    return said
                if isinstance(said, Raised):
                    raise said.error
                tree = head if said.head else base
                pipe.send(tree.paths() if said.paths is None else dict(tree.read_many(said.paths)))
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            return lost(job.changes, self._child.cause_of_death())


def lost(changes: ChangeSet, why: str) -> Evidence:
    """The evidence of an engine that died: every file is told to be without."""
    return Evidence(
        skips=tuple(
            Skip(file.path, "the rule engine died", "rules", True, file.changed_lines) for file in changes.files
        ),
        notices=(f"The deterministic rule engine died ({why}): rules and tables of facts are missing.",),
    )
