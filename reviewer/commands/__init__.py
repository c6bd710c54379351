"""Commands: one module each, with `configure(parser)` and `run(arguments, world) -> exit code`; one line here."""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "review": "review a change (the default)",
    "audit": "review many pull requests, or a range commit by commit, into a folder of reports",
    "publish": "post a review.json to its pull request, or merge several and post the whole",
    "respond": "answer a comment command (/review, /ack, /explain, /ask) from an Actions event",
    "plan": "cut a large change into shards for a matrix of jobs",
    "explain": "tell all about a hazard or a rule",
    "rules": "list the deterministic rules",
    "init": "write workflow and configuration into a repository",
    "doctor": "check the installation, configuration, keys and permissions, and say how to mend them",
    "eval": "measure the reviewer on a folder of labelled changes",
    "serve-mcp": "serve reviews to coding agents over MCP (stdio)",
}


def module_of(command: str) -> str:
    """The module that holds a command (`serve-mcp` lives in `reviewer.commands.serve_mcp`)."""
    return f"{__name__}.{command.replace('-', '_')}"
