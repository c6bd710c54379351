"""The way a run asks: provider, fallbacks, limits, and whether exchanges are recorded or replayed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewer.errors import UsageError
from reviewer.nouns.exchange import Provider
from reviewer.nouns.plan import Plan
from reviewer.nouns.progress import Progress
from reviewer.options import KEYS
from reviewer.providers import OFFLINE, connect, default_model, lookup, parse_choice
from reviewer.providers.call import Link
from reviewer.providers.models import Overrides, retirement_notice
from reviewer.providers.pool import Limits, Pool

if TYPE_CHECKING:
    from reviewer.providers.batching import BatchPool
from reviewer.settings import Settings
from reviewer.world import World

# A server of one's own often asks for no key; the SDKs insist on one.
NO_KEY = "no-key"
# What a batch may take by its providers' own words; a run with --batch gets as long, unless --deadline says else.
BATCH_SECONDS = 24 * 3600


def keys_of(world: World) -> dict[str, str]:
    """The model keys that are set, by provider."""
    return {name: key for name, variable in KEYS.items() if (key := world.environment.get(variable, "").strip())}


def pool_for(
    plan: Plan, settings: Settings, options: Mapping[str, Any], world: World, progress: Progress, *, began: float
) -> Pool | BatchPool | None:
    """The pool that answers this plan's requests; None where no model takes part. `began` starts the deadline."""
    if options.get("batch") and not options.get("replay"):
        return _batch_pool(plan, settings, options, world, progress, began=began)
    fallbacks = [parse_choice(text) for text in settings.fallback]
    if plan.provider == OFFLINE:
        return None
    chain = [
        _link(plan.provider, plan.model, settings, options, world, main=True),
        *(
            _link(choice.provider, choice.model, settings, options, world, main=False)
            for choice in fallbacks
            if choice.provider != OFFLINE
        ),
    ]
    limits = Limits(
        concurrency=settings.concurrency,
        call_seconds=min(300.0, settings.deadline),
        deadline=began + settings.deadline,
        max_input_tokens=settings.max_input_tokens,
        max_cost_usd=settings.max_cost_usd,
    )
    return Pool(chain, limits, progress=progress, stop=world.stop, clock=world.now)


def notices_for(plan: Plan, settings: Settings) -> tuple[str, ...]:
    """What a reader must know about who was asked: no key found, or a model that will be shut down."""
    if plan.provider == OFFLINE:
        return (f"No model key is set ({', '.join(KEYS.values())}).",) if settings.provider == "auto" else ()
    retiring = retirement_notice(lookup(plan.provider, plan.model), datetime.now(UTC).date())
    return (retiring,) if retiring else ()


def _link(
    provider: str, model: str, settings: Settings, options: Mapping[str, Any], world: World, *, main: bool
) -> Link:
    facts = lookup(provider, model or default_model(provider), Overrides(context=settings.context_tokens))
    if options.get("replay"):
        from reviewer.providers.record import replay

        return Link(provider, replay(Path(options["replay"])), facts)
    at = _address(provider, settings, world, main=main)
    timeout = min(300.0, settings.deadline)
    aside = world.begun.aside if main else None
    if aside is not None and aside.provider != provider:
        aside = None  # the configuration named another than the arguments let us think
    ask = connect(provider, model, key=at.key, base_url=at.base_url, timeout=timeout, facts=facts, aside=aside)
    return Link(provider, _watched(ask, options, to=ask.endpoint, model=facts.model, key=at.key), facts)


def _batch_pool(
    plan: Plan, settings: Settings, options: Mapping[str, Any], world: World, progress: Progress, *, began: float
) -> BatchPool:
    if plan.provider == OFFLINE:
        raise UsageError("--batch needs a model.", f"Set one of {', '.join(KEYS.values())}, or leave out --batch.")
    from reviewer.providers import batches
    from reviewer.providers.batching import BatchPool, Delivered
    from reviewer.providers.models import batched

    facts = batched(lookup(plan.provider, plan.model, Overrides(context=settings.context_tokens)))
    at = _address(plan.provider, settings, world, main=True)
    api = batches.connect(plan.provider, facts, key=at.key, base_url=at.base_url)
    if settings.fallback:
        world.say("! --batch asks one provider only; --fallback is not used.")
    delivered = Delivered()
    watched = _watched(delivered, options, to=api.url, model=facts.model, key=at.key)
    limits = Limits(
        deadline=began + (settings.deadline if "deadline" in options else BATCH_SECONDS),
        max_input_tokens=settings.max_input_tokens,
        max_cost_usd=settings.max_cost_usd,
    )
    return BatchPool(
        Link(plan.provider, watched, facts),
        api,
        delivered,
        limits,
        progress=progress,
        stop=world.stop,
        clock=world.now,
        secrets=(at.key,),
    )


class _Address(NamedTuple):
    """Where a provider is reached, and with what key. An empty URL is the vendor's own."""

    base_url: str
    key: str


def _address(provider: str, settings: Settings, world: World, *, main: bool) -> _Address:
    base_url = (settings.base_url if main else "") or world.environment.get(f"{provider.upper()}_BASE_URL", "")
    key = keys_of(world).get(provider, "")
    if not key and not base_url:
        raise UsageError(
            f"The provider {provider} needs {KEYS[provider]}.",
            "Set the variable, name an endpoint of your own with --base-url, or use --provider offline.",
        )
    return _Address(base_url, key or NO_KEY)


def _watched(ask: Provider, options: Mapping[str, Any], *, to: str, model: str, key: str) -> Provider:
    """The provider with audit trail and recording round it, where the options ask for them."""
    if options.get("audit"):
        from reviewer.providers.audit import auditing

        ask = auditing(ask, Path(options["audit"]), to=to, model=model)
    if options.get("record"):
        from reviewer.providers.record import recording

        ask = recording(ask, Path(options["record"]), secrets=(key,))
    return ask
