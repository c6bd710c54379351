"""Tell when a change speaks to its reviewer. A model that read it may be under its spell: what rules saw then stands.

Found by words and by characters nobody sees, so it misses the subtle. It is the second line: the first is that
nothing a model says is carried out, and that a rule's finding can only be refuted with code.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewer.evidence.hidden import HAZARDS, speaks_to_a_reviewer
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.signal import Evidence
from reviewer.nouns.source import ChangeText


class Spell(NamedTuple):
    """`firm`: a model's word takes no rule's finding out, nor makes it milder. `notices` say why to the reader."""

    firm: bool
    notices: tuple[str, ...]


def spell(evidence: Evidence, everything: ChangeSet, text: ChangeText) -> Spell:
    """Look through the code (by its signals), the names of files and the author's words."""
    places = {
        "title": text.title,
        "description": text.body,
        "branch name": text.branch,
        "commit messages": "\n".join(text.commits),
        "file names": "\n".join(file.path for file in everything.files),
    }
    spoken = [name for name, words in places.items() if speaks_to_a_reviewer(words)]
    in_code = any(signal.hazard in HAZARDS for signal in evidence.signals)
    notices = [
        f"Text addressed to the reviewer, or characters nobody sees, in the {' and the '.join(spoken)}: not followed."
    ]
    if in_code or spoken:
        notices.append("The change speaks to its reviewer: no finding of a rule was dropped on the model's word.")
    return Spell(in_code or bool(spoken), tuple(notices[0 if spoken else 1 :]))
