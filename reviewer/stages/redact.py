"""Secrets stay home: values are masked before anything is sent, recorded or logged. No line moves."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from reviewer.nouns.changeset import ChangeSet, FileChange, Hunk, Line
from reviewer.stages.secrets import MARK, SecretHit, find


def redact(changes: ChangeSet) -> ChangeSet:
    """The same change set with secret values masked: same files, hunks and line numbers, only texts differ."""
    files = tuple(_file(file) for file in changes.files)
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


def _file(file: FileChange) -> FileChange:
    """Base and head side are masked apart: a replaced key block would otherwise interleave two keys."""
    hunks = tuple(_hunk(hunk) for hunk in file.hunks)
    return file if all(new is old for new, old in zip(hunks, file.hunks, strict=True)) else replace(file, hunks=hunks)


def _hunk(hunk: Hunk) -> Hunk:
    texts: dict[int, str] = {}
    for other in "+-":
        shown = [(index, line) for index, line in enumerate(hunk.lines) if line.kind != other]
        before = "\n".join(line.text for _, line in shown)
        after = mask(before)
        if after is not before:
            changed = zip(shown, after.split("\n"), strict=True)
            texts.update({index: text for (index, line), text in changed if text != line.text})
    section = mask(hunk.section)
    if not texts and section == hunk.section:
        return hunk
    lines = tuple(_with(line, texts.get(index)) for index, line in enumerate(hunk.lines))
    return replace(hunk, lines=lines, section=section)


def _with(line: Line, text: str | None) -> Line:
    return line if text is None else line._replace(text=text)
