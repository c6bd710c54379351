"""PyGithub's requester, held at arm's length: bytes kept, nothing retried, its exceptions made ours.

Imports PyGithub and requests; `reviewer.github.client` loads it with the first call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import github
import requests
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse

from reviewer.github.failure import GitHubFailure, Kind

API_VERSION = "2022-11-28"


class _Body(RequestsResponse):
    """A response whose text keeps every byte: PyGithub's own guesses an encoding."""

    def read(self) -> str:
        content: bytes = self.response.content
        return content.decode("utf-8", "surrogateescape")


class _Http(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _Body(super().getresponse().response)


class _Https(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _Body(super().getresponse().response)


class Wire:
    """One connection to one host. Not thread-safe. `ca_bundle` is a PEM file; "" trusts what requests trusts."""

    def __init__(self, token: str, api: str, timeout: float, ca_bundle: str, agent: str) -> None:
        parts = urlsplit(api)
        connection: Any = _Https if parts.scheme == "https" else _Http
        verify: bool | str = ca_bundle or True
        # PyGithub types whole seconds; requests takes (connect, read) in floats.
        self._connection = connection(parts.hostname, parts.port, timeout=(min(timeout, 10.0), timeout), verify=verify)
        self._requester = github.Github(
            base_url=api,
            auth=github.Auth.Token(token) if token else None,
            user_agent=agent,
            per_page=100,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
            api_version=API_VERSION,
        ).requester

    def request(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str | int] | None,
        accept: str,
        body: Mapping[str, object] | None,
    ) -> tuple[int, dict[str, str], str]:
        """One request, no second one. Returns status, lower-case headers and text; raises GitHubFailure."""
        if parameters:
            url = f"{url}?{urlencode(parameters)}"
        try:
            status, headers, text = self._requester.requestJson(
                method,
                url,
                headers={"Accept": accept},
                input=None if body is None else json.loads(json.dumps(body)),
                cnx=self._connection,
            )
        except (requests.RequestException, github.GithubException, AssertionError, RuntimeError, OSError) as error:
            raise GitHubFailure(Kind.UNREACHABLE, f"no answer from GitHub: {_reason(error)}", unsure=True) from error
        return status, headers, text

    def close(self) -> None:
        self._connection.close()
        self._requester.close()


def _reason(error: BaseException) -> str:
    """The kind of failure in a few words; requests' own text carries addresses and object ids."""
    names = {
        requests.exceptions.SSLError: "its certificate is not trusted",
        requests.exceptions.ConnectTimeout: "no connection in time",
        requests.exceptions.Timeout: "it did not answer in time",
        requests.exceptions.ProxyError: "the proxy does not work",
        requests.exceptions.ChunkedEncodingError: "the answer was cut short",
        requests.exceptions.ConnectionError: "the connection failed",
    }
    return next((text for kind, text in names.items() if isinstance(error, kind)), type(error).__name__)
