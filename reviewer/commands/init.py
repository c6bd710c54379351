"""`init`: write the workflow and the configuration into a repository, and say what is left to do by hand."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import NamedTuple

from reviewer import resources
from reviewer.errors import DeliveryError, ExitCode, UsageError
from reviewer.world import World

WORKFLOWS = {
    "same-repository": "every pull request from a branch of this repository",
    "fork-safe": "pull requests from forks too, in two stages: no key ever meets a stranger's token",
    "manual": "only when somebody starts it, with a pull request's number",
    "sharded": "very large pull requests, cut into parallel jobs",
    "comments": "answers /review, /ack, /explain and /ask in comments",
}
DEFAULT = "same-repository"
CONFIG_PATH = ".github/design-reviewer.yml"
CONFIG_TEMPLATE = "design-reviewer.yml"  # beside the prompts, a file with comments that is valid as it stands

_SECRET = re.compile(r"secrets\.([A-Z][A-Z0-9_]*)")
_WHAT_FOR = {
    "ANTHROPIC_API_KEY": "to have Anthropic's models read the change",
    "OPENAI_API_KEY": "to have OpenAI's models, or a server of your own, read it",
}


class NewFile(NamedTuple):
    """A file to be written, by its path in the repository."""

    path: str
    text: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Which workflows, where, and whether files that are there may be replaced."""
    told = "; ".join(f"{name}: {text}" for name, text in WORKFLOWS.items())
    parser.add_argument(
        "--workflow", action="append", choices=tuple(WORKFLOWS), help=f"what to write, may be repeated ({told})"
    )
    parser.add_argument("--repo", default="", metavar="PATH", help="the repository's folder (default: this one)")
    parser.add_argument("--force", action="store_true", default=False, help="replace files that are there")


def run(arguments: argparse.Namespace, world: World) -> int:
    """Write the files. Raises UsageError if one is there already and `--force` is not given: then none is written."""
    root = world.cwd / arguments.repo
    if not (root / ".git").exists():
        raise UsageError(
            f"{root} is no git repository.", "Run init in the repository's top folder, or name it: --repo."
        )
    chosen = getattr(arguments, "workflow", None) or [_asked(world)]
    files = files_for(chosen)
    there = [file.path for file in files if (root / file.path).exists()]
    if there and not arguments.force:
        raise UsageError(f"{', '.join(there)}: already there.", "Nothing was written. --force replaces them.")
    for file in files:
        _write(root, file)
        world.stdout.write(f"wrote {file.path}\n")
    world.stdout.write(next_steps(files))
    return int(ExitCode.OK)


def files_for(chosen: list[str]) -> list[NewFile]:
    """The workflows of the chosen names, then the configuration."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(chosen):
        templates = sorted(resources.workflows().glob(f"{name}*.yml"))
        if not templates:
            raise UsageError(f"The template {name!r} is missing.", "The installation is incomplete: install it again.")
        for template in templates:
            found[_place_of(template.stem)] = template.read_text(encoding="utf-8")
    found[CONFIG_PATH] = (resources.prompts() / CONFIG_TEMPLATE).read_text(encoding="utf-8")
    return [NewFile(path, text) for path, text in found.items()]


def next_steps(files: list[NewFile]) -> str:
    """What the person has to do: secrets, a look at the configuration, a commit."""
    texts = "\n".join(file.text for file in files)
    secrets = [name for name in dict.fromkeys(_SECRET.findall(texts)) if name != "GITHUB_TOKEN"]
    lines = ["", "Next:"]
    if secrets:
        lines += [
            "  - set one of these secrets (Settings > Secrets and variables > Actions); with none, rules review alone:"
        ]
        lines += [f"      gh secret set {name}    {_WHAT_FOR.get(name, '')}".rstrip() for name in secrets]
    lines += [
        "  - in the workflow, write the account that hosts the action instead of octo, and pin a commit",
        f"  - read {CONFIG_PATH}: everything in it is optional",
        "  - check the set-up: python -m reviewer doctor",
        "  - commit the files to the default branch: configuration and workflow are only read from there",
    ]
    return "\n".join(lines) + "\n"


def _place_of(stem: str) -> str:
    suffix = "" if stem == DEFAULT else f"-{stem}"
    return f".github/workflows/design-review{suffix}.yml"


def _asked(world: World) -> str:
    """Ask a person at a terminal; anybody else gets the default."""
    if not (world.stdin.isatty() and world.stderr.isatty()):
        return DEFAULT
    names = list(WORKFLOWS)
    for number, name in enumerate(names, 1):
        world.say(f"  {number}  {name:<16} {WORKFLOWS[name]}")
    world.stderr.write("Which workflow? [1] ")
    world.stderr.flush()
    return _choice(world.stdin.readline().decode("utf-8", "replace").strip(), names)


def _choice(answer: str, names: list[str]) -> str:
    if not answer:
        return DEFAULT
    if answer in names:
        return answer
    if answer.isdigit() and 1 <= int(answer) <= len(names):
        return names[int(answer) - 1]
    raise UsageError(f"{answer!r} is none of them.", f"Give --workflow {'|'.join(names)}.")


def _write(root: Path, file: NewFile) -> None:
    path = root / file.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    except OSError as error:
        raise DeliveryError(
            f"{path} cannot be written: {error.strerror}.", "Check the folder's permissions."
        ) from error
