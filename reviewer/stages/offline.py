"""Review with no model: the deterministic engine speaks alone, and the report says so."""

from __future__ import annotations

from reviewer.nouns.answered import Answered
from reviewer.nouns.batch import HunkId, Piece
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.signal import Evidence
from reviewer.stages import prints
from reviewer.stages.promote import finding_of, speaks

NOTICE = "No model took part: this review rests on the deterministic rules alone."


def answer(inside: ChangeSet, todo: frozenset[HunkId], evidence: Evidence) -> Answered:
    """Findings of the signals that may speak alone; every hunk of `todo` counts as reviewed.

    Files the engine could not read (`evidence.skips`) are lost, unless a skip says they are out of scope.
    """
    unread = {skip.path for skip in evidence.skips}
    findings = [finding for signal in evidence.signals if speaks(signal) and (finding := finding_of(signal, inside))]
    pieces = tuple(
        Piece(file, hunks)
        for file in inside.files
        if file.path not in unread
        and (hunks := tuple(index for index in range(len(file.hunks)) if (file.path, index) in todo))
    )
    return Answered(
        findings=prints.stamp(findings),
        pieces=pieces,
        lost=tuple(skip for skip in evidence.skips if inside.file(skip.path) is not None),
        notices=(NOTICE,),
    )
