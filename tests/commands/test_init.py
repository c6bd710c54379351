"""`init` as a user runs it: files written, nothing replaced unasked, and what is left to do."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml

from reviewer import resources
from reviewer.cli import parser_of
from reviewer.commands import init
from reviewer.commands.init import CONFIG_PATH, WORKFLOWS
from reviewer.errors import UsageError
from reviewer.settings import Settings, load
from reviewer.world import World
from tests.gitrepo import GitRepo
from tests.test_cli import run

TEMPLATE = resources.prompts() / "design-reviewer.yml"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return GitRepo(tmp_path / "repo").root


@pytest.mark.parametrize("name", WORKFLOWS)
def test_each_kind_of_workflow_is_written_as_the_example_has_it(repo: Path, name: str) -> None:
    done = run("init", "--workflow", name, cwd=repo)
    assert done.returncode == 0, done.stderr
    written = sorted((repo / ".github" / "workflows").iterdir())
    examples = sorted(resources.workflows().glob(f"{name}*.yml"))
    assert [path.read_bytes() for path in written] == [path.read_bytes() for path in examples]
    assert written
    assert all("jobs" in yaml.safe_load(path.read_bytes()) for path in written)
    assert (repo / CONFIG_PATH).read_bytes() == TEMPLATE.read_bytes()


def test_it_says_which_secrets_to_set(repo: Path) -> None:
    done = run("init", cwd=repo)  # no terminal to ask at: the usual one
    assert (repo / ".github/workflows/design-review.yml").is_file()
    assert "gh secret set ANTHROPIC_API_KEY" in done.stdout


def test_nothing_is_replaced_unless_forced(repo: Path) -> None:
    (repo / ".github").mkdir()
    (repo / CONFIG_PATH).write_text("language: pt-BR\n")
    refused = run("init", cwd=repo)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert [path.name for path in (repo / ".github").iterdir()] == ["design-reviewer.yml"]
    assert (repo / CONFIG_PATH).read_text() == "language: pt-BR\n"
    assert run("init", "--force", cwd=repo).returncode == 0
    assert (repo / CONFIG_PATH).read_bytes() == TEMPLATE.read_bytes()


class Terminal(io.BytesIO):
    """Standard input of a person."""

    def isatty(self) -> bool:
        return True


class Screen(io.StringIO):
    """Standard error of a person."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "name"), [("", "design-review"), ("2", "design-review-fork-safe"), ("manual", "design-review-manual")]
)
def test_a_person_is_asked(repo: Path, answer: str, name: str) -> None:
    screen = Screen()
    world = World({}, repo, Terminal(f"{answer}\n".encode()), io.StringIO(), screen)
    assert init.run(parser_of("init").parse_args([]), world) == 0
    assert (repo / ".github" / "workflows" / f"{name}.yml").is_file()
    assert all(kind in screen.getvalue() for kind in WORKFLOWS)


def test_an_answer_that_is_none_of_them_writes_nothing(repo: Path) -> None:
    world = World({}, repo, Terminal(b"9\n"), io.StringIO(), Screen())
    with pytest.raises(UsageError, match="none of them"):
        init.run(parser_of("init").parse_args([]), world)
    assert not (repo / ".github").exists()


def test_outside_of_a_repository_nothing_is_written(tmp_path: Path) -> None:
    done = run("init", cwd=tmp_path)
    assert done.returncode == 2
    assert not list(tmp_path.iterdir())


def test_the_configuration_is_valid_as_it_stands_and_with_every_example_switched_on() -> None:
    text = TEMPLATE.read_text(encoding="utf-8")
    assert load(text.encode(), "c", {}, {}) == Settings.model_validate({})
    on = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ") and not line.startswith("# ---")
    )
    on = on[on.index("provider:") :]
    loaded = load(on.encode(), "c", {}, {})
    assert loaded.path_instructions
    assert loaded.switches.off
    with pytest.raises(UsageError):
        load((on + "\nlangauge: en\n").encode(), "c", {}, {})
