"""The model: which one would be asked, whether it is known, its key, its endpoint, and (online) one tiny call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from urllib import error as url_error
from urllib import request as url_request

from reviewer.asking import NO_KEY
from reviewer.checkup import Check, State
from reviewer.errors import ProviderError, UsageError
from reviewer.nouns.exchange import Block, Purpose, Request
from reviewer.options import KEYS
from reviewer.providers import OFFLINE, connect, default_model, lookup, resolve
from reviewer.providers.models import ModelFacts, Overrides, retirement_notice
from reviewer.settings import Settings
from reviewer.world import World

SECONDS = 10.0  # to find out whether anything answers
CALL_SECONDS = 60.0  # for the one call: a local model may have to be loaded first
_SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}
# As little as may be asked for: the smallest output limit that providers accept, one word in.
_PROBE = Request("probe", Purpose.PROBE, (Block("ok?"),), (Block("ok?"),), "probe", _SCHEMA, max_output_tokens=16)


def checks(settings: Settings, keys: Mapping[str, str], world: World, today: date, *, online: bool) -> Iterator[Check]:
    """Lines for the provider that a review would ask first."""
    try:
        provider = resolve(settings.provider, [*keys])
    except UsageError as error:
        yield Check("provider", State.FAIL, error.message, error.hint)
        return
    if provider == OFFLINE:
        yield _offline(settings)
        return
    facts = lookup(provider, settings.model or default_model(provider), Overrides(context=settings.context_tokens))
    base_url = settings.base_url or world.environment.get(f"{provider.upper()}_BASE_URL", "")
    yield known(facts, today)
    yield key(provider, keys.get(provider, ""), base_url)
    if not keys.get(provider) and not base_url:
        return
    try:
        link = connect(
            provider,
            settings.model,
            key=keys.get(provider) or NO_KEY,
            base_url=base_url,
            timeout=CALL_SECONDS,
            facts=facts,
        )
        yield reach(link.endpoint)
        if online:
            reply = link(_PROBE)
            yield Check(
                "one call", State.OK, f"{reply.model or facts.model} answered, {reply.usage.input_tokens} tokens in"
            )
            link.close()
    except (ProviderError, UsageError) as failure:
        yield Check("one call" if online else "endpoint", State.FAIL, failure.message, failure.hint)
    if not online:
        yield Check("one call", State.OK, "not tried; --online makes one (a few tokens)")


def known(facts: ModelFacts, today: date) -> Check:
    """Whether the model is in our list, and how long it will live."""
    priced = "price known" if facts.prices else "no price known: reports show tokens, no cost"
    found = f"{facts.provider}:{facts.model}, context {facts.context:,} tokens, {priced}"
    if not facts.known:
        return Check(
            "model", State.WARN, f"{found}; the model is not in our list", "Check the name; set context-tokens for it."
        )
    retiring = retirement_notice(facts, today)
    return Check(
        "model",
        State.WARN if retiring else State.OK,
        f"{found}. {retiring}".rstrip(". "),
        retiring and "Name another --model.",
    )


def key(provider: str, value: str, base_url: str) -> Check:
    """Whether a key is set. Its value is never shown."""
    variable = KEYS[provider]
    if value:
        return Check("key", State.OK, f"{variable} is set")
    if base_url:
        return Check("key", State.WARN, f"{variable} is not set", "Fine for a server of your own that asks for none.")
    return Check("key", State.FAIL, f"{variable} is not set", f"Set {variable}, or use --provider {OFFLINE}.")


def reach(url: str) -> Check:
    """Whether anything answers there. Every HTTP status counts: without credentials most endpoints refuse."""
    try:
        opened = url_request.Request(url, method="GET")  # noqa: S310 - the user's own endpoint, checked by `connect`
        with url_request.urlopen(opened, timeout=SECONDS) as answer:  # noqa: S310 - as above
            return Check("endpoint", State.OK, f"{url} answers ({answer.status})")
    except url_error.HTTPError as error:
        error.close()
        return Check("endpoint", State.OK, f"{url} answers ({error.code})")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        return Check(
            "endpoint",
            State.FAIL,
            f"{url} cannot be reached: {reason}",
            "Check the network, HTTPS_PROXY, SSL_CERT_FILE and --base-url (OpenAI style ends in /v1).",
        )


def _offline(settings: Settings) -> Check:
    if settings.provider == OFFLINE:
        return Check("provider", State.OK, "offline: the rules review alone, nothing leaves the machine")
    return Check(
        "provider",
        State.WARN,
        "no model key is set: the rules review alone",
        f"Set {' or '.join(KEYS.values())}, or choose --provider offline to say that you mean it.",
    )
