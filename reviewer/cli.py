"""The command line: the composition root. Reads arguments and environment, runs one command, ends with its exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from reviewer import __version__
from reviewer.ahead import head_start
from reviewer.arguments import add_options
from reviewer.commands import COMMANDS, module_of
from reviewer.errors import ExitCode, ReviewerError
from reviewer.loading import loading
from reviewer.options import REVIEW
from reviewer.world import World

PROGRAM = "design-reviewer"
GRACE = 4.0  # seconds from the first signal to the end, come what may
EPILOG = """\
exit codes: 0 reviewed, nothing at or above --fail-on · 1 reviewed, something is · 2 usage or configuration ·
3 the change cannot be read · 4 incomplete: something was not reviewed · 5 reviewed but not delivered
keys: ANTHROPIC_API_KEY, OPENAI_API_KEY, GITHUB_TOKEN
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; prints our own errors as message and hint, never a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    command = words.pop(0) if words and words[0] in COMMANDS else "review"
    arguments = parser_of(command).parse_args(words)
    # Pydantic would look through all that is installed for plugins to load: nobody's business where keys are.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")
    world = World(os.environ, Path.cwd(), sys.stdin.buffer, sys.stdout, sys.stderr)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stopper(world))
    try:
        with head_start(command, vars(arguments), world) as world.begun:
            with loading():
                module = importlib.import_module(module_of(command))
            return int(module.run(arguments, world))
    except ReviewerError as error:
        _explain(error, world)
        return int(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.OK)


def parser_of(command: str) -> argparse.ArgumentParser:
    """The parser of one command; only what was given on the command line becomes an attribute."""
    parser = _Parser(
        prog=PROGRAM if command == "review" else f"{PROGRAM} {command}",
        usage="%(prog)s [COMMAND] [what to review] [options]" if command == "review" else None,
        description=_overview() if command == "review" else COMMANDS[command],
        epilog=EPILOG,
        formatter_class=_Help,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    if command == "review":
        add_options(parser, REVIEW)
    else:
        importlib.import_module(module_of(command)).configure(parser)
    return parser


class _Help(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal, without `shutil` and the four compressors it loads: a tenth of the time of `--help`."""

    def __init__(self, prog: str) -> None:
        columns = os.environ.get("COLUMNS", "")
        if not columns.isdigit():
            try:
                columns = str(os.get_terminal_size(sys.stdout.fileno()).columns)
            except (AttributeError, ValueError, OSError):
                columns = ""  # no terminal
        super().__init__(prog, width=(int(columns or 0) or 80) - 2)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint about a word it does not know names the nearest it does."""

    def error(self, message: str) -> NoReturn:
        import difflib

        wrong = message.partition("unrecognized arguments: ")[2].split()
        known = [*self._option_string_actions, *COMMANDS]
        near = difflib.get_close_matches(wrong[0].partition("=")[0], known, n=1) if wrong else []
        super().error(f"{message}. Did you mean {near[0]}?" if near else message)


def _overview() -> str:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
    return (
        "Design review of backend changes: reliability, security and data integrity.\n\n"
        f"commands ({PROGRAM} COMMAND --help tells more):\n{listed}"
    )


def _stopper(world: World) -> Callable[[int, FrameType | None], None]:
    """First signal: finish with what there is. Second: the user means it."""

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        if world.stop.is_set():
            os._exit(128 + number)
        world.stop.set()
        # Whatever holds us up (a silent server, a huge change): a cancelled run ends, and `publish` or a new run finishes it.
        last = threading.Timer(GRACE, os._exit, [int(ExitCode.INTERRUPTED)])
        last.daemon = True
        last.start()

    return stop


def _explain(error: ReviewerError, world: World) -> None:
    from reviewer.reporters.sanitise import log, terminal, workflow

    world.say(log(terminal(f"{PROGRAM}: {error.message}")))
    if error.hint:
        world.say(log(terminal(f"  hint: {error.hint}")))
    if world.in_actions:
        print(f"::error title=Design Reviewer::{workflow(f'{error.message} {error.hint}'.strip())}", file=world.stdout)
