"""Workflows that people copy: least rights, pinned, no way from a pull request into a shell; the docs show the same text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from reviewer.commands import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples" / "workflows").glob("*.yml"))
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
INPUTS = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
ACTION = "octo/design-reviewer@v1"

workflow = pytest.mark.parametrize("path", [*EXAMPLES, *OURS], ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # type: ignore[no-any-return]


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job.get("steps", [])]


@workflow
def test_others_are_pinned_by_commit_and_ours_exists(path: Path) -> None:
    for step in steps(path):
        name, _, version = step.get("uses", "./").partition("@")
        if name not in ("./", ACTION.partition("@")[0]):
            assert re.fullmatch(r"[0-9a-f]{40}", version), step["uses"]
        elif name != "./":
            assert step["uses"] == ACTION


@workflow
def test_our_action_is_given_inputs_it_has_and_commands_it_knows(path: Path) -> None:
    for step in steps(path):
        if step.get("uses") in (ACTION, "./"):
            given = step.get("with", {})
            assert given.keys() <= INPUTS.keys()
            assert given.get("command", "review").split()[0] in COMMANDS


@workflow
def test_rights_are_stated_and_never_more_than_needed(path: Path) -> None:
    found = read(path)
    jobs = list(found["jobs"].values())
    granted = [found["permissions"], *(job["permissions"] for job in jobs if "permissions" in job)]
    assert all("permissions" in job for job in jobs) or found["permissions"]
    may_write = {name for rights in granted for name, right in dict(rights or {}).items() if right == "write"}
    assert may_write <= ({"contents", "id-token", "attestations"} if path.stem == "release" else {"pull-requests"})


@workflow
def test_no_text_of_a_pull_request_reaches_a_shell(path: Path) -> None:
    assert not [step for step in steps(path) if "${{" in step.get("run", "")]


@workflow
def test_where_secrets_meet_strangers_nothing_is_checked_out_but_the_base(path: Path) -> None:
    found = read(path)
    if not {"pull_request_target", "workflow_run", "issue_comment"} & set(found["on"]):
        return
    for step in steps(path):
        if "checkout" in step.get("uses", ""):
            assert "head" not in step.get("with", {}).get("ref", "")


def test_the_stage_that_may_write_has_no_model_key() -> None:
    for name in ("fork-safe-publish", "sharded"):
        job = read(ROOT / "examples" / "workflows" / f"{name}.yml")["jobs"]["publish"]
        assert job["permissions"]["pull-requests"] == "write"
        assert "api-key" not in str(job)


def test_the_second_stage_waits_for_the_first_by_its_name() -> None:
    first, second = (read(ROOT / "examples" / "workflows" / f"fork-safe{part}.yml") for part in ("", "-publish"))
    assert second["on"]["workflow_run"]["workflows"] == [first["name"]]


def test_the_docs_name_every_example_and_show_the_ten_lines_as_they_are() -> None:
    text = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
    assert not [path.name for path in EXAMPLES if f"(../examples/workflows/{path.name})" not in text]
    shown = re.findall(r"<!-- example: (\S+) -->\n```yaml\n(.*?)```", text, re.DOTALL)
    assert shown
    for name, block in shown:
        assert block == (ROOT / "examples" / "workflows" / name).read_text(encoding="utf-8")
