"""Promises kept: options, action inputs, settings and registries say the same thing, and every name leads somewhere."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml

from reviewer.commands import COMMANDS, module_of
from reviewer.options import FOREIGN_ENV, FORMATS, KEYS, REVIEW
from reviewer.providers import PROVIDERS
from reviewer.reporters import FORMATS as REPORTERS
from reviewer.settings import Settings
from reviewer.sources import SOURCES
from tests.test_cli import run

ROOT = Path(__file__).resolve().parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEP = ACTION["runs"]["steps"][-1]
CREDENTIALS = {
    "github-token": "GITHUB_TOKEN",
    "anthropic-api-key": "ANTHROPIC_API_KEY",
    "openai-api-key": "OPENAI_API_KEY",
}


def test_action_inputs_are_the_options_and_the_credentials() -> None:
    assert set(ACTION["inputs"]) == {option.name for option in REVIEW if option.action} | {"command", *CREDENTIALS}


def test_every_action_input_is_handed_over_by_environment_and_by_nothing_else() -> None:
    names = {option.name: option.env for option in REVIEW if option.action} | CREDENTIALS
    names["command"] = "COMMAND"
    handed = {variable: value for variable, value in STEP["env"].items() if variable != "VENV"}
    assert handed == {variable: f"${{{{ inputs.{name} }}}}" for name, variable in names.items()}


def test_action_outputs_are_the_ones_we_write() -> None:
    from reviewer.reporters.outputs import NAMES

    assert set(ACTION["outputs"]) == {*NAMES, "shards"}
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.{STEP['id']}.outputs.{name} }}}}"


def test_the_action_starts_python_isolated_and_outside_the_workspace() -> None:
    for step in ACTION["runs"]["steps"]:
        assert step["working-directory"] == "${{ runner.temp }}"
        calls = re.findall(r"python3?\"? +(\S+)", step["run"])
        assert calls
        assert set(calls) == {"-I"}


def test_settings_are_the_options_that_say_so() -> None:
    keys = {name.replace("_", "-") for name in Settings.model_fields}
    assert {option.name for option in REVIEW if option.setting} <= keys


def test_every_option_is_in_help() -> None:
    told = run("--help").stdout
    assert not [option.name for option in REVIEW if f"--{option.name}" not in told]


@pytest.mark.parametrize("option", REVIEW, ids=lambda option: option.name)
def test_every_option_is_read_somewhere(option: object) -> None:
    """An option nobody reads is a lie. Settings are read as attributes, the others as keys of the options."""
    name, dest, setting = option.name, option.dest, option.setting  # type: ignore[attr-defined]
    package = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "reviewer").rglob("*.py") if path.name != "options.py"
    )
    as_key = re.search(rf"""["']{dest}["']|["']{name}["']""", package)
    as_setting = setting and re.search(rf"(settings|self)\.{dest}\b", package)
    assert as_key or as_setting


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_exists(command: str) -> None:
    module = importlib.import_module(module_of(command))
    assert callable(module.run)
    assert callable(module.configure)


def test_registries_lead_to_functions() -> None:
    for target in (*SOURCES.values(), *PROVIDERS.values()):
        module, _, function = target.partition(":")
        assert callable(getattr(importlib.import_module(module), function))
    for module in REPORTERS.values():
        assert callable(importlib.import_module(module).render)
    assert set(FORMATS) == set(REPORTERS)


def test_only_declared_variables_are_read_from_the_environment() -> None:
    declared = set(FOREIGN_ENV) | {option.env for option in REVIEW}
    for path in (ROOT / "reviewer").rglob("*.py"):
        for name in re.findall(r"""environment(?:\.get\(|\[)f?["']([A-Z_]+)["']""", path.read_text(encoding="utf-8")):
            assert name in declared, f"{path.name} reads {name}"


def test_keys_belong_to_providers() -> None:
    assert set(KEYS) == set(PROVIDERS)
