"""Secrets stay home: values are masked before anything is sent, recorded or logged. No line moves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from reviewer.nouns.changeset import ChangeSet, FileChange, Hunk
from reviewer.stages.secrets import ALL, MARK, SecretHit, Sieve, find


def redact(changes: ChangeSet) -> ChangeSet:
    """The same change set with secret values masked: same files, hunks and line numbers, only texts differ."""
    texts = ["\n".join(line.text for line in file.lines()) for file in changes.files]
    may = ALL.narrow("\n".join(texts).lower())  # one look at everything spares most of the looks at each file
    files = tuple(_file(file, text, may) for file, text in zip(changes.files, texts, strict=True))
    return (
        changes
        if all(new is old for new, old in zip(files, changes.files, strict=True))
        else replace(changes, files=files)
    )


def mask(text: str) -> str:
    """`text` with secret values masked; the number of lines stays. Masking twice changes nothing more."""
    hits = find(text, strict=False)
    return _masked(text, hits) if hits else text


def placeholder(kind: str, value: str) -> str:
    """What stands in for a value: `‹secret:stripe-key:417›`.

    Equal values get equal numbers, in this run and the next, so quotes still match and fingerprints last. The
    number is 1 of 1,000: enough to tell values apart, too little to test guesses of a password against.
    """
    digest = hashlib.sha256(value.encode("utf-8", "replace")).digest()
    return f"{MARK}{kind}:{int.from_bytes(digest[:4], 'big') % 1000}›"


def _masked(text: str, hits: tuple[SecretHit, ...]) -> str:
    parts: list[str] = []
    place = 0
    for hit in hits:
        parts += (text[place : hit.start], placeholder(hit.kind, text[hit.start : hit.end]))
        place = hit.end
    return "".join((*parts, text[place:]))


def _file(file: FileChange, text: str, sieve: Sieve) -> FileChange:
    """Mask one file, whose lines are `text`.

    Base and head side are masked apart: a replaced key block would otherwise interleave two keys.
    """
    may = sieve.narrow(text.lower())
    lines = [] if may.passes(text) else list(file.lines())
    masked: dict[int, str] = {}
    for other in "+-":
        shown = [index for index, line in enumerate(lines) if line.kind != other]
        side = "\n".join(lines[index].text for index in shown)
        hits = find(side, strict=False, sieve=may)
        if hits:
            after = _masked(side, hits).split("\n")
            masked.update((index, new) for index, new in zip(shown, after, strict=True) if new != lines[index].text)
    sections = [mask(hunk.section) if hunk.section else "" for hunk in file.hunks]
    if not masked and all(new == hunk.section for new, hunk in zip(sections, file.hunks, strict=True)):
        return file
    return replace(file, hunks=tuple(_hunks(file, masked, sections)))


def _hunks(file: FileChange, masked: dict[int, str], sections: list[str]) -> Iterator[Hunk]:
    """The file's hunks with some lines replaced; `masked` counts lines through the whole file."""
    place = 0
    for hunk, section in zip(file.hunks, sections, strict=True):
        lines = tuple(
            line if (text := masked.get(index)) is None else line._replace(text=text)
            for index, line in enumerate(hunk.lines, start=place)
        )
        place += len(lines)
        yield replace(hunk, lines=lines, section=section)
