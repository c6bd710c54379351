"""What `doctor` looks at, one module a part: the machine, the repository, the model, GitHub."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How a check ended. WARN: works, but not as you may expect."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Check(NamedTuple):
    """One line of the doctor: what was looked at, what was found, and how to mend it (empty if nothing is wrong)."""

    name: str
    state: State
    found: str
    mend: str = ""
