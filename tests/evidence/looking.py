"""A change as detectors see it, from two sets of files."""

from __future__ import annotations

from collections.abc import Mapping

from reviewer.evidence.engine import look
from reviewer.evidence.examined import Examined
from reviewer.nouns.plan import Switches
from reviewer.nouns.source import EmptyTree
from tests.stages.trees import CountingTree, changes


def looked(base: Mapping[str, str], head: Mapping[str, str], *, trees: bool = True, system: str = "") -> Examined:
    """`head` holds every file that stays; a path only in `base` is deleted. Without trees only hunks are known."""
    change = changes(base, head)
    switches = Switches(system=system)
    if not trees:
        return look(change, everything=change, base=EmptyTree(), head=EmptyTree(), switches=switches)
    return look(change, everything=change, base=CountingTree(base), head=CountingTree(head), switches=switches)


def added(path: str, text: str, **others: str) -> Examined:
    """One new file in a repository that holds `others` (`requirements_txt` stands for `requirements.txt`)."""
    base = {
        name.replace("__", "/").replace("_txt", ".txt").replace("_py", ".py"): value for name, value in others.items()
    }
    return looked(base, {**base, path: text})
