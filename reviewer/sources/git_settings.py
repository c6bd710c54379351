"""How git is told to execute nothing, reach nothing and leave nothing of a diff to anybody's configuration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# Given through the environment, where they win over every configuration file.
SETTINGS = (
    # what could run a program
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("core.sshCommand", "false"),
    ("core.gitProxy", ""),
    ("core.askPass", ""),
    ("core.alternateRefsCommand", "false"),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("gpg.program", "false"),
    ("gpg.ssh.program", "false"),
    ("gpg.x509.program", "false"),
    ("log.showSignature", "false"),
    ("protocol.allow", "never"),
    ("safe.bareRepository", "explicit"),
    ("submodule.recurse", "false"),
    # what could change an answer
    ("attr.tree", ""),
    ("core.attributesFile", "/dev/null"),
    ("core.bigFileThreshold", "512m"),
    ("core.quotePath", "true"),
    ("core.untrackedCache", "false"),
    ("diff.ignoreSubmodules", "dirty"),
    ("diff.orderFile", "/dev/null"),
    ("diff.suppressBlankEmpty", "false"),
    ("apply.whitespace", "nowarn"),
    ("apply.ignoreWhitespace", "no"),
    ("i18n.logOutputEncoding", "UTF-8"),
    ("log.mailmap", "false"),
)

# Every choice that shapes a diff. Myers, as GitHub and plain `git diff` have it.
DIFF = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
    "--indent-heuristic",
    "--find-renames=50%",
    "-l1000",
    "--full-index",
    "--submodule=short",
    "--ignore-submodules=dirty",
    "--no-relative",
    "--output-indicator-new=+",
    "--output-indicator-old=-",
    "--output-indicator-context= ",
)

_FIXED = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # no protocol has that name
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "false",
    "GIT_EDITOR": "false",
}


def environment(git: str, settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The whole environment of a git process: nothing of the user's but where git is. Later settings win."""
    pairs = [*SETTINGS, *settings]
    made = {**_FIXED, "PATH": f"{Path(git).parent}:/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_COUNT": str(len(pairs))}
    for index, (key, value) in enumerate(pairs):
        made[f"GIT_CONFIG_KEY_{index}"] = key
        made[f"GIT_CONFIG_VALUE_{index}"] = value
    return made
