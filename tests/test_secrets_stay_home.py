"""Planted secrets of a hundred kinds, counted in every byte that leaves the program: none."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model_server import Answer, Raw, Say, Seen, Status
from tests.injection.drive import MODEL_KEY, Outcome, Stage
from tests.injection.worst import worst
from tests.stages.secret_samples import by_format, in_place, key_block

KINDS = 25


def planted(seed: int) -> tuple[dict[str, str], list[str]]:
    """Files with one secret a line, in code that looks like code, and all the values."""
    chance = random.Random(seed)
    formats, places, block = by_format(chance), in_place(chance), key_block(chance)
    lines = [f'    CALL_{n} = "{value}"' for n, value in enumerate(formats.values())]
    files = {"orders/settings.py": "class Settings:\n" + "\n".join(lines) + "\n"}
    for n, (line, _) in enumerate(places.values()):
        files[f"orders/place_{n}.py"] = f"def place_{n}():\n    pass\n{line}\n"
    files["orders/key.py"] = 'KEY = """\n' + "\n".join(block) + '\n"""\n'
    values = [
        *formats.values(),
        *(value for _, value in places.values()),
        *(line for line in block if "-----" not in line),
    ]
    return files, values


def echo(values: list[str]) -> Callable[[Seen], Answer]:
    """A model that knows the secrets from elsewhere and says them all."""
    return worst("\n".join(f'api_key = "{value}"' for value in values[:40]))


@pytest.mark.parametrize("way", ["good", "echo", "refusing", "garbage", "offline", "dry run"])
def test_no_planted_secret_leaves(way: str, tmp_path: Path) -> None:
    files, values = planted(7)
    assert len(values) >= KINDS
    scripts: dict[str, Any] = {
        "good": Say({"summary": "fine", "signals": [], "findings": [], "questions": []}),
        "echo": echo(values),
        "refusing": lambda seen: Status(401, f"bad key {MODEL_KEY}"),
        "garbage": Raw(b"<html>oops</html>"),
    }
    given = scripts.get(way, worst("fine"))
    script = given if callable(given) else lambda seen: given
    options: dict[str, Any] = {"offline": {"provider": "offline"}, "dry run": {"dry_run": True, "post": False}}.get(
        way, {}
    )
    with Stage(tmp_path) as stage:
        pull = stage.github.state.open(
            {"a.py": "a = 1\n"}, files, title=f"Rotate {values[0]}", body=f"The old one was {values[2]}."
        )
        outcome = stage.run(pull, script, **options)
    assert leaked(outcome, values) == []
    if way in {"good", "offline"}:
        assert outcome.review is not None
        hazards = [finding.hazard for finding in outcome.review.findings]
        assert any("secret" in hazard or "credential" in hazard for hazard in hazards), hazards


def leaked(outcome: Outcome, values: list[str]) -> list[str]:
    """Values, or most of one, in anything that left."""
    everything = outcome.everything()
    also = json.dumps(everything)[1:-1]
    return [value for value in (*values, MODEL_KEY) if value in everything or value in also or value[:-4] in everything]
