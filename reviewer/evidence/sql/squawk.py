"""The squawk linter on PostgreSQL migrations: seventeen of its rules, on text we hand it, with no say for the change.

The change cannot configure it (`--config` points nowhere, text comes by stdin) nor silence it (`squawk-ignore`
comments are taken out before, and told of after). Text it cannot parse is somebody else's dialect: its answer
is dropped then, and our own reader speaks alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

from reviewer.evidence.sql.split import blank_down

SECONDS = 5.0
_IGNORE = re.compile(r"--\s*squawk-ignore[^\n]*", re.IGNORECASE)
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{")

# squawk's rule -> (our hazard, whether it may be posted without a model)
RULES: dict[str, tuple[str, bool]] = {
    "adding-required-field": ("migration-add-required-column", True),
    "adding-not-nullable-field": ("migration-blocking-ddl", True),
    "adding-field-with-default": ("migration-blocking-ddl", True),
    "adding-foreign-key-constraint": ("migration-blocking-ddl", True),
    "adding-serial-primary-key-field": ("migration-blocking-ddl", True),
    "constraint-missing-not-valid": ("migration-blocking-ddl", True),
    "disallowed-unique-constraint": ("migration-blocking-ddl", True),
    "changing-column-type": ("migration-blocking-ddl", True),
    "renaming-column": ("migration-destructive-change", True),
    "renaming-table": ("migration-destructive-change", True),
    "ban-drop-column": ("migration-destructive-change", True),
    "ban-drop-table": ("migration-destructive-change", True),
    "ban-truncate-cascade": ("migration-destructive-change", True),
    "require-concurrent-index-creation": ("migration-blocking-ddl", True),
    "require-concurrent-index-deletion": ("migration-blocking-ddl", False),
    "ban-concurrent-index-creation-in-transaction": ("migration-blocking-ddl", True),
    "ban-drop-constraint": ("migration-destructive-change", False),
}


class SquawkHit(NamedTuple):
    """One complaint; lines are 1-based."""

    rule: str
    hazard: str
    line: int
    end_line: int
    postable: bool
    ignored: bool  # the author had told squawk to be silent here


class SquawkAnswer(NamedTuple):
    """What squawk said. `spoke` is False where it is absent, too slow, or could not read the text; `why` says which."""

    hits: tuple[SquawkHit, ...] = ()
    spoke: bool = False
    why: str = ""


@cache
def binary() -> str:
    """Where the installed package put its program, "" if it is not there. PATH is not asked."""
    from importlib import metadata

    try:
        files = metadata.files("squawk-cli") or ()
    except metadata.PackageNotFoundError:
        return ""
    for file in files:
        if Path(str(file)).name in {"squawk", "squawk.exe"}:
            found = Path(str(file.locate())).resolve()
            if found.is_file() and os.access(found, os.X_OK):
                return str(found)
    return ""


def lint(
    sql: str, path: str, *, in_transaction: bool = True, seconds: float = SECONDS, program: str | None = None
) -> SquawkAnswer:
    """squawk's complaints about `sql`. Never raises for what the text holds."""
    program = binary() if program is None else program
    if not program:
        return SquawkAnswer(why="squawk is not installed")
    if _TEMPLATE.search(sql):
        return SquawkAnswer(why="a template, not SQL")
    ignored = {sql.count("\n", 0, match.start()) + 1 for match in _IGNORE.finditer(sql)}
    text = _IGNORE.sub(lambda match: "-" * len(match[0]), blank_down(sql))
    command = [program, "--reporter", "json", "--config", os.devnull, "--stdin-filepath", _harmless(path)]
    if in_transaction:
        command.append("--assume-in-transaction")
    try:
        done = subprocess.run(  # noqa: S603  a fixed program of our own dependency; the text goes by stdin
            command, input=text.encode("utf-8", "replace"), capture_output=True, timeout=seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        return SquawkAnswer(why=f"squawk took longer than {seconds:g} s")
    except OSError as error:
        return SquawkAnswer(why=f"squawk cannot be started: {error.strerror}")
    return _read(done.stdout, ignored)


def _harmless(path: str) -> str:
    """A file name that cannot pass for an option."""
    return "./" + re.sub(r"[^\w./-]", "_", path).lstrip("/.-") if path else "./migration.sql"


def _read(output: bytes, ignored: set[int]) -> SquawkAnswer:
    try:
        items = json.loads(output or b"[]")
    except ValueError:
        return SquawkAnswer(why="squawk's answer is not JSON")
    hits = []
    for item in items if isinstance(items, list) else []:
        rule = str(item.get("rule_name", ""))
        if rule == "syntax-error":
            return SquawkAnswer(why="not PostgreSQL's dialect")
        if rule not in RULES:
            continue
        hazard, postable = RULES[rule]
        line = int(item.get("line") or 0) + 1  # squawk counts from zero
        end = int(item.get("line_end") or item.get("line") or 0) + 1
        hits.append(
            SquawkHit(
                rule,
                hazard,
                line,
                max(line, end),
                postable,
                bool(ignored & {line - 1, line}),
            )
        )
    return SquawkAnswer(tuple(hits), spoke=True)
