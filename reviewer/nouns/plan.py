"""The plan of a run: every choice resolved, so that stages take plain values and nothing ambient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.hazard import Hazard
from reviewer.nouns.memory import Memory
from reviewer.nouns.persona import Persona


@dataclass(frozen=True, slots=True)
class ScopeRules:
    """The user's say on what is reviewed, as gitignore-style patterns; applied after the built-in table."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathGate:
    """A severity floor for paths (gitignore-style patterns) and, if given, one category."""

    patterns: tuple[str, ...]
    min_severity: Severity
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """What is posted: floors by severity and confidence, per category and per path; how many inline."""

    min_severity: Severity = Severity.LOW
    min_confidence: Confidence = Confidence.LOW
    categories: Mapping[Category, Severity] = field(default_factory=dict)
    paths: tuple[PathGate, ...] = ()
    max_findings: int = 0  # inline comments a review; 0 means no limit of ours


@dataclass(frozen=True, slots=True)
class Switches:
    """Hazards and rules turned off or given another severity, by id, and what decides whether some of them speak.

    `system` is what the maintainers say of their system: a lock on a table they call large is worth a comment.
    """

    off: frozenset[str] = frozenset()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    system: str = ""


@dataclass(frozen=True, slots=True)
class PathInstruction:
    """A team's own instruction for paths, from the base commit's configuration."""

    patterns: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a run. Tokens are estimates until the provider counts; 0 means no limit."""

    context_tokens: int = 200_000  # the model's window
    max_output_tokens: int = 8_000
    max_input_tokens: int = 0
    max_cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """All a review needs besides the change and a way to ask."""

    persona: Persona
    hazards: tuple[Hazard, ...]
    provider: str = "offline"
    model: str = ""
    language: str = "en"  # en | pt-BR | any name of a language
    verify: str = "on"  # off | on | deep
    scope: ScopeRules = field(default_factory=ScopeRules)
    gate: Gate = field(default_factory=Gate)
    switches: Switches = field(default_factory=Switches)
    budget: Budget = field(default_factory=Budget)
    instructions: tuple[PathInstruction, ...] = ()
    system_facts: str = ""
    sarif: tuple[bytes, ...] = ()  # reports of other scanners the user hands in
    user_rules: tuple[tuple[str, bytes], ...] = ()  # (file name, YAML) from the base commit
    memory: Memory = field(default_factory=Memory)
    full: bool = False
    shard: tuple[int, int] = (1, 1)
