"""How a report is to look on the device it is for. Decided by the command line, never read from the environment here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """`color`: escape sequences are welcome. `links`: so are clickable ones. `unicode`: more than ASCII can be shown."""

    width: int = 80
    color: bool = False
    links: bool = False
    unicode: bool = True
    verbose: bool = False


PLAIN = Look()
