"""The machine: Python, git, the packages we need, and a place for reports."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from reviewer.checkup import Check, State
from reviewer.errors import SourceError
from reviewer.sources.git import Git

OLDEST = (3, 11)
PACKAGES = ("anthropic", "openai", "PyGithub", "pydantic", "tenacity", "rich", "PyYAML", "ast-grep-py", "sqlglot")


def checks(folder: Path) -> Iterator[Check]:
    """`folder` is where reports will be written."""
    yield python(sys.version_info[:2])
    yield git(folder)
    yield from packages(PACKAGES)
    yield writable(folder)


def python(version: tuple[int, int]) -> Check:
    wanted = ".".join(map(str, OLDEST))
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if version < OLDEST:
        return Check("Python", State.FAIL, found, f"Use Python {wanted} or newer (actions/setup-python in a workflow).")
    return Check("Python", State.OK, found)


def git(folder: Path) -> Check:
    try:
        return Check("git", State.OK, Git(folder).text("version").removeprefix("git version "))
    except SourceError as error:
        return Check("git", State.FAIL, error.message, "Install git; only --diff works without it.")


def packages(names: tuple[str, ...]) -> Iterator[Check]:
    """One line for all that are there, one for each that is missing."""
    there: list[str] = []
    for name in names:
        try:
            there.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Check("packages", State.FAIL, f"{name} is missing", "Install the package again: pip install .")
    yield Check("packages", State.OK, ", ".join(there))


def writable(folder: Path) -> Check:
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".design-reviewer-"):
            return Check("report folder", State.OK, f"{folder} can be written")
    except OSError as error:
        return Check(
            "report folder", State.FAIL, f"{folder}: {error.strerror}", "Name a folder you may write with --output."
        )
