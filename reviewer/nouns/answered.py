"""What the model calls of a run came to, and what it said of the evidence it was given."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from reviewer.nouns.batch import Piece
from reviewer.nouns.finding import Excluded, Finding, Question
from reviewer.nouns.review import Skip, Usage


class SignalVerdict(StrEnum):
    """The model's answer to one signal it was shown."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNSURE = "unsure"


class SignalAnswer(NamedTuple):
    """One answer. `grounded` is True where `quote` is verbatim code the model was shown: only such an answer
    may take a signal out.
    """

    id: str
    verdict: SignalVerdict
    quote: str
    reason: str
    grounded: bool


class Note(NamedTuple):
    """What the model adds to one row of a table of facts. `fact` is the row's id (`stages.facts`)."""

    fact: str
    text: str


class Answered(NamedTuple):
    """All the calls of a run, settled. `pieces` were shown and answered; `lost` is why a review is incomplete."""

    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    pieces: tuple[Piece, ...] = ()
    lost: tuple[Skip, ...] = ()
    summaries: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    usage: Usage = Usage()
    notes: tuple[Note, ...] = ()
