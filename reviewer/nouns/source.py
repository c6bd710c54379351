"""What a source hands over: the raw diff, the words around it, and read-only views of base and head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from reviewer.nouns.review import Skip, Target


class Tree(Protocol):
    """Read-only files of one commit (or work tree). Never follows a link out, never runs anything."""

    def read(self, path: str) -> bytes | None:
        """The content of a regular file, or None if it is absent, too large, a link or not reachable."""
        ...

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Several files at once (one request where the tree is remote); missing ones are left out."""
        ...

    def paths(self) -> Sequence[str]:
        """All file paths, sorted; empty if the tree cannot be listed."""
        ...


@runtime_checkable
class Searchable(Protocol):
    """A tree that can be searched without handing over its files (one that lies on this machine)."""

    def holding(self, words: Iterable[str]) -> Sequence[str]:
        """Paths of text files that hold one of these whole words, sorted; empty where the search fails."""
        ...

    def defining(self, names: Iterable[str]) -> Sequence[str]:
        """Paths of files with a line that looks like a definition of one of these names; as `holding` otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class EmptyTree:
    """A tree nothing is known of (a bare diff on standard input)."""

    def read(self, path: str) -> bytes | None:
        del path
        return None

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        del paths
        return {}

    def paths(self) -> Sequence[str]:
        return ()


@dataclass(frozen=True, slots=True)
class ChangeText:
    """What the author wrote about the change. Untrusted, like everything in it."""

    title: str = ""
    body: str = ""
    branch: str = ""
    commits: tuple[str, ...] = ()
    author: str = ""


@dataclass(frozen=True, slots=True)
class RawChange:
    """A change as acquired. `diff` is git's unified diff (extended headers included), as bytes.

    `base` is also where configuration, personas, rules and .gitattributes are read from, never `head`.
    `skips` are files the source could not deliver whole (no patch, too large), with the reason.
    """

    target: Target
    diff: bytes
    base: Tree = field(default_factory=EmptyTree)
    head: Tree = field(default_factory=EmptyTree)
    text: ChangeText = field(default_factory=ChangeText)
    skips: tuple[Skip, ...] = ()
    notices: tuple[str, ...] = ()
