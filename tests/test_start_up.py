"""What a run loads, and where: `--help` nothing but the parser, a review neither the SDK nor the engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.model_server import OPENAI, ModelServer, Say
from tests.test_cli import SAMPLE

ROOT = Path(__file__).resolve().parent.parent
# Each takes tens of milliseconds or more to import.
HEAVY = ("anthropic", "openai", "httpx2", "github", "requests", "rich", "yaml", "sqlglot", "graphql", "ast_grep_py")
HEAVY += ("tenacity", "pathspec", "asyncio", "reviewer.evidence.engine", "reviewer.evidence.registry")
TELL = """
import json, sys
code = 0
try:
    {call}
finally:
    print("LOADED " + json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(call: str, **environment: str) -> set[str]:
    """The modules a process of its own holds after a call."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", TELL.format(call=call)],
        cwd=ROOT,
        env={**bare, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.rpartition("LOADED ")[2]))


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_loads_the_parser_and_nothing_else(words: list[str]) -> None:
    found = loaded(f"from reviewer.cli import main; main({words})")
    assert not found & {*HEAVY, "pydantic", "dataclasses", "subprocess", "shutil"}
    assert not [name for name in found if name.startswith(("reviewer.stages", "reviewer.nouns", "reviewer.providers"))]


@pytest.mark.parametrize("command", ["plan", "doctor", "publish"])
def test_help_on_a_command_loads_nothing_heavy(command: str) -> None:
    assert not loaded(f"from reviewer.cli import main; main(['{command}', '--help'])") & set(HEAVY)


def test_the_review_command_is_there_before_anything_heavy() -> None:
    assert not loaded("import reviewer.commands.review") & set(HEAVY)


def test_a_review_has_sdk_and_engine_in_other_processes() -> None:
    with ModelServer(Say({"summary": "fine", "signals": [], "findings": [], "questions": []})) as server:
        words = ["--diff", str(SAMPLE), "--provider", "openai", "--base-url", server.url(OPENAI), "--format", "json"]
        words += ["--verify", "off", "--fail-on", "never"]
        found = loaded(f"from reviewer.cli import main; main({words})", OPENAI_API_KEY="k")
    assert server.seen
    assert not found & {"openai", "httpx2", "reviewer.evidence.engine", "rich", "github"}


def test_plugins_of_other_packages_are_not_loaded_beside_the_keys(tmp_path: Path) -> None:
    (tmp_path / "guest.py").write_text("plugin = None\n", encoding="utf-8")
    told = tmp_path / "guest-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: guest\nVersion: 1.0\n", encoding="utf-8")
    (told / "entry_points.txt").write_text("[pydantic]\nguest = guest:plugin\n", encoding="utf-8")
    call = f"from reviewer.cli import main; main(['--diff', {str(SAMPLE)!r}, '--format', 'json'])"
    found = loaded(call, PYTHONPATH=str(tmp_path))
    assert "pydantic" in found
    assert "guest" not in found
