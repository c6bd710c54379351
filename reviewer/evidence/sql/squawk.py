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
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from reviewer.evidence.sql.split import blank_down

SECONDS = 5.0
FEW = 4  # migrations that are asked about one by one, without a file
_IGNORE = re.compile(r"--\s*squawk-ignore[^\n]*", re.IGNORECASE)
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{")

# squawk's rule -> our hazard
RULES: dict[str, str] = {
    "adding-required-field": "migration-add-required-column",
    "adding-not-nullable-field": "migration-blocking-ddl",
    "adding-field-with-default": "migration-blocking-ddl",
    "adding-foreign-key-constraint": "migration-blocking-ddl",
    "adding-serial-primary-key-field": "migration-blocking-ddl",
    "constraint-missing-not-valid": "migration-blocking-ddl",
    "disallowed-unique-constraint": "migration-blocking-ddl",
    "changing-column-type": "migration-blocking-ddl",
    "renaming-column": "migration-destructive-change",
    "renaming-table": "migration-destructive-change",
    "ban-drop-column": "migration-destructive-change",
    "ban-drop-table": "migration-destructive-change",
    "ban-truncate-cascade": "migration-destructive-change",
    "require-concurrent-index-creation": "migration-blocking-ddl",
    "require-concurrent-index-deletion": "migration-blocking-ddl",
    "ban-concurrent-index-creation-in-transaction": "migration-blocking-ddl",
    "ban-drop-constraint": "migration-destructive-change",
}
# Those that come true whatever the table holds: the others depend on its size, or on what still uses the name.
_CERTAIN = frozenset({"adding-required-field", "ban-truncate-cascade", "ban-concurrent-index-creation-in-transaction"})


class SquawkHit(NamedTuple):
    """One complaint; lines are 1-based."""

    rule: str
    hazard: str
    line: int
    end_line: int
    ignored: bool  # the author had told squawk to be silent here


class SquawkAnswer(NamedTuple):
    """What squawk said. `spoke` is False where it is absent, too slow, or could not read the text; `why` says which."""

    hits: tuple[SquawkHit, ...] = ()
    spoke: bool = False
    why: str = ""


def certain(hit: SquawkHit) -> bool:
    """Whether a complaint may be posted without a model."""
    return hit.rule in _CERTAIN and not hit.ignored


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


class Script(NamedTuple):
    """What squawk is asked about: one migration."""

    sql: str
    path: str
    in_transaction: bool = True


def lint_all(scripts: Sequence[Script], *, program: str | None = None) -> list[SquawkAnswer]:
    """The answers about many migrations: one process for all of them, not one for each, where that works."""
    program = binary() if program is None else program
    answers: dict[int, SquawkAnswer] = {}
    if program and len(scripts) >= FEW:
        for together in (True, False):
            chosen = [number for number, script in enumerate(scripts) if script.in_transaction is together]
            answers |= _at_once(program, {number: scripts[number] for number in chosen}, in_transaction=together)
    return [
        answers[number]
        if number in answers
        else lint(script.sql, script.path, in_transaction=script.in_transaction, program=program)
        for number, script in enumerate(scripts)
    ]


def _at_once(program: str, scripts: Mapping[int, Script], *, in_transaction: bool) -> dict[int, SquawkAnswer]:
    """Answers from one process by way of files of our own naming; none where it was slow, mad or had no disk."""
    texts = {f"{number}.sql": _readable(script.sql) for number, script in scripts.items() if not _strange(script.sql)}
    if not texts:
        return {}
    try:
        with TemporaryDirectory(prefix="squawk-") as folder:
            for name, text in texts.items():
                Path(folder, name).write_bytes(text)
            done = subprocess.run(  # noqa: S603  as below
                [*_command(program, in_transaction=in_transaction), *texts],
                cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False, env={},
            )  # fmt: skip
        items = json.loads(done.stdout)
        said: dict[str, list[Any]] = {name: [] for name in texts}
        for item in items:
            said[item["file"]].append(item)
    except (subprocess.TimeoutExpired, OSError, ValueError, TypeError, KeyError):
        return {}  # each is asked about by itself then, so that one costs no other its answer
    return {
        number: _read(json.dumps(said[f"{number}.sql"]).encode(), _ignored(script.sql))
        for number, script in scripts.items()
        if f"{number}.sql" in said
    }


def lint(
    sql: str, path: str, *, in_transaction: bool = True, seconds: float = SECONDS, program: str | None = None
) -> SquawkAnswer:
    """squawk's complaints about `sql`. Never raises for what the text holds."""
    program = binary() if program is None else program
    if not program:
        return SquawkAnswer(why="squawk is not installed")
    if _strange(sql):
        return SquawkAnswer(why="a template, not SQL")
    command = [*_command(program, in_transaction=in_transaction), "--stdin-filepath", _harmless(path)]
    try:
        done = subprocess.run(  # noqa: S603  a fixed program of our own dependency; the text goes by stdin
            command, input=_readable(sql), capture_output=True, timeout=seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        return SquawkAnswer(why=f"squawk took longer than {seconds:g} s")
    except OSError as error:
        return SquawkAnswer(why=f"squawk cannot be started: {error.strerror}")
    return _read(done.stdout, _ignored(sql))


def _command(program: str, *, in_transaction: bool) -> list[str]:
    command = [program, "--reporter", "json", "--config", os.devnull]
    return [*command, "--assume-in-transaction"] if in_transaction else command


def _strange(sql: str) -> bool:
    return _TEMPLATE.search(sql) is not None


def _readable(sql: str) -> bytes:
    """What squawk gets: no way back, no word to silence it."""
    return _IGNORE.sub(lambda match: "-" * len(match[0]), blank_down(sql)).encode("utf-8", "replace")


def _ignored(sql: str) -> set[int]:
    """Lines on which the author told squawk to be silent."""
    return {sql.count("\n", 0, match.start()) + 1 for match in _IGNORE.finditer(sql)}


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
        line = int(item.get("line") or 0) + 1  # squawk counts from zero
        end = int(item.get("line_end") or item.get("line") or 0) + 1
        hits.append(
            SquawkHit(
                rule,
                RULES[rule],
                line,
                max(line, end),
                bool(ignored & {line - 1, line}),
            )
        )
    return SquawkAnswer(tuple(hits), spoke=True)
