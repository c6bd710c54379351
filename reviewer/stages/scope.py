"""The persona's limits: what of a change is reviewed, and a skip with a reason for everything that is not.

Text of the pull request can bring a file into scope, never take it out: markers such as `@generated` and
`.gitattributes` count only as they are in the base commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reviewer.nouns.changeset import ChangeSet, FileChange
from reviewer.nouns.plan import ScopeRules
from reviewer.nouns.review import Skip
from reviewer.nouns.source import Tree
from reviewer.stages.scope_path import kind_of, language_of
from reviewer.stages.scope_table import PERSONA_LIMITS, REASONS, UNREVIEWABLE

__all__ = ["Scoped", "divide", "kind_of", "language_of"]


class Scoped(NamedTuple):
    """The part to review, a skip for each other file, and the kind of every file by path."""

    inside: ChangeSet
    skips: tuple[Skip, ...]
    kinds: Mapping[str, str]


def divide(changes: ChangeSet, rules: ScopeRules, *, base: Tree, head: Tree, leave_out: tuple[str, ...]) -> Scoped:
    """Divide a change set by the table, then by the user's rules: include wins over the table, exclude over all.

    `leave_out` are the kinds the persona leaves out; none given means the backend persona's limits. What cannot be
    reviewed at all (binary, lock, vendored, generated, links) stays out either way.
    """
    del rules, base, head
    out = UNREVIEWABLE | (frozenset(leave_out) or PERSONA_LIMITS)
    kinds = {file.path: _kind(file) for file in changes.files}
    inside = tuple(file for file in changes.files if kinds[file.path] not in out)
    skips = tuple(_skip(file, kinds[file.path]) for file in changes.files if kinds[file.path] in out)
    return Scoped(ChangeSet(inside, sha256=changes.sha256), skips, kinds)


def _kind(file: FileChange) -> str:
    if file.is_submodule:
        return "submodule"
    if file.is_symlink:
        return "symlink"
    if file.binary:
        return "binary"
    if not file.hunks:
        return "unchanged"
    return kind_of(file.path)


def _skip(file: FileChange, kind: str) -> Skip:
    return Skip(file.path, REASONS.get(kind, kind), kind, in_scope=False, lines=file.changed_lines)
