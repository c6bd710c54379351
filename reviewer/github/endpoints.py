"""Where GitHub is: the public one or an Enterprise Server, and how people name a pull request there."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from reviewer.errors import UsageError

PUBLIC_API = "https://api.github.com"
PUBLIC_GRAPHQL = "https://api.github.com/graphql"
PUBLIC_SERVER = "https://github.com"


class Endpoints(NamedTuple):
    """Base URLs without a trailing slash. Make them with `resolve`."""

    api: str = PUBLIC_API
    graphql: str = PUBLIC_GRAPHQL
    server: str = PUBLIC_SERVER

    @classmethod
    def resolve(cls, api: str = "", graphql: str = "", server: str = "") -> Endpoints:
        """Fill in what is not stated (the environment's GITHUB_API_URL, GITHUB_GRAPHQL_URL, GITHUB_SERVER_URL).

        A GraphQL address on another host than the API is not believed: runners keep the public address there when
        only the API is redirected, and the token must not travel to a host it was not meant for.
        """
        api = _checked(api or PUBLIC_API, "GITHUB_API_URL")
        if not graphql or urlsplit(graphql).netloc != urlsplit(api).netloc:
            graphql = f"{api.removesuffix('/v3')}/graphql"
        if not server:
            parts = urlsplit(api)
            server = f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
        return cls(api, _checked(graphql, "GITHUB_GRAPHQL_URL"), _checked(server, "GITHUB_SERVER_URL"))


class PullReference(NamedTuple):
    """A pull request by name. `host` is set where it was named by URL."""

    repository: str  # owner/name
    number: int
    host: str = ""


_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,99})"
_SHORT = re.compile(rf"({_NAME}/{_NAME})#([1-9]\d{{0,9}})")
_URL = re.compile(rf"(https?)://([^/\s@]+)/({_NAME}/{_NAME})/pull/([1-9]\d{{0,9}})(?:[/?#].*)?")
_NUMBER = re.compile(r"#?([1-9]\d{0,9})")


def pull_reference(text: str, repository: str = "") -> PullReference:
    """Read `OWNER/REPO#N`, a pull request's URL, or a bare number where `repository` is known. Raises UsageError."""
    text = text.strip()
    if short := _SHORT.fullmatch(text):
        return PullReference(short[1], int(short[2]))
    if url := _URL.fullmatch(text):
        return PullReference(url[3], int(url[4]), url[2])
    if (number := _NUMBER.fullmatch(text)) and re.fullmatch(f"{_NAME}/{_NAME}", repository):
        return PullReference(repository, int(number[1]))
    raise UsageError(
        f"not a pull request: {text[:100]!r}", "Give OWNER/REPO#NUMBER, or the URL of the pull request's page."
    )


def _checked(url: str, name: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise UsageError(f"{name} is not a web address: {url[:200]!r}", "Give it as https://HOST/PATH.")
    return url.rstrip("/")
