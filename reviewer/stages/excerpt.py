"""Cut pieces out of files to show as context: bounded, masked, with honest line numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewer.nouns.batch import Context
from reviewer.stages.redact import mask
from reviewer.stages.split import LINE_OVERHEAD
from reviewer.stages.tokens import estimate_tokens

HEADER_TOKENS = 16  # the line that says where a context comes from and why it is shown
_MAX_LINE = 400  # characters; longer lines are data, not structure


def excerpt(
    path: str, lines: Sequence[str], start: int, end: int, why: str, *, room: int, base: bool = False
) -> Context | None:
    """Lines `start`..`end` (1-based, inclusive) as a context of at most `room` tokens; the tail is cut first.

    None if not even its first lines fit, or if there is nothing but empty lines.
    """
    used = HEADER_TOKENS
    kept: list[str] = []
    for line in lines[start - 1 : end]:
        shown = line if len(line) <= _MAX_LINE else line[:_MAX_LINE]
        used += estimate_tokens(shown) + LINE_OVERHEAD
        if used > room:
            break
        kept.append(shown)
    while kept and not kept[-1].strip():
        kept.pop()
    if not kept:
        return None
    text = mask("\n".join(kept))
    tokens = HEADER_TOKENS + sum(estimate_tokens(line) + LINE_OVERHEAD for line in text.split("\n"))
    return Context(path, start, text, why, base, tokens)


def gaps(start: int, end: int, shown: Sequence[range]) -> Iterator[tuple[int, int]]:
    """The parts of `start`..`end` (inclusive) that no range of `shown` covers, in order."""
    place = start
    for part in sorted(shown, key=lambda each: each.start):
        if part.stop <= place or part.start > end:
            continue
        if part.start > place:
            yield place, part.start - 1
        place = max(place, part.stop)
    if place <= end:
        yield place, end
