"""What the model needs to see beyond the hunks; small on purpose."""

from __future__ import annotations

from collections.abc import Mapping

from reviewer.nouns.batch import Context, HunkId
from reviewer.nouns.changeset import ChangeSet
from reviewer.nouns.plan import Budget
from reviewer.nouns.source import Tree


def gather(
    inside: ChangeSet, todo: frozenset[HunkId], *, base: Tree, head: Tree, budget: Budget
) -> Mapping[str, tuple[Context, ...]]:
    """Contexts by the path of the file they explain."""
    del inside, todo, base, head, budget
    return {}
