"""Faults to inject, each addressed to a call by number or by what it asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class What(StrEnum):
    DROP_BEFORE = "drop the connection before the work is done"
    DROP_AFTER = "do the work, then drop the connection"
    ERROR_BEFORE = "answer 502 and do nothing"
    ERROR_AFTER = "do the work, then answer 502"
    TRUNCATE = "do the work, then cut the answer's body short"
    GARBLE = "do the work, then answer something that is not JSON"
    SECONDARY = "403: secondary limit, no header"
    SECONDARY_RETRY_AFTER = "403: secondary limit, Retry-After: 1"
    TOO_MANY = "429 with Retry-After: 1"
    TOO_MANY_BARE = "429, no header"
    PRIMARY = "403: primary limit, reset in two seconds"
    DELAY_BEFORE = "stay silent past the client's patience, do nothing"
    DELAY_AFTER = "do the work, then stay silent past the client's patience"


SINGLE = tuple(What)
QUICK = tuple(what for what in What if what not in {What.DELAY_BEFORE, What.DELAY_AFTER})


@dataclass
class Fault:
    """Strikes `times` calls that match: `call` counts all requests from 1."""

    what: What
    call: int = 0
    method: str = ""
    path: str = ""
    times: int = 1
    seconds: float = 1.5  # of silence, for the delays
    when: Callable[[str, str], bool] | None = field(default=None)

    def strikes(self, number: int, method: str, path: str) -> bool:
        if self.times <= 0:
            return False
        if (self.call and self.call != number) or (self.method and self.method != method):
            return False
        if self.path not in path or (self.when is not None and not self.when(method, path)):
            return False
        self.times -= 1
        return True
