"""The documentation says what the code does: generated pages are fresh, commands run, paths and options exist."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from reviewer.cli import parser_of
from reviewer.commands import COMMANDS
from reviewer.settings import load
from tests import reading_docs
from tests.read_messages import messages
from tests.reading_docs import PAGES, ROOT, Quoted
from tests.test_cli import run
from tests.write_docs import DOCS, ENVIRONMENT, pages

SAMPLE = "examples/order-service/change.diff"
HARMLESS = {"explain", "rules"}
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
PICTURES = DOCS / "img"
PENDING = {"SECURITY.md"}  # being written; none must be left at release


@pytest.mark.parametrize("name", pages())
def test_generated_pages_are_fresh(name: str) -> None:
    """If this fails: `make docs` (or `python -m tests.write_docs`)."""
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name]


def test_there_are_commands_to_test() -> None:
    assert len(reading_docs.commands()) > 20
    assert {"README.md", "README.pt-BR.md", "docs/quick-start.md"} <= {item.page for item in reading_docs.commands()}


@pytest.mark.parametrize("quoted", reading_docs.commands(), ids=lambda quoted: f"{quoted.page}: {quoted.text}")
def test_every_command_parses(quoted: Quoted, capsys: pytest.CaptureFixture[str]) -> None:
    words = reading_docs.words_of(quoted.text)
    if quoted.text.startswith("make"):
        assert set(words) <= TARGETS
        return
    command = words.pop(0) if words and words[0] in COMMANDS else "review"
    if not words:  # a command named in passing
        return
    if "--help" in words:
        with pytest.raises(SystemExit):
            parser_of(command).parse_args(words)
        assert capsys.readouterr().out
        return
    parser_of(command).parse_args(words)


def _runnable() -> list[str]:
    """Commands that need neither key nor network nor a repository, each once."""
    ours = {item.text for item in reading_docs.commands() if not item.text.startswith("make")}
    return sorted(
        text
        for text in ours
        if "NAME" not in text
        and (words := reading_docs.words_of(text))
        and (words[0] in HARMLESS or SAMPLE in words or words == ["--help"])
    )


@pytest.mark.parametrize("command", _runnable())
def test_harmless_commands_run(command: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    done = run(*reading_docs.words_of(command), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("quoted", reading_docs.links(), ids=lambda quoted: f"{quoted.page}: {quoted.text}")
def test_every_link_leads_somewhere(quoted: Quoted) -> None:
    path, _, fragment = quoted.text.partition("#")
    page = ROOT / quoted.page
    target = page.parent / path if path else page
    if not target.exists() and target.resolve().relative_to(ROOT).as_posix() in PENDING:
        pytest.skip("this page is still being written")
    assert target.exists(), f"{quoted.page} links to {quoted.text}"
    if fragment:
        assert fragment in reading_docs.anchors(target)


@pytest.mark.parametrize("quoted", reading_docs.places(), ids=lambda quoted: f"{quoted.page}: {quoted.text}")
def test_every_path_exists(quoted: Quoted) -> None:
    if "NAME" in quoted.text or quoted.text.startswith(".github/"):  # patterns, and paths in the user's repository
        return
    if quoted.page == "docs/writing-a-rule.md" and "print-in-service" in quoted.text:  # the rule it writes
        return
    assert (ROOT / quoted.text).exists(), f"{quoted.page} names {quoted.text}"


def test_every_option_exists() -> None:
    known = {option for name in COMMANDS for action in parser_of(name)._actions for option in action.option_strings}
    mine = [item for item in reading_docs.options() if not item.page.startswith("docs/decisions/")]
    assert mine
    assert not [item for item in mine if item.text not in known]


def test_every_yaml_block_is_valid_and_configurations_are_accepted() -> None:
    checked = 0
    for page in PAGES:
        for language, text in reading_docs.fences(page):
            if language not in ("yaml", "yml"):
                continue
            read = list(yaml.safe_load_all(text))
            if page.name == "writing-a-rule.md" or {"jobs", "repos", "uses", "steps", "on"} & {
                str(key) for part in read if isinstance(part, dict) for key in part
            }:
                continue
            if read and isinstance(read[0], dict) and True not in read[0]:  # `on:` of a workflow reads as True
                load(text.encode(), page.name, {}, {})
                checked += 1
    assert checked >= 2


def test_the_workflow_a_user_copies_is_the_action_we_have() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    found = 0
    for page in PAGES:
        for _, text in reading_docs.fences(page):
            if "uses: octo/design-reviewer@" not in text:
                continue
            workflow = yaml.safe_load(text)
            if isinstance(workflow, list):  # steps alone
                workflow = {"permissions": "the page's", "jobs": {"job": {"steps": workflow}}}
            for step in (step for job in workflow.get("jobs", {}).values() for step in job.get("steps", [])):
                if step.get("uses", "").startswith("octo/design-reviewer@"):
                    assert set(step.get("with", {})) <= set(inputs)
                    assert workflow["permissions"]
                    found += 1
    assert found >= 2


def _quoted_messages() -> list[str]:
    rows = re.findall(r"^\| `([^`]+)` \|", (DOCS / "troubleshooting.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [row for row in rows if not row.startswith("--") or row.endswith((".", "›"))]


@pytest.mark.parametrize("quoted", _quoted_messages())
def test_every_message_in_troubleshooting_exists(quoted: str) -> None:
    assert any(message.fits(quoted) for message in messages())


def test_every_variable_we_read_is_documented() -> None:
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert not [name for name in ENVIRONMENT if f"`{name}`" not in page]


def test_pictures_are_small_and_used() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in PICTURES.iterdir():
        assert picture.stat().st_size < 300_000
        assert f"img/{picture.name}" in text, f"{picture.name} is shown nowhere"


def test_both_readmes_have_the_same_parts() -> None:
    english, portuguese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.pt-BR.md"))
    for pattern in (r"^## ", r"^```", r"^!\[", r"^\| "):
        assert len(re.findall(pattern, english, re.MULTILINE)) == len(re.findall(pattern, portuguese, re.MULTILINE))


def test_no_page_names_a_place_of_ours() -> None:
    for page in PAGES:
        assert not re.search(r"/wor[k]/|/tm[p]/(?!x)", page.read_text(encoding="utf-8")), page
