"""Run the whole program on one hostile pull request, in this process: real sources, pipeline, reporters and publish.

Only GitHub and the model are fakes, both servers on loopback. What left the program is kept, byte for byte.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from reviewer import report_file
from reviewer.commands import review as command
from reviewer.errors import ReviewerError
from reviewer.nouns.review import Review
from reviewer.world import World
from tests.fakes.github.server import Call, FakeGitHub
from tests.fakes.github.state import BOT, Pull
from tests.fakes.model_server import ModelServer, Script, Seen

MODEL_KEY = "sk-" + "ant-api03-" + "Zx81qPv0" + "mT4rK9wB2nYc7LdE6sHj" * 4
GITHUB_KEY = f"token-{BOT.login}"
FORMATS = ("md", "sarif", "html", "json", "rdjson", "xml")


@dataclass
class Outcome:
    """What a run did: what it said to whom, what it wrote, how it ended."""

    code: int
    stdout: str
    stderr: str
    review: Review | None
    asked: list[Seen]
    calls: list[Call]
    pull: Pull
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def bodies(self) -> list[str]:
        """Every text this run put on the pull request."""
        return [text for call in self.calls if call.method in {"POST", "PATCH"} for text in _texts(call.body)]

    @property
    def annotations(self) -> list[str]:
        """What check runs say beside the code: plain text, GitHub renders nothing in it."""
        listed = [
            note
            for call in self.calls
            if "/check-runs" in call.path and call.body
            for note in call.body.get("output", {}).get("annotations", [])
        ]
        return [note[key] for note in listed for key in ("title", "message")]

    def everything(self) -> str:
        """All that left the program, as one text."""
        sent = [json.dumps(seen.body, ensure_ascii=False) for seen in self.asked]
        posted = [json.dumps(call.body, ensure_ascii=False) + call.path for call in self.calls]
        written = [data.decode("utf-8", "replace") for data in self.files.values()]
        return "\n".join((self.stdout, self.stderr, *sent, *posted, *written))


def _texts(body: Any) -> list[str]:
    if isinstance(body, dict) and "query" not in body:
        own = [body[key] for key in ("body", "summary", "title", "message") if isinstance(body.get(key), str)]
        return own + [text for key, value in body.items() if key != "annotations" for text in _texts(value)]
    if isinstance(body, list):
        return [text for item in body for text in _texts(item)]
    return []


class Stage:
    """A fake GitHub and a model server that many cases share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.github = FakeGitHub(folder)
        self.script: Script = self.unset
        self.model = ModelServer(self._answer, strict=False)
        self.number, self.runs = 100, 0

    def unset(self, seen: Seen) -> Any:
        raise AssertionError(f"no script for request {seen.number}")

    def _answer(self, seen: Seen) -> Any:
        return self.script(seen)

    def __enter__(self) -> Self:
        self.github.__enter__()
        self.model.__enter__()
        return self

    def __exit__(self, *rest: object) -> None:
        self.model.__exit__(*rest)
        self.github.__exit__(None, None, None)

    def run(
        self,
        pull: Pull,
        script: Script,
        *,
        workspace: Path | None = None,
        environment: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Outcome:
        """`review --pr … --post` as the Action would run it, with every kind of output."""
        self.script = script
        given = {
            "pr": f"octo/shop#{pull.number}", "post": True, "provider": "anthropic", "base_url": self.model.anthropic_url,
            "format": "terminal", "log": "json", "check_run": True, **options,
        }  # fmt: skip
        return self._perform(command.run, pull, given, workspace, environment or {})

    def publish(self, pull: Pull, report: str) -> Outcome:
        """`publish` with a report that somebody else made."""
        from reviewer.commands import publish

        path = self.folder / "artefact.json"
        path.write_text(report, encoding="utf-8", errors="surrogatepass")
        return self._perform(publish.run, pull, {"reports": [str(path)], "check_run": True}, None, {})

    def _perform(
        self,
        perform: Callable[[argparse.Namespace, World], int],
        pull: Pull,
        given: dict[str, Any],
        workspace: Path | None,
        environment: Mapping[str, str],
    ) -> Outcome:
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        empty = folder / "workspace"
        empty.mkdir(parents=True)
        outputs = [str(folder / f"review.{form}") for form in FORMATS]
        world = World(
            {
                "GITHUB_API_URL": self.github.url,
                "GITHUB_TOKEN": GITHUB_KEY,
                "ANTHROPIC_API_KEY": MODEL_KEY,
                "GITHUB_ACTIONS": "true",
                "GITHUB_REPOSITORY": "octo/shop",
                "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
                "GITHUB_OUTPUT": str(folder / "outputs.txt"),
                "GITHUB_WORKSPACE": str(workspace or empty),
                "RUNNER_TEMP": str(folder),
                **environment,
            },
            folder,
            io.BytesIO(),
            io.StringIO(),
            io.StringIO(),
        )
        if "reports" not in given:
            given = {"output": outputs, "audit": str(folder / "audit.jsonl"), "record": str(folder / "record"), **given}
        calls, asked = len(self.github.calls), len(self.model.seen)
        try:
            code = perform(argparse.Namespace(**given), world)
        except ReviewerError as error:
            code = int(error.exit_code)
            world.say(f"{error.message} {error.hint}")
        files = {
            str(p.relative_to(folder)): p.read_bytes()
            for p in folder.rglob("*")
            if p.is_file() and empty not in p.parents
        }
        report = folder / "review.json"
        return Outcome(
            code=code,
            stdout=world.stdout.getvalue(),  # type: ignore[attr-defined]
            stderr=world.stderr.getvalue(),  # type: ignore[attr-defined]
            review=report_file.read(report) if report.exists() else None,
            asked=self.model.seen[asked:],
            calls=self.github.calls[calls:],
            pull=pull,
            files=files,
        )
