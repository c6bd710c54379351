"""A route: a way into the program, with what guards it, as one framework's code states it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Names that decide who may call, how often, or whether the caller is who they claim to be.
GUARD = re.compile(
    r"auth|login|permi|role|admin|user_?required|current_?\w*user|super_?user|get_user|token|jwt|guard|access|polic|scope|secur|api_?key|csrf|"
    r"throttl|rate_?limit|limiter|signature|verif|require|restrict|protect|session|allow|member|owner|tenant|passport|Public|Anonymous|ensure|ability|can\b",
    re.IGNORECASE,
)
# A session of the database, which every caller gets.
_PLUMBING = re.compile(
    r"(?:get|create|make|new|async|with|provide|_)*(?:db|database|sql\w*|orm)?_*session(?:_*(?:maker|factory|local|dep|scope))?",
    re.IGNORECASE,
)
# Middleware of every server, which turns nobody away.
_PASSING = re.compile(r"panic|recover|logg(?:er|ing)|metrics?\b|tracing|gzip|compress", re.IGNORECASE)
OPEN = re.compile(
    r"AllowAny|permitAll|^@?Public\b|IsPublic|SkipAuth|AllowAnonymous|csrf_exempt|^skip:|PermitAll|NoAuth|optional",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Route:
    """One entry point. `method` is upper case, `ANY` if not limited, `VIEW` for a view that a URL file mounts.

    `path` has the prefixes its own file states, and after `mounts` those of the files that mount it.
    `guards` keep the order in which they run.
    """

    method: str
    path: str
    handler: str = ""
    guards: tuple[str, ...] = ()
    request: str = ""
    response: str = ""
    file: str = ""
    line: int = 0
    end_line: int = 0
    framework: str = ""
    source: str = "parsed"
    router: str = ""  # what it is registered on in its file: a variable, or in Go and Kotlin the function
    prefix: str = ""  # the part of `path` which that router gave itself

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}" if self.method != "VIEW" else self.path

    @property
    def key(self) -> tuple[str, str]:
        """What a client knows it by: parameter spellings (`:id`, `{id}`, `<int:id>`) do not count."""
        plain = re.sub(r"<[^>]*>|\{[^}]*\}|:[A-Za-z_]\w*|\(\?P<\w+>[^)]*\)", "{}", self.path)
        return self.method, "/" + plain.strip("/")

    @property
    def guarded(self) -> bool:
        return any(not OPEN.search(guard) for guard in self.guards)


def join(*parts: str) -> str:
    """URL pieces as one path with single slashes."""
    pieces = [part.strip("/") for part in parts if part and part.strip("/")]
    return "/" + "/".join(pieces)


def guards_of(names: list[str]) -> tuple[str, ...]:
    """Those of `names` that look like guards, once each, in order."""
    return tuple(dict.fromkeys(name for name in names if GUARD.search(name) and not _PLUMBING.fullmatch(name)))


def without_plumbing(names: tuple[str, ...]) -> tuple[str, ...]:
    """Middleware without what lets every request pass: recovery, logging, metrics."""
    return tuple(name for name in names if not _PASSING.search(name) or GUARD.search(name))


def short(text: str, limit: int = 60) -> str:
    """One line of bounded length."""
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def arguments_at(text: str, opening: int, longest: int = 20_000) -> list[str]:
    """The top-level arguments of the parenthesis that opens at `opening`; [] where it does not close in time."""
    depth, start, found = 0, opening + 1, []
    for match in re.compile(r"[()\[\]{},]|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`").finditer(
        text, opening, opening + longest
    ):
        mark = match[0]
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth -= 1
            if depth == 0:
                found.append(text[start : match.start()].strip())
                return [item for item in found if item]
        elif mark == "," and depth == 1:
            found.append(text[start : match.start()].strip())
            start = match.end()
    return []
