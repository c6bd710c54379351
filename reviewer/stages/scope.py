"""The persona's limits: what of a change is reviewed, and a skip with a reason for everything that is not.

Text of the pull request can bring a file into scope, never take it out: markers such as `@generated` and
`.gitattributes` count only as they are in the base commit, and a file renamed into a folder that is out of scope
stays in if it was in before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from reviewer.nouns.changeset import ChangeSet, FileChange, FileStatus
from reviewer.nouns.plan import ScopeRules
from reviewer.nouns.review import Skip
from reviewer.nouns.source import Tree
from reviewer.stages import scope_attributes, scope_probes
from reviewer.stages.scope_path import extension, kind_of, language_of
from reviewer.stages.scope_rules import Say
from reviewer.stages.scope_table import PERSONA_LIMITS, UNREVIEWABLE, WITHOUT_LINES, table

__all__ = ["Scoped", "divide", "kind_of", "language_of"]

_SCRIPTS = frozenset({"js", "mjs", "cjs", "ts", "mts", "cts"})
_COMPONENTS = frozenset({"tsx", "jsx"})
_STRUCTURED = frozenset({"yaml", "yml", "json"})
_BACKEND = frozenset({"source", "contract", "migration", "data", "config"})


class Scoped(NamedTuple):
    """The part to review, a skip for everything else, and the kind of every file by path."""

    inside: ChangeSet
    skips: tuple[Skip, ...]
    kinds: Mapping[str, str]


class _Texts(NamedTuple):
    """Base and head text of files, as far as the trees have them."""

    base: Mapping[str, bytes]
    head: Mapping[str, bytes]
    attributes: tuple[scope_attributes.Attribute, ...]

    def old(self, file: FileChange) -> str | None:
        content = self.base.get(file.old_path or "")
        return None if content is None else content.decode("utf-8", "replace")

    def new(self, file: FileChange) -> str:
        """The head text, or what the hunks show of it."""
        content = self.head.get(file.path)
        if content is not None:
            return content.decode("utf-8", "replace")
        return "\n".join(line.text for line in file.lines() if line.kind != "-")


def divide(changes: ChangeSet, rules: ScopeRules, *, base: Tree, head: Tree, leave_out: tuple[str, ...]) -> Scoped:
    """Divide a change set by the table, the probes, then the user's rules: include wins over both, exclude over all.

    `leave_out` are the kinds the persona leaves out; none given means the backend persona's limits. What cannot be
    reviewed at all (binary, lock, vendored, generated, links) stays out either way. Reads `base` and `head` once each.
    """
    say = Say(rules)
    out = UNREVIEWABLE | (frozenset(leave_out) or PERSONA_LIMITS)
    texts = _read(changes, base, head)
    kinds: dict[str, str] = {}
    inside: list[FileChange] = []
    skips: list[Skip] = []
    for file in changes.files:
        kind = _kind(file, texts)
        forced = kind not in WITHOUT_LINES and say.includes(file.path)
        if say.excludes(file.path):
            kind = "excluded"
        elif kind == "frontend" and kind in out and not forced and extension(file.path) in _COMPONENTS:
            kept = scope_probes.server_hunks(file, texts.new(file), texts.old(file))
            if kept:
                part, skip = _split(file, kept)
                inside.append(part)
                skips += skip
                kinds[file.path] = "source"
                continue
        kinds[file.path] = kind
        if kind in out and (kind == "excluded" or not forced):
            skips.append(Skip(file.path, _reason(file, kind), kind, in_scope=False, lines=file.changed_lines))
        else:
            inside.append(file)
    return Scoped(ChangeSet(tuple(inside), sha256=changes.sha256), tuple(skips), kinds)


def _read(changes: ChangeSet, base: Tree, head: Tree) -> _Texts:
    """All the text the probes will want, one request a tree."""
    texts = [file for file in changes.files if file.hunks and not file.binary]
    wanted = [file for file in texts if file.old_path and kind_of(file.path) not in UNREVIEWABLE]
    attributes = scope_attributes.candidates(file.path for file in texts)
    old = base.read_many((*attributes, *(file.old_path or "" for file in wanted)))
    probed = _SCRIPTS | _COMPONENTS | _STRUCTURED
    new = head.read_many([file.path for file in texts if extension(file.path) in probed and file.new_mode != "160000"])
    return _Texts(old, new, scope_attributes.read({path: old[path] for path in attributes if path in old}))


def _kind(file: FileChange, texts: _Texts) -> str:
    """The kind of a file: its nature, then attributes in base, the table, and what its text tells."""
    nature = _nature(file)
    if nature:
        return nature
    marks = scope_attributes.marks(texts.attributes, file.path)
    if marks.kind:
        return marks.kind
    kind = _by_path(file)
    if kind in marks.never:
        kind = "source" if language_of(file.path) else "other"
    if kind in UNREVIEWABLE:
        return kind
    if scope_probes.marked_generated(file, texts.old(file)):
        return "generated"
    return _by_text(file, kind, texts)


def _nature(file: FileChange) -> str:
    if file.is_submodule:
        return "submodule"
    if file.is_symlink and file.status is not FileStatus.TYPE_CHANGED:
        return "symlink"
    if file.binary or scope_probes.is_lfs(file):
        return "binary"
    return "" if file.changed_lines else "unchanged"


def _by_path(file: FileChange) -> str:
    """The table's kind; the old path's if a rename would take a backend file out of sight."""
    kind = kind_of(file.path)
    if file.status is FileStatus.RENAMED and file.old_path and kind not in _BACKEND:
        before = kind_of(file.old_path)
        return before if before in _BACKEND else kind
    return kind


def _by_text(file: FileChange, kind: str, texts: _Texts) -> str:
    ext = extension(file.path)
    if ext in _STRUCTURED and kind in {"other", "docs", "config", "frontend"}:
        return "contract" if scope_probes.is_contract(texts.new(file)) else kind
    if ext not in _SCRIPTS:
        return kind
    if kind == "frontend" and not file.path.endswith((".config.js", ".config.ts", ".config.mjs")):
        return "source" if scope_probes.is_server(texts.new(file)) else kind
    if kind == "source":
        old = texts.old(file)  # what takes a file out of scope has to have been there before
        text = old if old is not None else texts.new(file)
        return "frontend" if scope_probes.is_browser(text) else kind
    return kind


def _split(file: FileChange, kept: frozenset[int]) -> tuple[FileChange, list[Skip]]:
    """A mixed file cut in two: the hunks that do server work, and a skip for the others."""
    out = [hunk for index, hunk in enumerate(file.hunks) if index not in kept]
    part = replace(file, hunks=tuple(hunk for index, hunk in enumerate(file.hunks) if index in kept))
    lines = sum(hunk.changed_lines for hunk in out)
    reason = f"{len(out)} of {len(file.hunks)} hunks: {table().reason('frontend')}"
    return part, [Skip(file.path, reason, "frontend", in_scope=False, lines=lines)] if out else []


def _reason(file: FileChange, kind: str) -> str:
    reason = table().reason(kind)
    if kind == "unchanged":
        what = [file.status.value] if file.status is not FileStatus.MODIFIED else []
        if file.old_mode and file.new_mode and file.old_mode != file.new_mode:
            what.append(f"mode {file.old_mode} to {file.new_mode}")
        return f"{reason} ({', '.join(what)})" if what else reason
    if kind == "binary" and not file.binary:
        return f"{reason} (Git LFS pointer)"
    return reason
