"""Settings: defaults < configuration file < environment (action inputs) < flags, validated once.

The file is `.github/design-reviewer.yml`, read from the base commit. Keys are those of `reviewer.options` that are
settings, and the structured ones below. Unknown keys are refused with the nearest known name and the line.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from reviewer.errors import UsageError
from reviewer.nouns.finding import Category, Confidence, Severity
from reviewer.nouns.plan import Gate, PathGate, PathInstruction, ScopeRules, Switches
from reviewer.options import REVIEW, Option

CONFIG_PATH = ".github/design-reviewer.yml"
MAX_CONFIG_BYTES = 200_000
MAX_DEPTH = 30
MAX_BRACKETS = 1_000  # the parser takes quadratic time for nested ones


def _switch(value: object) -> object:
    """YAML 1.1 reads `off` and `on` as booleans; here they are the words people meant."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


Level = Annotated[Literal["off", "low", "medium", "high", "critical"], BeforeValidator(_switch)]


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_kebab, validate_by_name=True)


class Scope(_Part):
    """What is reviewed. Patterns are gitignore's; they apply after the built-in table."""

    include: tuple[str, ...] = Field(
        default=(), description="Review these although the built-in table leaves them out."
    )
    exclude: tuple[str, ...] = Field(default=(), description="Never review these; they are listed as skipped.")


class GatePath(_Part):
    """A severity floor for some paths."""

    paths: tuple[str, ...] = Field(description="gitignore-style patterns.")
    min_severity: Severity = Field(description="Findings below this are not posted there.")
    category: Category | None = Field(default=None, description="Only for this category.")


class Gates(_Part):
    """Severity floors finer than `min-severity`."""

    categories: dict[Category, Severity] = Field(default_factory=dict, description="A floor for each category.")
    paths: tuple[GatePath, ...] = Field(default=(), description="Floors for paths; the first that fits counts.")


class Instruction(_Part):
    """What your team wants looked at in some paths."""

    paths: tuple[str, ...] = Field(description="gitignore-style patterns.")
    text: str = Field(max_length=4_000, description="Given to the model as your team's instruction.")


class Triggers(_Part):
    """Which pull requests are reviewed automatically. What is left out says so in the job log."""

    drafts: bool = Field(default=True, description="Review drafts too.")
    bots: bool = Field(default=True, description="Review pull requests opened by bots too.")
    skip_labels: tuple[str, ...] = Field(
        default=(), description="Do not review a pull request with one of these labels."
    )
    require_label: str = Field(
        default="", description="Review only with this label (a gate for outside contributions)."
    )
    skip_authors: tuple[str, ...] = Field(default=(), description="Do not review pull requests of these accounts.")
    skip_paths: tuple[str, ...] = Field(
        default=(), description="Do not review if every changed file matches these patterns."
    )
    associations: tuple[str, ...] = Field(
        default=(),
        description="Review only authors with these associations (OWNER, MEMBER, COLLABORATOR, CONTRIBUTOR, …).",
    )


class Settings(_Part):
    """Everything that can be configured."""

    provider: Literal["auto", "anthropic", "openai", "offline"] = "auto"
    model: str = ""
    base_url: str = ""
    fallback: tuple[str, ...] = ()
    context_tokens: int = Field(default=0, ge=0, le=10_000_000)
    persona: str = "backend-architect"
    language: str = Field(default="en", max_length=40, pattern=r"^[A-Za-zÀ-ÿ][\wÀ-ÿ ()-]*$")
    verify: Annotated[Literal["off", "on", "deep"], BeforeValidator(_switch)] = "on"
    min_severity: Severity = Severity.LOW
    min_confidence: Confidence = Confidence.LOW
    max_findings: int = Field(default=0, ge=0, le=1_000)
    max_cost_usd: float = Field(default=0.0, ge=0)
    max_input_tokens: int = Field(default=0, ge=0)
    deadline: int = Field(default=900, ge=5, le=48 * 3600)
    concurrency: int = Field(default=8, ge=1, le=64)
    check_run: bool = False
    fail_on: Literal["", "never", "low", "medium", "high", "critical"] = ""
    on_incomplete: Literal["fail", "warn"] = "fail"
    scope: Scope = Field(default=Scope(), description="What is reviewed and what is left out.")
    gates: Gates = Field(default=Gates(), description="Severity floors by category and path.")
    hazards: dict[str, Level] = Field(default_factory=dict, description="Hazards off, or with another severity, by id.")
    rules: dict[str, Level] = Field(default_factory=dict, description="Rules off, or with another severity, by id.")
    rules_folder: str = Field(default="", description="A folder of your own rules, read from the base commit.")
    instructions: tuple[Instruction, ...] = Field(default=(), description="Your team's instructions for paths.")
    system: str | dict[str, Any] = Field(
        "",
        description="Facts about your system (table sizes, public contracts, tiers, PII columns, SLOs, queue semantics): given to the model, and they decide what rules post.",
    )
    triggers: Triggers = Field(default=Triggers(), description="Which pull requests are reviewed automatically.")
    identity: str = Field(
        default="", description="The account we post as, if it cannot be found out (a GitHub App's name[bot])."
    )
    commands: bool = Field(default=True, description="Answer /review, /ack, /explain and /ask in comments.")

    @field_validator("fallback", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return value.split() if isinstance(value, str) else value

    @property
    def scope_rules(self) -> ScopeRules:
        return ScopeRules(self.scope.include, self.scope.exclude)

    @property
    def gate(self) -> Gate:
        paths = tuple(PathGate(gate.paths, gate.min_severity, gate.category) for gate in self.gates.paths)
        return Gate(self.min_severity, self.min_confidence, self.gates.categories, paths, self.max_findings)

    @property
    def switches(self) -> Switches:
        levels = {**self.hazards, **self.rules}
        return Switches(
            off=frozenset(id_ for id_, level in levels.items() if level == "off"),
            severity={id_: Severity(level) for id_, level in levels.items() if level != "off"},
            system=self.system_facts,
        )

    @property
    def path_instructions(self) -> tuple[PathInstruction, ...]:
        return tuple(PathInstruction(item.paths, item.text) for item in self.instructions)

    @property
    def system_facts(self) -> str:
        """The system facts as text (a mapping is written out as YAML)."""
        if isinstance(self.system, str):
            return self.system.strip()
        import yaml

        return yaml.safe_dump(self.system, sort_keys=False, allow_unicode=True).strip()


def load(config: bytes | None, config_name: str, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Lay the layers over each other and validate them. `flags` holds only what was given on the command line.

    Raises UsageError that names the layer, the key and, in the file, the line.
    """
    from_file = _read(config, config_name) if config else {}
    from_environment = {
        option.name: value for option in REVIEW if option.setting and (value := environment.get(option.env, "").strip())
    }
    from_flags = {option.name: flags[option.dest] for option in REVIEW if option.setting and option.dest in flags}
    for layer, values in ((config_name, from_file), ("the environment", from_environment), ("the options", from_flags)):
        _check(values, layer, config or b"")
    return Settings.model_validate({**from_file, **from_environment, **from_flags})


def _read(config: bytes, name: str) -> dict[str, Any]:
    import yaml

    if len(config) > MAX_CONFIG_BYTES:
        raise UsageError(f"{name} is {len(config):,} bytes long.", f"Keep it under {MAX_CONFIG_BYTES:,} bytes.")
    if config.count(b"[") + config.count(b"{") > MAX_BRACKETS:
        raise UsageError(f"{name} is nested in more than {MAX_BRACKETS} brackets.", "See docs/configuration.md.")
    try:
        _bounded(yaml.parse(config, Loader=yaml.SafeLoader), name)
        loaded = yaml.safe_load(config)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        problem = getattr(error, "problem", None) or type(error).__name__
        raise UsageError(
            f"{name}{line} is not valid YAML: {problem}.", "See docs/configuration.md for an example."
        ) from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        raise UsageError(f"{name} is not a list of `key: value` lines.", "See docs/configuration.md for an example.")
    return loaded


def _bounded(events: Iterator[Any], name: str) -> None:
    """Refuse what can fill the memory or take minutes to parse: aliases, and nesting no person would write."""
    import yaml

    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise UsageError(
                f"{name} uses YAML aliases.", "Write the values out: aliases can be made to fill the memory."
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise UsageError(f"{name} is nested more than {MAX_DEPTH} levels deep.", "See docs/configuration.md.")


def _check(values: dict[str, Any], layer: str, config: bytes) -> None:
    """Validate one layer alone, so that the message can say where the mistake is."""
    try:
        Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        path = [str(part) for part in first["loc"]]
        line = _line_of(path, config) if config and layer not in ("the environment", "the options") else 0
        where = f"{layer}{f', line {line}' if line else ''}"
        if first["type"] == "extra_forbidden":
            raise UsageError(f"{where}: there is no setting {'.'.join(path)!r}.", _nearest(path)) from error
        raise UsageError(
            f"{where}: {'.'.join(path)}: {first['msg']} (given: {first['input']!r:.80}).", _help(path[0])
        ) from error


def _nearest(path: list[str]) -> str:
    model: type[BaseModel] = Settings
    for part in path[:-1]:
        field = next((f for name, f in model.model_fields.items() if _kebab(name) == part), None)
        if field is not None and isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            model = field.annotation
    known = [_kebab(name) for name in model.model_fields]
    close = difflib.get_close_matches(path[-1].replace("_", "-"), known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]!r}?" if close else f"Known here: {', '.join(sorted(known))}."


def _help(key: str) -> str:
    option: Option | None = next((item for item in REVIEW if item.name == key), None)
    if option is None:
        return "See docs/configuration.md."
    choices = f" One of: {', '.join(option.choices)}." if option.choices else ""
    return f"{option.name}: {option.help}.{choices}"


def _line_of(path: list[str], config: bytes) -> int:
    """The 1-based line of a key in the file, 0 if it cannot be told."""
    import yaml

    node = yaml.compose(config, Loader=yaml.SafeLoader)
    line = 0
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
    return line
