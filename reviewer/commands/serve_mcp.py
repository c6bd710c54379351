"""`serve-mcp`: let coding agents ask for a review over MCP (standard input and output)."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reviewer import __version__, hazards
from reviewer.api import review
from reviewer.arguments import add_options
from reviewer.asking import keys_of
from reviewer.commands.explain import describe
from reviewer.errors import ExitCode, ReviewerError, UsageError
from reviewer.options import REVIEW
from reviewer.providers import OFFLINE, resolve
from reviewer.reporters import render
from reviewer.world import World

if TYPE_CHECKING:
    from mcp.server import MCPServer

Format = Literal["markdown", "json"]
INSTRUCTIONS = (
    "Design review of backend changes: reliability, security and data integrity. Ask for a review of a range or of a "
    "diff before you open a pull request; a verdict of `incomplete` means that something was not looked at."
)
_LEFT_OUT = {"pr", "range", "staged", "diff", "repo", "config", "evidence", "full", "shard"}
_OPTIONS = [
    option for option in REVIEW if option.group in ("model", "review", "limits") and option.name not in _LEFT_OUT
]


def configure(parser: argparse.ArgumentParser) -> None:
    """The one repository that agents may ask about, and how reviews are made. An agent cannot change either."""
    parser.add_argument("--repo", default="", metavar="PATH", help="the repository's folder (default: this one)")
    add_options(parser, _OPTIONS)


def run(arguments: argparse.Namespace, world: World) -> int:
    """Serve until standard input ends. Raises UsageError if the SDK is not installed."""
    chosen = {name: value for name, value in vars(arguments).items() if name != "repo"}
    server = server_for(world.cwd / arguments.repo, chosen, keys_of(world))
    # The server has nothing to finish: end at once, as servers do.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server.run("stdio")
    return int(ExitCode.OK)


def server_for(repo: Path, options: Mapping[str, Any], keys: Mapping[str, str]) -> MCPServer:
    """A server with the three tools, for reviews of `repo`. `keys` are model keys by provider."""
    try:
        from mcp.server import MCPServer
        from mcp_types import ToolAnnotations
    except ImportError as error:
        raise UsageError(
            f"serve-mcp needs the MCP SDK: {error}.", "Install the extra: pip install 'design-reviewer[mcp]'."
        ) from error
    provider = resolve(str(options.get("provider", "auto")), [*keys])
    made = {**options, "provider": provider, "api_key": keys.get(provider, "")}
    server = MCPServer("design-reviewer", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING")
    hints = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=provider != OFFLINE)

    def review_range(range: str = "", format: Format = "markdown") -> str:  # noqa: A002 - the words of the command line
        """Review commits of the repository, given as A...B (since their merge base) or A..B.

        Without a range: the current branch and work tree against the default branch.
        """
        return _told(lambda: render(review(repo=repo, range=range, **made), format))

    def review_diff(diff: str, format: Format = "markdown") -> str:  # noqa: A002
        """Review a unified diff (the output of `git diff`) against the repository's code."""
        return _told(lambda: render(review(diff, repo=repo, **made), format))

    def explain_hazard(name: str) -> str:
        """What a hazard's id means: what happens, how it shows, what makes it no defect, what to do."""
        return _told(lambda: _explained(name))

    for tool in (review_range, review_diff, explain_hazard):
        server.add_tool(tool, annotations=hints, structured_output=False)
    return server


def _explained(name: str) -> str:
    found = {hazard.id: hazard for hazard in hazards.load()}
    if name not in found:
        raise UsageError(f"There is no hazard {name!r}.", f"Known: {', '.join(found)}.")
    return describe(found[name])


def _told(make: Callable[[], str]) -> str:
    """The answer, or our own error as one the agent can read and act on."""
    from mcp.server.mcpserver.exceptions import ToolError

    try:
        return make()
    except ReviewerError as error:
        raise ToolError(f"{error.message} {error.hint}".strip()) from error
