"""Running git on a repository that may be hostile: nothing in it gets executed, nobody's settings change the answer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Self

from reviewer.errors import SourceError
from reviewer.sources.git_settings import DIFF, environment

__all__ = ["DIFF", "Git", "end", "failure"]

SECONDS = 120.0  # for one git command
BYTES = 512 * 1024 * 1024  # of output of one git command


@dataclass(frozen=True, slots=True)
class Git:
    """A place to run git in. `environment` is added to a clean one; `settings` win over all configuration."""

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[tuple[str, str], ...] = ()

    def run(self, *arguments: str, stdin: bytes = b"", seconds: float = SECONDS, limit: int = BYTES) -> bytes:
        """Standard output of one git command. Raises SourceError if it fails, runs too long or says too much."""
        done = self.attempt(*arguments, stdin=stdin, seconds=seconds, limit=limit)
        if done.returncode:
            raise failure(done.stderr.decode("utf-8", "replace"), self.directory)
        return done.stdout

    def text(self, *arguments: str) -> str:
        """`run`, as text without the last line feed."""
        return self.run(*arguments).decode("utf-8", "surrogateescape").removesuffix("\n")

    def attempt(
        self, *arguments: str, stdin: bytes = b"", seconds: float = SECONDS, limit: int = BYTES
    ) -> subprocess.CompletedProcess[bytes]:
        """One git command, whatever its exit code. Raises SourceError if it runs too long or says too much."""
        with tempfile.TemporaryFile() as errors:
            process = self.start(*arguments, stderr=errors)
            assert process.stdin is not None
            assert process.stdout is not None
            with process, _Deadline(process, seconds) as deadline:
                feeder = threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True)
                feeder.start()
                output = process.stdout.read(limit + 1)
                if len(output) > limit:
                    end(process)
                feeder.join()
                process.wait()
            if deadline.passed or len(output) > limit:
                raise _bounds(arguments[0], timed_out=deadline.passed, seconds=seconds, limit=limit)
            errors.seek(0)
            return subprocess.CompletedProcess(arguments, process.returncode, output, errors.read(64 * 1024))

    def start(self, *arguments: str, stderr: int | IO[bytes] = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """A git process with pipes; the caller ends it. Raises SourceError if it cannot even start."""
        git = _git()
        try:
            return subprocess.Popen(  # noqa: S603 - git itself, and no shell
                [git, "--no-pager", "--literal-pathspecs", *arguments],
                cwd=self.directory,
                env={**environment(git, self.settings), **self.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                process_group=0,  # so that `end` reaches what git itself may have started
            )
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            raise SourceError(
                f"git cannot be run in {self.directory}: {error.strerror}.", "Give a repository with --repo PATH."
            ) from error


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process of `Git.start` and all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class _Deadline:
    """Kills a process when its time is up."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def _pass(self) -> None:
        self.passed = True
        end(self._process)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _feed(pipe: IO[bytes], data: bytes) -> None:
    try:
        pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        return  # git stopped reading; its exit code tells why


def _bounds(command: str, *, timed_out: bool, seconds: float, limit: int) -> SourceError:
    if timed_out:
        return SourceError(f"`git {command}` took longer than {seconds:g} s.", "Review a smaller range.")
    return SourceError(f"`git {command}` gave more than {limit >> 20} MB.", "Review a smaller range.")


@cache
def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise SourceError("git is not installed.", "Install git, or hand in a diff without --repo: --diff FILE.")
    return found


# What git says, what it means, what to do.
_CAUSES = (
    (
        "dubious ownership",
        "git does not trust {where}: it belongs to another user.",
        "If you trust it: git config --global --add safe.directory {where}",
    ),
    (
        "not a git repository",
        "{where} is not a git repository.",
        "Give one with --repo PATH, or a diff with --diff FILE.",
    ),
    (
        "cannot use bare repository",
        "{where} lies in a bare repository that was not named.",
        "Name the repository itself with --repo PATH.",
    ),
    ("must be run in a work tree", "{where} has no work tree.", "Use --range A...B there."),
    (
        "bad object",
        "An object of {where} is missing.",
        "Fetch the whole history (actions/checkout: fetch-depth: 0).",
    ),
    ("error building trees", "{where} has unresolved merge conflicts.", "Resolve them first."),
    ("unable to read tree", "A tree of {where} is missing.", "Fetch the whole history (fetch-depth: 0)."),
)


def failure(stderr: str, where: Path) -> SourceError:
    """Our error for what git said."""
    for mark, message, hint in _CAUSES:
        if mark in stderr:
            return SourceError(message.format(where=where), hint.format(where=where))
    said = [line for line in stderr.strip().splitlines() if line.startswith(("fatal:", "error:"))]
    return SourceError(
        f"git failed in {where}: {said[-1] if said else 'without a word'}",
        "Try the same range with `git diff` there.",
    )
