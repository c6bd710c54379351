"""The Python API: `from reviewer import review`. Everything is a parameter; no environment is read."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from reviewer.acquire import local_change, settings_for
from reviewer.errors import UsageError
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import Review
from reviewer.options import KEYS, REVIEW
from reviewer.providers import OFFLINE
from reviewer.world import World

_OURS = {option.dest for option in REVIEW if option.group in ("model", "review", "limits")}


def review(
    diff: bytes | str | None = None,
    *,
    repo: str | Path | None = None,
    range: str = "",  # noqa: A002 - the word of the command line
    staged: bool = False,
    provider: str = OFFLINE,
    api_key: str = "",
    **options: str | float | bool | list[str],
) -> Review:
    """Review one change and return the `Review` that reports are made from (fields as in docs/review.schema.json).

    The change is a unified `diff`, or what `range` ("A...B"), `staged` or (none of them) the work tree of `repo` holds.
    With a `diff`, `repo` is optional: it is where the reviewer looks up what the changed code calls.
    `provider` is `offline`, `anthropic` or `openai`; the latter two need `api_key`, or a `base_url` of your own.
    `options` are those of the command line in groups model, review and limits, with underscores: `model`, `base_url`,
    `persona`, `language`, `min_severity`, `max_cost_usd`, `deadline`, ... The configuration file is read as there.

    Raises UsageError for what cannot be meant, SourceError where the change cannot be read. A provider that fails
    raises nothing: `verdict` is then `incomplete`, and `skips` say what was not reviewed.
    """
    from reviewer.commands.review import review_change

    given = _options(diff, repo, range, provider, staged=staged, more=options)
    keys = {provider: api_key} if api_key and provider in KEYS else {}
    data = diff.encode("utf-8", "surrogateescape") if isinstance(diff, str) else diff or b""
    environment = {KEYS[name]: key for name, key in keys.items()}
    world = World(environment, Path.cwd(), io.BytesIO(data), io.StringIO(), io.StringIO())
    began = world.now()
    change = local_change(given, world)
    settings = settings_for(change, given, world)
    done = review_change(change, settings, given, world, keys=keys, memory=Memory(), began=began)
    assert done is not None  # only a dry run has no review, and that is no option here
    return done


def _options(
    diff: bytes | str | None,
    repo: str | Path | None,
    range_: str,
    provider: str,
    *,
    staged: bool,
    more: Mapping[str, object],
) -> dict[str, object]:
    """The options as the command line would give them: absent where nothing was said."""
    unknown = sorted(more.keys() - _OURS)
    if unknown:
        raise UsageError(f"review() has no option {unknown[0]!r}.", f"Known: {', '.join(sorted(_OURS))}.")
    targets = {"diff": "-" if diff is not None else None, "range": range_ or None, "staged": staged or None}
    chosen = {name: value for name, value in targets.items() if value is not None}
    if len(chosen) > 1:
        raise UsageError(f"review() got {' and '.join(chosen)}.", "Give one of diff, range and staged.")
    folder = {"repo": str(repo)} if repo is not None else {}
    return {**more, **chosen, **folder, "provider": provider}
