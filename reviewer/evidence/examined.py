"""What detectors look at and what they answer: the seam every deterministic check plugs into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from reviewer.evidence.parsing import Forest
from reviewer.evidence.repo import RepoFacts
from reviewer.nouns.changeset import ChangeSet, FileChange, Side
from reviewer.nouns.plan import Switches
from reviewer.nouns.review import Deliverable, Skip
from reviewer.nouns.signal import Signal
from reviewer.nouns.source import EmptyTree, Tree

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from reviewer.evidence.contracts.detect import Contract
    from reviewer.evidence.routes.fields import FieldChange
    from reviewer.evidence.routes.read import Routes
    from reviewer.evidence.rule import Rule
    from reviewer.evidence.sql.operation import Operation
    from reviewer.evidence.sql.read import SchemaChange

UserRules = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Text:
    """One version of one file. Lines are split at line feeds only, as the diff's are.

    Where no tree was at hand the text is rebuilt from the hunks alone: `complete` is False, lines outside
    `known` (1-based, half-open ranges) are blank, and nothing may be concluded from what is not there.
    """

    text: str
    language: str = ""
    complete: bool = True
    known: tuple[range, ...] = ()
    forest: Forest = field(default_factory=Forest, compare=False, repr=False)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    def forget(self) -> None:
        """Let go of what was worked out of the text: it takes more room than the text, and is had again if needed."""
        for name in ("lines", "sql"):
            vars(self).pop(name, None)

    @property
    def root(self) -> SgNode | None:
        """The syntax tree, shared by all detectors; None if no grammar of ours reads it."""
        return self.forest.root(self.text, self.language)

    @cached_property
    def sql(self) -> tuple[Operation, ...]:
        """The operations of an SQL text, which is of no path yet; read once for signals, tables and declarations."""
        from reviewer.evidence.sql.ddl import read_all

        return read_all(self.text)

    def knows(self, start: int, end: int) -> bool:
        """Whether lines `start`..`end` (1-based, inclusive) are all known."""
        return self.complete or any(start in span and end in span for span in self.known)

    def quote(self, start: int, end: int) -> str:
        """Lines `start`..`end`, 1-based and inclusive, verbatim."""
        return "\n".join(self.lines[start - 1 : end])


@dataclass(frozen=True)
class ExaminedFile:
    """A changed file with what it was and what it becomes; None on the side where it does not exist.

    `language` is the grammar's name ("" if none: SQL, proto, …). `skipped` says why rules did not read it.
    """

    change: FileChange
    language: str
    base: Text | None
    head: Text | None
    skipped: str = ""

    @property
    def path(self) -> str:
        return self.change.path

    def side(self, side: Side) -> Text | None:
        return self.head if side is Side.RIGHT else self.base

    @cached_property
    def added(self) -> frozenset[int]:
        """Head numbers of added lines."""
        return frozenset(line.new for line in self.change.lines() if line.kind == "+" and line.new)

    @cached_property
    def removed(self) -> frozenset[int]:
        """Base numbers of removed lines."""
        return frozenset(line.old for line in self.change.lines() if line.kind == "-" and line.old)


@dataclass(frozen=True)
class Examined:
    """The whole change as detectors see it. `files` are those in scope; `everything` is the change set unscoped.

    `readings` remembers what single files say, by name and path; `seconds` what work with a limit has taken so far.
    """

    files: tuple[ExaminedFile, ...]
    everything: ChangeSet
    facts: RepoFacts
    base: Tree = field(default_factory=EmptyTree)
    head: Tree = field(default_factory=EmptyTree)
    switches: Switches = field(default_factory=Switches)
    user_rules: UserRules = ()
    sarif: tuple[bytes, ...] = ()
    readings: dict[tuple[str, str], object] = field(default_factory=dict, compare=False, repr=False)
    seconds: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def rules(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules of the languages spoken here, the team's own included, by family; without those switched off."""
        from reviewer.evidence.rulepack import rules_for

        return rules_for(self)

    @cached_property
    def schema_change(self) -> SchemaChange:
        """What the change does to databases: read once, for the detector and the tables."""
        from reviewer.evidence.sql.read import schema_change

        return schema_change(self)

    @cached_property
    def contract_changes(self) -> tuple[Contract, ...]:
        """Changed OpenAPI, GraphQL, protobuf and Avro files with their differences, compared once."""
        from reviewer.evidence.contracts.detect import contracts

        return contracts(self)

    @cached_property
    def route_changes(self) -> Routes:
        """The routes of the changed files and how they differ."""
        from reviewer.evidence.routes.read import route_changes

        return route_changes(self)

    @cached_property
    def field_changes(self) -> tuple[FieldChange, ...]:
        """Changed fields of request and response types."""
        from reviewer.evidence.routes.fields import field_changes

        return field_changes(self)

    def file(self, path: str) -> ExaminedFile | None:
        return next((file for file in self.files if file.path == path), None)


@dataclass(frozen=True)
class DetectorResult:
    """What one detector found. Signals have no id yet (""); the engine sorts, masks and numbers them."""

    signals: tuple[Signal, ...] = ()
    skips: tuple[Skip, ...] = ()
    notices: tuple[str, ...] = ()


Detector = Callable[[Examined], DetectorResult]
Table = Callable[[Examined, tuple[Signal, ...]], Deliverable]  # given the numbered signals, so rows can name them
Detectors = Mapping[str, Detector]
Tables = Mapping[str, Table]
