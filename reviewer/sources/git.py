"""Running git on a repository that may be hostile: nothing in it gets executed, nobody's settings change the answer."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Self

from reviewer.errors import SourceError

SECONDS = 120.0  # for one git command
BYTES = 512 * 1024 * 1024  # of output of one git command

# Settings that could run a program, reach the network or change what a diff looks like, as the repository's own
# configuration could have them. Given through the environment, where they win over every file.
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.pager": "cat",
    "core.attributesFile": "/dev/null",
    "core.quotePath": "true",
    "core.sshCommand": "false",
    "core.gitProxy": "",
    "core.askPass": "",
    "credential.helper": "",
    "diff.external": "",
    "diff.orderFile": "/dev/null",
    "diff.suppressBlankEmpty": "false",
    "diff.ignoreSubmodules": "dirty",
    "gpg.program": "false",
    "gpg.ssh.program": "false",
    "gpg.x509.program": "false",
    "log.showSignature": "false",
    "log.mailmap": "false",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
}

# Every choice that shapes a diff, so that configuration has none left.
DIFF = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=histogram",
    "--indent-heuristic",
    "--find-renames=50%",
    "-l2000",
    "--full-index",
    "--submodule=short",
    "--ignore-submodules=dirty",
    "--no-relative",
    "--output-indicator-new=+",
    "--output-indicator-old=-",
    "--output-indicator-context= ",
)

_BAD_REVISION = re.compile(r"[\x00-\x20\x7f:?*\[\\]|\A-")


@dataclass(frozen=True, slots=True)
class Git:
    """A repository to run git on. `environment` is added to a clean one; `settings` win over all configuration."""

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: bytes = b"", seconds: float = SECONDS, limit: int = BYTES) -> bytes:
        """Standard output of one git command. Raises SourceError if it fails, runs too long or says too much."""
        done = self.attempt(*arguments, stdin=stdin, seconds=seconds, limit=limit)
        if done.returncode:
            raise failure(done.stderr.decode("utf-8", "replace"), self.directory)
        return done.stdout

    def text(self, *arguments: str) -> str:
        """`run`, as stripped text."""
        return self.run(*arguments).decode("utf-8", "replace").strip()

    def attempt(
        self, *arguments: str, stdin: bytes = b"", seconds: float = SECONDS, limit: int = BYTES
    ) -> subprocess.CompletedProcess[bytes]:
        """One git command, whatever its exit code."""
        with tempfile.TemporaryFile() as errors:
            process = self.start(*arguments, stderr=errors)
            assert process.stdin is not None
            assert process.stdout is not None
            with process, _Deadline(process, seconds) as deadline:
                feeder = threading.Thread(target=_feed, args=(process, stdin), daemon=True)
                feeder.start()
                output = process.stdout.read(limit + 1)
                if len(output) > limit or deadline.passed:
                    process.kill()
                feeder.join()
                process.wait()
            if deadline.passed or len(output) > limit:
                raise _bounds(arguments[0], deadline.passed, seconds, limit)
            errors.seek(0)
            return subprocess.CompletedProcess(arguments, process.returncode, output, errors.read(64 * 1024))

    def start(self, *arguments: str, stderr: int | IO[bytes] = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """A git process with pipes; the caller ends it."""
        return subprocess.Popen(  # noqa: S603 - git itself, no shell
            [_git(), "--no-pager", "--literal-pathspecs", *arguments],
            cwd=self.directory,
            env={**_clean(self.settings), **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )


class _Deadline:
    """Kills a process when its time is up."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._pass)

    def _pass(self) -> None:
        self.passed = True
        self._process.kill()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(data)
        process.stdin.close()
    except BrokenPipeError:
        return  # git stopped reading; its exit code tells why


def _bounds(command: str, timed_out: bool, seconds: float, limit: int) -> SourceError:
    if timed_out:
        return SourceError(f"`git {command}` took longer than {seconds:.0f} s.", "Review a smaller range.")
    return SourceError(f"`git {command}` gave more than {limit >> 20} MB.", "Review a smaller range.")


@cache
def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise SourceError("git is not installed.", "Install git, or hand in a diff: --diff FILE.")
    return found


def _clean(settings: Mapping[str, str]) -> dict[str, str]:
    """An environment with nothing of the user's in it but where git is."""
    pairs = list({**_SETTINGS, **settings}.items())
    environment = {
        "PATH": f"{Path(_git()).parent}:/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_PAGER": "cat",
        "GIT_ASKPASS": "false",
        "GIT_EDITOR": "false",
        "GIT_CONFIG_COUNT": str(len(pairs)),
    }
    for index, (key, value) in enumerate(pairs):
        environment[f"GIT_CONFIG_KEY_{index}"] = key
        environment[f"GIT_CONFIG_VALUE_{index}"] = value
    return environment


_CAUSES: Sequence[tuple[str, str, str]] = (
    (
        "dubious ownership",
        "git does not trust {where}: it belongs to another user.",
        'If you trust it: git config --global --add safe.directory "{where}"',
    ),
    ("not a git repository", "{where} is not a git repository.", "Give one with --repo PATH, or use --diff FILE."),
    (
        "cannot use bare repository",
        "{where} lies in a bare repository that was not named.",
        "Name the repository itself with --repo PATH.",
    ),
    ("this operation must be run in a work tree", "{where} has no work tree.", "Use --range A...B there."),
    ("bad object", "An object is missing in {where}.", "Fetch the whole history (actions/checkout: fetch-depth: 0)."),
    ("unmerged", "There are unresolved merge conflicts in {where}.", "Resolve them first."),
    ("error building trees", "There are unresolved merge conflicts in {where}.", "Resolve them first."),
)


def failure(stderr: str, where: Path) -> SourceError:
    """Our error for what git said."""
    for mark, message, hint in _CAUSES:
        if mark in stderr:
            return SourceError(message.format(where=where), hint.format(where=where))
    said = stderr.strip().splitlines()
    return SourceError(f"git failed in {where}: {said[-1] if said else 'without a word'}", "")


def check_revision(name: str) -> str:
    """The name as given, if git could take it for a revision and for nothing else. Raises SourceError."""
    if not name or len(name) > 1024 or _BAD_REVISION.search(name):
        raise SourceError(f"{name!r} is not a revision.", "Give a branch, tag or commit.")
    return name
