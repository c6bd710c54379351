"""A pull request on its way from GitHub, while this process still imports what will review it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

from reviewer.errors import UsageError
from reviewer.github import Endpoints, GitHub, PullReference, conversation, pull_reference
from reviewer.github.pulls import PullRequest, fetch
from reviewer.nouns.source import RawChange
from reviewer.sources import github_pr, source
from reviewer.targets import checkout
from reviewer.world import World


class Arrived(NamedTuple):
    """A pull request, its change, and the client that read them."""

    client: GitHub
    pull: PullRequest
    change: RawChange


class _Named(NamedTuple):
    """Which pull request; all of it where the event has told it."""

    reference: PullReference
    pull: PullRequest | None = None


def begin(options: Mapping[str, Any], world: World) -> Future[Arrived]:
    """`arrive` in a thread of its own: what it raises is raised by `result()`."""
    future: Future[Arrived] = Future()

    def work() -> None:
        try:
            future.set_result(arrive(options, world))
        except BaseException as error:  # noqa: BLE001  raised again where the pull request is wanted
            future.set_exception(error)

    threading.Thread(target=work, name="arriving", daemon=True).start()
    return future


def arrive(options: Mapping[str, Any], world: World) -> Arrived:
    """Read the pull request that is named by option, or that the Actions event is about. Raises ReviewerError.

    Facts, diff and what was said so far do not wait for each other.
    """
    _needs_token(options, world)
    client = connect(options, world)
    named = _named(options, world)
    github_pr.foresee(client, named.reference, facts=named.pull is None)
    if remembers(options, world):
        conversation.foresee(client, named.reference)
    pull = named.pull or fetch(client, named.reference)
    return Arrived(client, pull, source("pull-request")(pull, client=client, repo=checkout(world)))


def remembers(options: Mapping[str, Any], world: World) -> bool:
    """Whether earlier runs count. In Actions another job may publish what this one finds: it has to know as much."""
    return bool(options.get("post") or options.get("dry_run") or world.in_actions)


def connect(options: Mapping[str, Any], world: World) -> GitHub:
    """A client with the environment's token and addresses. The pull request's own host is used if it was named by URL."""
    environment = world.environment
    host = pull_reference(options["pr"], _repository(world)).host if options.get("pr") else ""
    server = environment.get("GITHUB_SERVER_URL", "")
    api = environment.get("GITHUB_API_URL", "")
    if host and not api and host not in ("github.com", "www.github.com"):
        server, api = f"https://{host}", f"https://{host}/api/v3"
    return GitHub(
        environment.get("GITHUB_TOKEN", "").strip(),
        Endpoints.resolve(api, environment.get("GITHUB_GRAPHQL_URL", ""), server),
        ca_bundle=environment.get("REQUESTS_CA_BUNDLE", "") or environment.get("SSL_CERT_FILE", ""),
    )


def _named(options: Mapping[str, Any], world: World) -> _Named:
    if options.get("pr"):
        return _Named(pull_reference(options["pr"], _repository(world)))
    from reviewer.sources.actions_event import read

    environment = world.environment
    trigger = read(Path(environment["GITHUB_EVENT_PATH"]), environment.get("GITHUB_EVENT_NAME", ""), _repository(world))
    return _Named(trigger.reference, trigger.pull)


def _repository(world: World) -> str:
    return world.environment.get("GITHUB_REPOSITORY", "")


def _needs_token(options: Mapping[str, Any], world: World) -> None:
    if options.get("post") and not world.environment.get("GITHUB_TOKEN", "").strip():
        raise UsageError(
            "Posting to a pull request needs GITHUB_TOKEN.",
            "In Actions: env GITHUB_TOKEN: ${{ github.token }} with permissions: pull-requests: write.",
        )
