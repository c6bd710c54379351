"""Anchor drafts: from a quote to a place in the change, or to the reason why there is none.

A finding must stand on lines of a hunk. A quote from elsewhere in the same function moves to the nearest
changed line; any other quote takes its draft out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reviewer.nouns.changeset import ChangeSet, FileChange, Side
from reviewer.nouns.finding import Draft, Excluded, Finding, Question
from reviewer.nouns.identity import fingerprint, normalise
from reviewer.nouns.source import Tree
from reviewer.stages import locate, prints
from reviewer.stages.exclude import inner
from reviewer.stages.locate import Place, Strip
from reviewer.stages.redact import mask
from reviewer.stages.secrets import MARK
from reviewer.stages.symbols import enclosing


class Anchored(NamedTuple):
    """Findings GitHub will accept comments on, questions to the author, and drafts that stand on nothing."""

    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    excluded: tuple[Excluded, ...]


class _Sources:
    """Text of the files at head and base, read in one request each and decoded once."""

    def __init__(self, paths: Iterable[FileChange], head: Tree, base: Tree) -> None:
        files = tuple(paths)
        self._head = head.read_many(file.path for file in files)
        self._base = base.read_many(file.old_path for file in files if file.old_path)

    def text(self, file: FileChange, side: Side) -> str:
        """The file on that side, "" if it cannot be read."""
        if side is Side.LEFT:
            return self._base.get(file.old_path or "", b"").decode("utf-8", "replace")
        return self._head.get(file.path, b"").decode("utf-8", "replace")

    def symbol(self, file: FileChange, place: Place) -> str:
        """The function or class round a place; the hunk's own section header where the file is out of reach."""
        source = self.text(file, place.side)
        path = (file.old_path or file.path) if place.side is Side.LEFT else file.path
        if not source:
            return file.hunks[place.hunk].section.strip()
        return _symbol(path, source, place.start)


def _symbol(path: str, source: str, line: int) -> str:
    found = enclosing(path, source, line)
    return found.name if found else ""


def anchor(drafts: Iterable[Draft], inside: ChangeSet, *, head: Tree, base: Tree) -> Anchored:
    """Place every draft. Each comes back exactly once: as a finding, a question or an exclusion."""
    drafts = tuple(drafts)
    files = tuple(_file(draft.path, inside) for draft in drafts)
    named = {file.path: file for file in files if file}
    sources = _Sources(named.values(), head, base)
    index: dict[str, tuple[Strip, ...]] = {path: locate.strips(file) for path, file in named.items()}
    findings: list[Finding] = []
    questions: list[Question] = []
    excluded: list[Excluded] = []
    for draft, file in zip(drafts, files, strict=True):
        place = (
            locate.find(file, draft.quote, hint=draft.line_hint, side=draft.side_hint, index=index[file.path])
            if file
            else None
        )
        if draft.question:
            questions.append(_question(draft, file, place))
        elif file is None:
            excluded.append(_excluded(draft, "the file is not part of the reviewed change"))
        else:
            outcome = _settle(draft, file, place, sources)
            if isinstance(outcome, Finding):
                findings.append(outcome)
            else:
                excluded.append(outcome)
    return Anchored(prints.stamp(findings), tuple(questions), tuple(excluded))


def _file(path: str, inside: ChangeSet) -> FileChange | None:
    """The file a draft names, with the small slips models make: `./`, `a/`, `b/`, the old name, a bare tail."""
    path = path.strip().strip("`'\"").replace("\\", "/").removeprefix("./")
    for name in (path, path.removeprefix("a/"), path.removeprefix("b/")):
        found = inside.file(name) or next((file for file in inside.files if file.old_path == name), None)
        if found:
            return found
    tails = [file for file in inside.files if path and file.path.endswith("/" + path)]
    return tails[0] if len(tails) == 1 else None


def _settle(draft: Draft, file: FileChange, place: Place | None, sources: _Sources) -> Finding | Excluded:
    """A finding at its quote, or in the function its quote is in; else why not."""
    if place:
        return _finding(draft, file, place, sources.symbol(file, place), place.quote)
    line = _line_in(mask(sources.text(file, Side.RIGHT)), draft.quote, draft.line_hint)
    if not line:
        return _excluded(draft, "the quote is not in the change")
    near = locate.nearest(file, line)
    symbol = _symbol(file.path, sources.text(file, Side.RIGHT), line)
    if near and symbol and sources.symbol(file, near) == symbol:
        return _finding(draft, file, near, symbol, mask(draft.quote.strip("\n")))
    return _excluded(draft, f"the quote is in code this change does not touch (line {line})")


def _line_in(source: str, quote: str, hint: int | None) -> int:
    """The 1-based line of `source` where the quote's first line stands, all its lines following; 0 if none."""
    wanted = [text for line in quote.split("\n") if (text := locate.fold(line))]
    if not source or sum(char.isalnum() for char in "".join(wanted)) < locate.MIN_WORD:
        return 0
    folded = [(number, text) for number, line in enumerate(source.split("\n"), 1) if (text := locate.fold(line))]
    texts = [text for _, text in folded]
    hits = [folded[position][0] for position, _ in locate.hits(texts, tuple(wanted))]
    return min(hits, key=lambda number: abs(number - (hint or number)), default=0)


def _finding(draft: Draft, file: FileChange, place: Place, symbol: str, quote: str) -> Finding:
    return Finding(
        fingerprint="",  # stamped once all are placed
        hazard=draft.hazard,
        category=draft.category,
        severity=draft.severity,
        confidence=draft.confidence,
        path=file.path,
        side=place.side,
        start_line=place.start,
        end_line=place.end,
        quote=quote,
        title=draft.title,
        scenario=draft.scenario,
        recommendation=draft.recommendation,
        suggestion=_suggestion(draft, place),
        references=draft.references,
        origin=draft.origin,
        verification=draft.verification,
        symbol=symbol,
    )


def _suggestion(draft: Draft, place: Place) -> str | None:
    """The suggestion if it can replace exactly the anchored lines of the new side; None otherwise.

    Where the quote lost its indentation on the way, so did the suggestion: it is given back.
    """
    text = draft.suggestion
    if text is None or place.side is Side.LEFT or not place.whole:
        return None
    if MARK in text or MARK in place.quote:
        return None
    text = text.replace("\r\n", "\n").strip("\n")
    quoted = next((line for line in draft.quote.split("\n") if line.strip()), "")
    missing = _indent(place.lines[0].text).removesuffix(_indent(quoted)) if quoted else ""
    if missing and text and not text.startswith(missing):
        text = "\n".join(missing + line if line.strip() else line for line in text.split("\n"))
    return None if normalise(text) == normalise(place.quote) else text


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _question(draft: Draft, file: FileChange | None, place: Place | None) -> Question:
    path = file.path if file else ""
    quote = place.quote if place else mask(draft.quote)
    return Question(
        text=draft.question,
        path=path,
        side=place.side if place else Side.RIGHT,
        start_line=place.start if place else 0,
        end_line=place.end if place else 0,
        hazard=draft.hazard,
        quote=quote,
        fingerprint=fingerprint(draft.hazard, path, "?", quote or draft.question),
    )


def _excluded(draft: Draft, reason: str) -> Excluded:
    return Excluded(
        stage="anchor",
        reason=reason,
        hazard=draft.hazard,
        category=draft.category,
        severity=draft.severity,
        confidence=draft.confidence,
        path=inner(draft.path),
        quote=mask(draft.quote),
        title=draft.title,
        scenario=draft.scenario,
        recommendation=draft.recommendation,
        suggestion=draft.suggestion,
        references=draft.references,
        origin=draft.origin,
        verification=draft.verification,
    )
