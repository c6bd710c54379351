"""Untrusted text made inert for where it is shown: GitHub Markdown, terminals, workflow commands.

Nothing is filtered and hoped for: Markdown is *rebuilt*. The input is read as a small set of things we let a
reviewer write (paragraphs, one level of lists, bold, inline code, code blocks, links to known references), and
everything else is emitted as escaped text. What GitHub would act on in plain text (mentions, issue and commit
references, addresses) is put in code spans, where it does not.
"""

from __future__ import annotations

import re

from reviewer.reporters import rebuild, unseen
from reviewer.stages.redact import mask

__all__ = ["cell", "code", "fence", "inline", "is_suggestible", "link", "mermaid", "prose", "terminal"]
__all__ += ["log", "workflow", "workflow_property"]

PROSE_LIMIT = 4_000  # characters of one field; GitHub allows 65,536 for a whole comment
INLINE_LIMIT = 400
CODE_LIMIT = 20_000

_ITEM = re.compile(r"[ \t]*(?:([-*+\u2022])|(\d{1,3})[.)])[ \t]+(?=\S)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$")

_LOG_COMMAND = re.compile(r"^([^\S\n]*)(::)|##\[", re.MULTILINE)
_ACTS = re.compile(r"^/\w|^[^\S\n]*::[a-z-]+(?:::| [^\n]*::)|##\[", re.MULTILINE)
_SLASH = re.compile(r"^/\w", re.MULTILINE)
_DRAWN = frozenset({"geojson", "math", "mermaid", "stl", "suggestion", "topojson"})


def prose(text: str, limit: int = PROSE_LIMIT) -> str:
    """A model's text as Markdown of our own making: paragraphs, lists, bold, code and known references only."""
    blocks: list[str] = []
    lines = _clean(text, limit).split("\n")
    at = 0
    while at < len(lines):
        opening = _FENCE.fullmatch(lines[at])
        if opening:
            end = _closing(lines, at + 1, opening[1])
            blocks += ["", _block("\n".join(lines[at + 1 : end]), opening[2]), ""]
            at = end + 1
            continue
        end = at + 1
        while end < len(lines) and not _FENCE.fullmatch(lines[end]):
            end += 1
        blocks.append(_paragraphs("\n".join(lines[at:end])))
        at = end
    return re.sub(r"\n{3,}", "\n\n", "\n".join(blocks)).strip("\n")


def inline(text: str, limit: int = INLINE_LIMIT) -> str:
    """A text as one line of inert Markdown (a title, a list item)."""
    return rebuild.line(" ".join(_clean(text, limit).split()))


def cell(text: str, limit: int = INLINE_LIMIT) -> str:
    """A text for a table cell: one line, and no bar that would end the cell, inside code neither."""
    return re.sub(r"(?<!\\)\|", r"\\|", inline(text, limit))


def code(text: str, *, table: bool = False, limit: int = INLINE_LIMIT) -> str:
    """A text as one inline code span (empty for empty text). `table` escapes bars, as GFM wants in cells."""
    span = rebuild.code_span(unseen.reveal(mask(text)), limit)
    return span.replace("|", "\\|") if table else span


def fence(text: str, language: str = "", limit: int = CODE_LIMIT) -> str:
    """A code block no line of which can end it. Content is shown as it is, hidden characters made visible.

    A `suggestion` is exact, since GitHub commits it (see `is_suggestible`). In every other block a line that
    would command a workflow runner or a bot that reads raw bodies loses that power without changing its look.
    """
    language = language if re.fullmatch(r"[A-Za-z0-9+#.-]{1,20}", language) else ""
    exact = language == "suggestion"
    if not exact:
        text = rebuild.powerless(rebuild.cut(unseen.reveal(mask(text)), limit))
    ticks = "`" * max(3, 1 + max((len(run) for run in rebuild.RUN.findall(text)), default=0))
    # A fence indented by one space has one space taken from each of its lines: looks the same, no line starts a command.
    indent = " " if not exact and _SLASH.search(text) else ""
    body = "\n".join(indent + line for line in text.removesuffix("\n").split("\n"))
    return f"{indent}{ticks}{language}\n{body}\n{indent}{ticks}" if text else f"{ticks}{language}\n{ticks}"


def is_suggestible(text: str) -> bool:
    """Whether a replacement may be offered as a GitHub suggestion.

    Nothing in it is hidden, secret, a comment of ours, or a command to a runner or a bot that reads raw bodies.
    """
    if unseen.has_hidden(text) or "<!--" in text or _ACTS.search(text):
        return False
    return len(text) <= CODE_LIMIT and mask(text) == text


def link(url: str) -> str:
    """A reference: an autolink if it leads to a known reference host by https and carries no query, else code."""
    return rebuild.reference(unseen.reveal(mask(url)))


def mermaid(text: str, limit: int = 80) -> str:
    """A label for a diagram we generate: quoted, with Mermaid's and HTML's own marks as character references."""
    text = rebuild.cut(" ".join(unseen.remove(mask(text)).split()), limit)
    return '"' + re.sub(r"[^\w\s.,/():=+*\-]", lambda m: f"#{ord(m[0])};", text) + '"'


def terminal(text: str) -> str:
    """A text for a terminal or a log: no escape sequence, no control, hidden characters made visible."""
    return unseen.reveal(mask(text))


def log(text: str) -> str:
    """A rendered text for a workflow's log, where the runner takes a line that begins with `::` for a command."""
    return _LOG_COMMAND.sub(lambda m: f"{m[1]}: :" if m[2] else "## [", text)


def workflow(text: str) -> str:
    """The message of a workflow command (`::error::message`)."""
    text = unseen.remove(mask(text))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property of a workflow command (`file=…`)."""
    return workflow(text).replace(":", "%3A").replace(",", "%2C")


def _clean(text: str, limit: int) -> str:
    """Secrets masked before anything is cut, hidden characters gone."""
    return rebuild.cut(unseen.remove(mask(text)).expandtabs(4), limit)


def _block(text: str, language: str) -> str:
    """A block the model wrote. GitHub draws some languages or acts on them: those are plain text here."""
    return fence(text, "" if language.lower() in _DRAWN else language)


def _closing(lines: list[str], start: int, opening: str) -> int:
    """The index of the line that closes a fence, or the end."""
    for index in range(start, len(lines)):
        stripped = lines[index].strip()
        if len(stripped) >= len(opening) and not stripped.strip(opening[0]):
            return index
    return len(lines)


def _paragraphs(text: str) -> str:
    out = []
    for line in _span_lines(text):
        item = _ITEM.match(line)
        mark = "" if not item else "- " if item[1] else f"{int(item[2])}. "
        out.append(mark + rebuild.line((line[item.end() :] if item else line).strip()))
    return "\n".join(out)


def _span_lines(text: str) -> list[str]:
    """Lines of the text, code spans that cross a line end joined into one line."""
    return rebuild.SPAN.sub(lambda m: m[0] if "\n\n" in m[0] else m[0].replace("\n", " "), text).split("\n")
