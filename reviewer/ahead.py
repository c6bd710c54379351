"""What a review can begin before its change is known: the processes that load the model's SDK and the rule engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewer.options import KEYS

if TYPE_CHECKING:
    from reviewer.evidence.apart import Apart
    from reviewer.providers.aside import Aside


class Begun(NamedTuple):
    """The processes at work for this run; what is None is done in this one."""

    engine: Apart | None = None
    aside: Aside | None = None


@contextmanager
def head_start(command: str, flags: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[Begun]:
    """Begin, if it looks as if a model will be asked; the configuration may still decide otherwise.

    Without a model everything waits for the engine anyway, so that another process would gain nothing.
    """
    provider = _provider(flags, environment)
    if command != "review" or flags.get("dry_run") or flags.get("replay") or not provider:
        yield Begun()
        return
    # Both are under way before anything else is imported: the SDK takes longer than all that we do meanwhile.
    from reviewer.child import Child, without_secrets

    with ExitStack() as stack:
        try:
            asker = None
            if not flags.get("batch"):
                own = without_secrets(environment, keep=f"{provider.upper()}_")
                asker = stack.enter_context(Child("reviewer.providers.asker", own))
                asker.pipe.send(provider)
            engine = stack.enter_context(Child("reviewer.evidence.worker", without_secrets(environment)))
        except OSError:
            yield Begun()  # no more processes here: all is done in this one
            return
        from reviewer.evidence.apart import Apart
        from reviewer.providers.aside import Aside

        yield Begun(Apart(engine), Aside(asker, provider) if asker else None)


def _provider(flags: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """The provider that will be asked, as far as it can be told by now; "" for none."""
    wanted = flags.get("provider") or environment.get("DESIGN_REVIEWER_PROVIDER", "").strip() or "auto"
    if wanted in KEYS:
        return str(wanted)
    with_key = [name for name, variable in KEYS.items() if environment.get(variable, "").strip()]
    return with_key[0] if wanted == "auto" and with_key else ""
