"""Reporters: a Review becomes a text for one medium. Pure; one module and one line here for each format."""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePath

from reviewer.errors import UsageError
from reviewer.nouns.review import Review
from reviewer.reporters.look import PLAIN, Look

__all__ = ["EXTENSIONS", "FORMATS", "Look", "format_of", "render"]

# name -> module whose `render(review, look)` makes it; imported when used
FORMATS = {
    "terminal": "reviewer.reporters.terminal",
    "markdown": "reviewer.reporters.markdown",
    "json": "reviewer.reporters.json_report",
    "sarif": "reviewer.reporters.sarif",
    "rdjson": "reviewer.reporters.rdjson",
    "html": "reviewer.reporters.html",
    "annotations": "reviewer.reporters.annotations",
    "gitlab": "reviewer.reporters.gitlab",
    "junit": "reviewer.reporters.junit",
}

# how a file's name ends -> format; the longest that fits counts
EXTENSIONS = {
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".sarif": "sarif",
    ".sarif.json": "sarif",
    ".rdjson": "rdjson",
    ".rdjson.json": "rdjson",
    ".txt": "terminal",
    ".xml": "junit",
    ".gitlab.json": "gitlab",
    "gl-code-quality-report.json": "gitlab",
    ".annotations": "annotations",
}


def render(review: Review, format: str, look: Look = PLAIN) -> str:  # noqa: A002 - it is the option's name
    """The review in a format. Raises UsageError for one that does not exist."""
    if format not in FORMATS:
        raise UsageError(f"there is no format {format!r}.", f"Formats: {', '.join(FORMATS)}.")
    text = import_module(FORMATS[format]).render(review, look)
    assert isinstance(text, str)
    return text


def format_of(path: PurePath) -> str:
    """The format a file's name asks for. Raises UsageError where the name says nothing."""
    name = path.name.lower()
    for ending in sorted(EXTENSIONS, key=len, reverse=True):
        if name.endswith(ending):
            return EXTENSIONS[ending]
    known = ", ".join(ending for ending in EXTENSIONS if ending.count(".") == 1)
    raise UsageError(f"the name {path.name!r} does not say which format to write.", f"End it with one of {known}.")
