"""Untrusted text as HTML: everything escaped, hidden characters made visible, a little of Markdown read."""

from __future__ import annotations

import html
import re

from reviewer.reporters import rebuild, unseen
from reviewer.reporters.hosts import CWE, CWE_PAGE
from reviewer.stages.redact import mask

LIMIT = 20_000
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*\n((?:.*\n)*?)(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+(?=\S)")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*\*")


def clean(text: str) -> str:
    """Secrets masked, hidden characters visible, bounded."""
    return rebuild.cut(unseen.reveal(mask(text)), LIMIT)


def esc(text: str) -> str:
    """Text for element content and for quoted attributes."""
    return html.escape(clean(text), quote=True)


def prose(text: str) -> str:
    """Paragraphs, lists, bold, inline code and code blocks of a model's text; all else is shown as it is written."""
    text = clean(text).strip("\n") + "\n"
    parts: list[str] = []
    at = 0
    for block in _FENCE.finditer(text):
        parts += [_paragraphs(text[at : block.start()]), f"<pre>{html.escape(block[2])}</pre>"]
        at = block.end()
    return "".join([*parts, _paragraphs(text[at:])])


def inline(text: str) -> str:
    """One line with inline code."""
    return _spans(" ".join(clean(text).split()))


def code_place(place: str) -> str:
    """A path, breakable after its slashes and underscores where room is short."""
    breakable = re.sub("[/_]", lambda mark: mark[0] + "<wbr>", esc(place))
    return f"<code>{breakable}</code>"


def reference(text: str) -> str:
    """A link if it leads to a known reference host or names a CWE entry; other addresses as code, other names as text."""
    shown, cwe = esc(text), CWE.fullmatch(text)
    if not cwe and not rebuild.is_reference(text):
        return f"<code>{shown}</code>" if "://" in text else shown
    target = CWE_PAGE.format(cwe[1]) if cwe else shown
    return f'<a href="{target}" rel="noopener noreferrer" target="_blank">{shown}</a>'


def _paragraphs(text: str) -> str:
    out = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.split("\n")
        if all(_ITEM.match(line) for line in lines):
            out.append("<ul>" + "".join(f"<li>{_spans(_ITEM.sub('', line))}</li>" for line in lines) + "</ul>")
        elif block.strip():
            out.append(f"<p>{'<br>'.join(_spans(line) for line in lines)}</p>")
    return "".join(out)


def _spans(text: str) -> str:
    parts: list[str] = []
    at = 0
    for span in rebuild.SPAN.finditer(text):
        parts += [_bold(text[at : span.start()]), f"<code>{html.escape(span[2].strip())}</code>"]
        at = span.end()
    return "".join([*parts, _bold(text[at:])])


def _bold(text: str) -> str:
    return _BOLD.sub(r"<strong>\1</strong>", html.escape(text))
