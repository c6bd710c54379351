"""What the documentation quotes, read out of its Markdown: fenced blocks, commands, links, options, paths."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").glob("*.md"))
    if path.is_file()
)
_FENCE = re.compile(r"^(?P<marks>`{3,})(?P<language>[\w-]*)\n(?P<text>.*?)^(?P=marks)$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_COMMAND = re.compile(r"(?:^|\|\s*)(?:[A-Z_]+=\S+ )*(?P<command>(?:python -m reviewer|design-reviewer|make)(?: .*)?)$")
_PLACE = re.compile(r"`((?:reviewer|tests|docs|prompts|examples|evals|benchmarks|\.github)/[\w./-]*\w)`")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


class Quoted(NamedTuple):
    """Something quoted on a page."""

    page: str
    text: str


def fences(page: Path) -> list[tuple[str, str]]:
    """Fenced blocks as (language, text)."""
    return [(match["language"], match["text"]) for match in _FENCE.finditer(page.read_text(encoding="utf-8"))]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def commands() -> list[Quoted]:
    """Our own command lines in fenced shell blocks, comments cut off, and those in inline code."""
    found = [
        Quoted(name_of(page), match["command"])
        for page in PAGES
        for language, text in fences(page)
        if language in ("sh", "bash", "shell", "console")
        for line in text.splitlines()
        if (match := _COMMAND.search(re.sub(r"\s+#.*$", "", line)))
    ]
    inline = [
        Quoted(name_of(page), span)
        for page in PAGES
        for span in re.findall(r"`((?:python -m reviewer|design-reviewer) [^`\n]+)`", prose(page))
    ]
    return found + inline


def words_of(command: str) -> list[str]:
    """The arguments of one of our commands: what comes after the program."""
    words = shlex.split(command)
    return words[3:] if words[0] == "python" else words[1:]


def links() -> list[Quoted]:
    """Targets of links and pictures that are no web addresses."""
    return [
        Quoted(name_of(page), match["target"])
        for page in PAGES
        for match in _LINK.finditer(prose(page))
        if "://" not in match["target"] and not match["target"].startswith("mailto:")
    ]


def places() -> list[Quoted]:
    """Paths of this repository in inline code."""
    return [Quoted(name_of(page), place) for page in PAGES for place in _PLACE.findall(prose(page))]


def options() -> list[Quoted]:
    """Options in inline code that begins with one, or with a command of ours."""
    return [
        Quoted(name_of(page), option)
        for page in PAGES
        for span in re.findall(r"`([^`\n]+)`", prose(page))
        if span.startswith("--") or span.split(" ")[0] in ("init", "publish", "doctor", "plan", "design-reviewer")
        for option in _OPTION.findall(span)
    ]


def anchors(page: Path) -> set[str]:
    """The fragments GitHub makes of a page's headings."""
    found = re.findall(r"^#+ +(.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.replace("`", "").lower()).replace(" ", "-") for text in found}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()
