"""From settings to a plan, and to a way of asking."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from reviewer import personas, resources
from reviewer.acquire import own_file
from reviewer.errors import UsageError
from reviewer.hazards import load as load_hazards
from reviewer.nouns.memory import Memory
from reviewer.nouns.persona import Persona
from reviewer.nouns.plan import Budget, Plan
from reviewer.nouns.source import RawChange
from reviewer.providers import OFFLINE, default_model, lookup, resolve
from reviewer.providers.models import Overrides
from reviewer.settings import Settings
from reviewer.stages.language import detect
from reviewer.world import World

MAX_RULE_FILES = 200
MAX_ANSWER = 8_000  # tokens a review call may answer with


def plan_for(
    change: RawChange,
    settings: Settings,
    options: Mapping[str, Any],
    world: World,
    *,
    memory: Memory,
    keys: Mapping[str, str],
) -> Plan:
    """Resolve every choice of a run. `keys` are the model keys that are set, by provider. Raises UsageError."""
    provider = _provider(settings, options, keys)
    model = "" if provider == OFFLINE else settings.model or default_model(provider)
    language = detect(change.text) if settings.language == "auto" else settings.language
    return Plan(
        persona=_persona(settings.persona, language, change, options, world),
        hazards=load_hazards(),
        provider=provider,
        model=model,
        language=language,
        verify=settings.verify,
        scope=settings.scope_rules,
        gate=settings.gate,
        switches=settings.switches,
        budget=_budget(provider, model, settings),
        instructions=settings.path_instructions,
        system_facts=settings.system_facts,
        sarif=tuple(own_file(name, options, "evidence", change, world) for name in options.get("evidence", ())),
        user_rules=_user_rules(settings.rules_folder, change),
        memory=memory,
        full=bool(options.get("full")),
        shard=_shard(options.get("shard", "") or _parallel_job(world)),
    )


def _provider(settings: Settings, options: Mapping[str, Any], keys: Mapping[str, str]) -> str:
    """Who is asked. With `auto` an endpoint of one's own needs no key: its address says which protocol it speaks."""
    if settings.provider != "auto" or keys:
        return resolve(settings.provider, [*keys])
    if settings.base_url:
        return "openai" if settings.base_url.rstrip("/").endswith("/v1") else "anthropic"
    return resolve("auto", ["anthropic"] if options.get("replay") else [])


def _persona(name: str, language: str, change: RawChange, options: Mapping[str, Any], world: World) -> Persona:
    """By flag: a name or a local file. By configuration or action input: a name, or a file of the base commit."""
    folder = resources.prompts() / "personas"
    if name in personas.names(folder):
        return personas.load(name, folder, language)
    by_flag = (
        "persona" in options and options["persona"] != world.environment.get("DESIGN_REVIEWER_PERSONA", "").strip()
    )
    if by_flag:
        return personas.load(str(world.cwd / name) if "/" in name or "." in name else name, folder, language)
    data = (
        own_file(name, {**options, "persona": name}, "persona", change, world)
        if name.startswith("/")
        else change.base.read(name)
    )
    if data is None:
        raise UsageError(
            f"There is no persona {name!r}.",
            f"Name one of {', '.join(personas.names(folder))}, or a file of the base commit.",
        )
    return personas.parse(data, origin="base", fallback_name=PurePosixPath(name).stem)


def _budget(provider: str, model: str, settings: Settings) -> Budget:
    if provider == OFFLINE:
        return Budget()
    facts = lookup(provider, model, Overrides(context=settings.context_tokens))
    return Budget(
        context_tokens=facts.context,
        max_output_tokens=facts.answer_limit(MAX_ANSWER),
        max_input_tokens=settings.max_input_tokens,
        max_cost_usd=settings.max_cost_usd,
    )


def _user_rules(folder: str, change: RawChange) -> tuple[tuple[str, bytes], ...]:
    if not folder:
        return ()
    prefix = folder.strip("/").removeprefix("./") + "/"
    paths = [path for path in change.base.paths() if path.startswith(prefix) and path.endswith((".yml", ".yaml"))]
    if not paths:
        raise UsageError(
            f"rules-folder: the base commit has no rules in {folder}.",
            "Rules are .yml files; they are read from the base commit.",
        )
    if len(paths) > MAX_RULE_FILES:
        raise UsageError(f"rules-folder: {len(paths)} files in {folder}.", f"At most {MAX_RULE_FILES} are read.")
    return tuple(sorted(change.base.read_many(paths).items()))


def _parallel_job(world: World) -> str:
    """The shard of a job that GitLab (or a CI that speaks like it) runs in parallel: its number of so many."""
    number, count = (world.environment.get(name, "") for name in ("CI_NODE_INDEX", "CI_NODE_TOTAL"))
    return f"{number}/{count}" if number and count else "1/1"


def _shard(text: str) -> tuple[int, int]:
    part, slash, whole = text.partition("/")
    if slash and part.isdigit() and whole.isdigit() and 1 <= int(part) <= int(whole) <= 256:
        return int(part), int(whole)
    raise UsageError(f"shard: {text!r} is not I/N.", "For the second of four write 2/4 (at most 256).")
