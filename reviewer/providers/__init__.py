"""The models a review can ask. A provider is one file here and one line in `PROVIDERS`."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple, cast

from reviewer.errors import ProviderError, UsageError
from reviewer.providers.connection import Connection
from reviewer.providers.models import ModelFacts, default_model, lookup

if TYPE_CHECKING:
    from reviewer.providers.aside import Aside

OFFLINE = "offline"

# name -> module:factory, imported when used
PROVIDERS = {
    "anthropic": "reviewer.providers.anthropic_api:connect",
    "openai": "reviewer.providers.openai_api:connect",
}

_SDKS = {
    "anthropic": ("anthropic", "anthropic.resources.messages"),
    "openai": ("openai", "openai.resources.chat.completions"),
}


class Choice(NamedTuple):
    """A provider and a model; an empty model means the provider's default."""

    provider: str
    model: str = ""


def resolve(wanted: str, with_key: Collection[str]) -> str:
    """The provider meant by `wanted`: `auto` is the first registered one whose key is set, else `offline`.

    `with_key` are the names of providers whose key the caller has. Raises UsageError for an unknown name.
    """
    if wanted in PROVIDERS or wanted == OFFLINE:
        return wanted
    if wanted == "auto":
        return next((name for name in PROVIDERS if name in with_key), OFFLINE)
    known = ", ".join(("auto", *PROVIDERS, OFFLINE))
    raise UsageError(f"There is no provider {wanted!r}", f"Known providers: {known}.")


def parse_choice(text: str) -> Choice:
    """`PROVIDER[:MODEL]`, as `--fallback` takes it. Raises UsageError for an unknown provider."""
    name, _, model = text.strip().partition(":")
    if name not in PROVIDERS and name != OFFLINE:
        raise UsageError(
            f"There is no provider {name!r}", f"Write PROVIDER or PROVIDER:MODEL, with {', '.join(PROVIDERS)}."
        )
    return Choice(name, model.strip())


def connect(
    provider: str,
    model: str = "",
    *,
    key: str,
    base_url: str = "",
    timeout: float = 300.0,
    facts: ModelFacts | None = None,
    aside: Aside | None = None,
) -> Connection:
    """A connection to `model` (default: the provider's own). Imports and opens nothing yet: cheap to call.

    `aside` is the process that makes the calls, where one of this provider was started.
    """
    if provider not in PROVIDERS:
        raise UsageError(f"There is no provider {provider!r}", f"Known providers: {', '.join(PROVIDERS)}.")
    factory = PROVIDERS[provider].partition(":")[2]
    made = getattr(importlib.import_module(module_of(provider)), factory)(
        model or default_model(provider), key=key, base_url=base_url, timeout=timeout, facts=facts, aside=aside
    )
    return cast("Connection", made)


def module_of(provider: str) -> str:
    """The name of our module for a provider."""
    return PROVIDERS[provider].partition(":")[0]


def load(provider: str) -> None:
    """Import the provider's SDK. Raises ImportError where it is not whole."""
    for module in _SDKS[provider]:
        importlib.import_module(module)


def warm(provider: str) -> threading.Thread | None:
    """Start importing the provider's SDK in the background, where no process of its own does (see `aside`).

    An import error is not reported here: the first call meets it again and does.
    """
    if provider not in _SDKS:
        return None
    thread = threading.Thread(target=load, args=(provider,), name=f"warm-{provider}", daemon=True)
    thread.start()
    return thread


__all__ = [
    "OFFLINE",
    "PROVIDERS",
    "Choice",
    "Connection",
    "ModelFacts",
    "ProviderError",
    "connect",
    "default_model",
    "load",
    "lookup",
    "module_of",
    "parse_choice",
    "resolve",
    "warm",
]
