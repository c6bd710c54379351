"""What a review begins before it imports anything else: processes that load the SDK and the engine, calls to GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewer.options import KEYS

if TYPE_CHECKING:
    from concurrent.futures import Future

    from reviewer.arriving import Arrived
    from reviewer.child import Child
    from reviewer.evidence.apart import Apart
    from reviewer.providers.aside import Aside
    from reviewer.world import World


class Begun(NamedTuple):
    """What is at work for this run: processes (what is None is done in this one), and a pull request on its way."""

    engine: Apart | None = None
    aside: Aside | None = None
    arriving: Future[Arrived] | None = None


class _Children(NamedTuple):
    """The processes at work for a provider; no `asker` where its batch API will be asked."""

    provider: str
    engine: Child
    asker: Child | None


@contextmanager
def head_start(command: str, flags: Mapping[str, Any], world: World) -> Iterator[Begun]:
    """Begin what a review will need, as far as it can be told by now; the configuration may still decide otherwise.

    Raises UsageError for options that make no sense.
    """
    if command != "review" or flags.get("replay"):
        yield Begun()
        return
    with ExitStack() as stack:
        children = _children(flags, world.environment, stack)
        arriving = _arriving(flags, world)
        if children is None:
            yield Begun(arriving=arriving)
            return
        from reviewer.evidence.apart import Apart
        from reviewer.providers.aside import Aside

        aside = Aside(children.asker, children.provider) if children.asker else None
        yield Begun(Apart(children.engine), aside, arriving)


def _children(flags: Mapping[str, Any], environment: Mapping[str, str], stack: ExitStack) -> _Children | None:
    """The SDK's and the engine's processes, if it looks as if a model will be asked.

    Without a model everything waits for the engine anyway, so that another process would gain nothing.
    """
    provider = _provider(flags, environment)
    if flags.get("dry_run") or not provider:
        return None
    from reviewer.child import Child, without_secrets

    try:
        asker = None
        if not flags.get("batch"):
            own = without_secrets(environment, keep=f"{provider.upper()}_")
            asker = stack.enter_context(Child("reviewer.providers.asker", own))
            asker.pipe.send(provider)
        return _Children(
            provider, stack.enter_context(Child("reviewer.evidence.worker", without_secrets(environment))), asker
        )
    except OSError:
        return None  # no more processes here: all is done in this one


def _arriving(flags: Mapping[str, Any], world: World) -> Future[Arrived] | None:
    """The pull request, if one is meant. Its first calls are out before the rest of this process is imported."""
    from reviewer.targets import options_of, target_of

    options = options_of(flags, world)
    if target_of(options, world) not in ("pr", "event"):
        return None
    from reviewer import arriving
    from reviewer.github import warm
    from reviewer.loading import loading

    with loading():
        warm()
    return arriving.begin(options, world)


def _provider(flags: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """The provider that will be asked, as far as it can be told by now; "" for none."""
    wanted = flags.get("provider") or environment.get("DESIGN_REVIEWER_PROVIDER", "").strip() or "auto"
    if wanted in KEYS:
        return str(wanted)
    with_key = [name for name, variable in KEYS.items() if environment.get(variable, "").strip()]
    return with_key[0] if wanted == "auto" and with_key else ""
