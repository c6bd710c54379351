"""A persona: whose eyes the change is read with. `body` is the system prompt, verbatim."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Persona:
    """An agent file: YAML front matter (unknown keys ignored) and a body. `sha256` is of the body."""

    name: str
    description: str
    category: str
    body: str
    sha256: str
    origin: str = "package"  # package | base | path
    language: str = ""
    scope_exclude: tuple[str, ...] = ()  # our optional limits: scope kinds this persona leaves out
    focus: tuple[str, ...] = ()  # our optional limits: categories in order of interest
