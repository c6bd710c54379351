"""One answer of GitHub's API, and how its listings go on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from reviewer.github.failure import GitHubFailure, Kind


class Answer(NamedTuple):
    """A usable answer. `text` holds undecodable bytes as surrogate escapes; `raw` gives them back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def raw(self) -> bytes:
        return self.text.encode("utf-8", "surrogateescape")

    def json(self) -> Any:
        """The body as JSON. Raises GitHubFailure (broken) if it is none."""
        try:
            return json.loads(self.text)
        except ValueError as error:
            raise GitHubFailure(Kind.BROKEN, "GitHub's answer cannot be read", unsure=True) from error


def items_of(page: object) -> list[Any]:
    """The items of one page: most listings are arrays, check runs wrap theirs."""
    if isinstance(page, dict):
        page = next((value for value in page.values() if isinstance(value, list)), None)
    if not isinstance(page, list):
        raise GitHubFailure(Kind.BROKEN, "GitHub answered something that is no listing")
    return page


def next_link(header: str) -> str:
    """The address of the next page in a Link header, or "" on the last page."""
    for part in header.split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return address.strip().strip("<>")
    return ""
