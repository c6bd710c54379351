"""What we remember of a pull request between runs. Kept in our own comments, nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.nouns.finding import Acknowledged, Finding, Question


@dataclass(frozen=True, slots=True)
class Remembered:
    """A finding we posted before, and what became of its thread.

    `hunk_print` is the print of the hunk it sat in; the finding cannot be *fixed* while that hunk is unchanged.
    """

    finding: Finding
    hunk_print: str = ""
    thread_id: str = ""
    comment_id: int = 0
    human_replied: bool = False
    resolved: bool = False  # a human closed the thread: taken as an acknowledgement


@dataclass(frozen=True, slots=True)
class Memory:
    """State of earlier runs. Empty for a first run, or where it could not be read or trusted.

    `reviewed` holds prints of hunks (`reviewer.nouns.identity.hunk_print`) that were reviewed and need no
    second look while they do not change: this survives force-pushes, rebases and merges from base.
    `reviewed_files` holds prints of whole files (`file_print`), where prints of hunks would take too much room.
    `prints` are fingerprints of further findings that were posted, where there was no room for more than that; their
    hunks are not among the reviewed ones, so that they are found again and recognised.
    """

    head_sha: str = ""
    reviewed: frozenset[str] = frozenset()
    findings: tuple[Remembered, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    questions: tuple[Question, ...] = ()
    reviewed_files: frozenset[str] = frozenset()
    prints: frozenset[str] = frozenset()

    @property
    def first_run(self) -> bool:
        return not self.head_sha
