"""The real `act` on a consumer's repository: our action by its published name, GitHub and the model on loopback.

Artifacts go through two stub actions that copy files, since there is no artifact service here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.fakes.github import shapes
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT, Pull

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "workflows"
UPLOAD = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02"
DOWNLOAD = "actions/download-artifact@634f93cb2916e3fdff6788551b99b062d0335ce0"
SECONDS = 500

_UPLOAD_STUB = """\
name: upload
description: copies a file to where the download stub finds it
inputs: {name: {required: true}, path: {required: true}, if-no-files-found: {default: warn}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FROM: "${{ inputs.path }}"}
      run: mkdir -p "$HOME/artifacts/$NAME" && cp "$FROM" "$HOME/artifacts/$NAME/"
"""
_DOWNLOAD_STUB = """\
name: download
description: copies what the upload stub kept
inputs: {name: {required: true}, path: {required: true}, run-id: {default: ""}, github-token: {default: ""}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", TO: "${{ inputs.path }}"}
      run: mkdir -p "$TO" && cp "$HOME/artifacts/$NAME/"* "$TO/"
"""


def act_path() -> str:
    """Where `act` is: beside this Python, or on the path; "" if nowhere."""
    beside = Path(sys.executable).parent / "act"
    return str(beside) if beside.exists() else shutil.which("act") or ""


class Ran(NamedTuple):
    """One run of a workflow. `outputs` are the step outputs act told of, later ones over earlier ones."""

    code: int
    log: str
    outputs: Mapping[str, str]
    events: list[dict[str, Any]]


class Consumer:
    """A repository of somebody who uses the action, and the home that its runs share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.repository = folder / "shop"
        self.home.mkdir()
        self.stubs = {
            "octo/design-reviewer@v1": self._tree(),
            UPLOAD: self._stub("upload", _UPLOAD_STUB),
            DOWNLOAD: self._stub("download", _DOWNLOAD_STUB),
        }
        (self.repository / ".github" / "workflows").mkdir(parents=True)
        (self.repository / "README.md").write_text("A shop.\n", encoding="utf-8")
        self._git(self.repository, "init", "-q", "-b", "main")
        self._git(self.repository, "remote", "add", "origin", "https://github.com/octo/shop.git")

    def run(self, workflow: str, event: str, payload: Mapping[str, Any], github: FakeGitHub, **environment: str) -> Ran:
        """Run a workflow's text for an event. `secrets` go by environment name: `ANTHROPIC_API_KEY` is one."""
        place = self.repository / ".github" / "workflows" / "review.yml"
        place.write_text(workflow, encoding="utf-8")
        self._git(self.repository, "add", "-A")
        self._git(self.repository, "commit", "-q", "--allow-empty", "-m", "workflow")
        told = self.folder / "event.json"
        told.write_text(json.dumps(payload), encoding="utf-8")
        secrets = {"GITHUB_TOKEN": f"token-{BOT.login}"}
        if "ANTHROPIC_API_KEY" in environment:
            secrets["ANTHROPIC_API_KEY"] = environment.pop("ANTHROPIC_API_KEY")
        passed = {"GITHUB_API_URL": github.url, "PIP_CACHE_DIR": str(self.folder / "pip"), **environment}
        words = [act_path(), event, "-e", str(told), "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--json"]
        words += [word for name, text in secrets.items() for word in ("-s", f"{name}={text}")]
        words += [word for name, text in passed.items() for word in ("--env", f"{name}={text}")]
        words += [word for name, at in self.stubs.items() for word in ("--local-repository", f"{name}={at}")]
        done = subprocess.run(
            words,
            cwd=self.repository,
            env={"PATH": _path(), "HOME": str(self.home)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        outputs = {e["name"]: e["arg"] for e in events if e.get("command") == "set-output"}
        return Ran(done.returncode, "\n".join(str(e.get("msg", "")) for e in events) + done.stderr, outputs, events)

    def _tree(self) -> Path:
        """Our action as a repository of its own, from the files here and now."""
        tree = self.folder / "design-reviewer"
        for name in ("reviewer", "prompts"):
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("action.yml", "requirements.lock"):
            shutil.copy(ROOT / name, tree / name)
        return self._committed(tree)

    def _stub(self, name: str, text: str) -> Path:
        tree = self.folder / name
        tree.mkdir()
        (tree / "action.yml").write_text(text, encoding="utf-8")
        return self._committed(tree)

    def _committed(self, tree: Path) -> Path:
        self._git(tree, "init", "-q", "-b", "main")
        self._git(tree, "add", "-A")
        self._git(tree, "commit", "-q", "-m", "all")
        return tree

    def _git(self, folder: Path, *words: str) -> None:
        who = {f"GIT_{role}_{what}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "GIT_CONFIG_NOSYSTEM": "1", **who}
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True)


def pull_event(github: FakeGitHub, pull: Pull) -> dict[str, Any]:
    return {
        "action": "opened",
        "number": pull.number,
        "pull_request": shapes.pull(github.state, pull),
        "repository": {"full_name": "octo/shop", "name": "shop", "owner": {"login": "octo"}, "default_branch": "main"},
        "sender": {"login": pull.author.login},
    }


def example(name: str) -> str:
    return (EXAMPLES / f"{name}.yml").read_text(encoding="utf-8")


def _path() -> str:
    """Without the virtual environment we run in: the runner's own Python is what users have."""
    here = str(Path(sys.executable).parent)
    return os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != here)
