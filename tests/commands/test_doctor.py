"""`doctor` in good and bad health; every mend is one a user can act on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reviewer.checkup import State, machine, model
from tests.fakes.model_server import ModelServer, Say, Status
from tests.gitrepo import GitRepo
from tests.test_cli import run


def lines(text: str) -> dict[str, str]:
    """The state of each named line (the worst, where a name comes twice)."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        state, name = line[:6].strip(), line[6:20].strip()
        if state in ("ok", "warn", "fail") and found.get(name) != "fail":
            found[name] = state
    return found


def test_with_no_key_it_works_and_says_what_is_missing(tmp_path: Path) -> None:
    done = run("doctor", cwd=GitRepo(tmp_path).root)
    assert done.returncode == 0, done.stdout
    states = lines(done.stdout)
    assert states["provider"] == states["GitHub token"] == "warn"
    assert {states[name] for name in ("Python", "git", "packages", "configuration", "persona", "event")} == {"ok"}


def test_online_makes_one_small_call(tmp_path: Path) -> None:
    with ModelServer([Say({"ok": True})]) as server:
        done = run(
            "doctor", "--online", "--model", "claude-sonnet-5-5", "--base-url", server.anthropic_url,
            cwd=tmp_path, ANTHROPIC_API_KEY="key-of-a-test",
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        assert len([seen for seen in server.seen if seen.system_text]) == 1
    assert lines(done.stdout)["one call"] == "ok"
    assert "key-of-a-test" not in done.stdout + done.stderr


def test_a_refused_key_fails_with_the_way_to_mend_it(tmp_path: Path) -> None:
    with ModelServer([Status(401, "invalid x-api-key")]) as server:
        done = run(
            "doctor", "--online", "--base-url", server.openai_url, "--provider", "openai", "--model", "my-own",
            cwd=tmp_path, OPENAI_API_KEY="wrong",
        )  # fmt: skip
    states = lines(done.stdout)
    assert done.returncode == 2
    assert states["one call"] == "fail"
    assert states["model"] == "warn"  # not in our list: said, not refused


def test_an_endpoint_that_is_not_there_fails(tmp_path: Path) -> None:
    done = run("doctor", "--base-url", "http://127.0.0.1:1/v1", cwd=tmp_path, OPENAI_API_KEY="k")
    assert done.returncode == 2
    assert lines(done.stdout)["endpoint"] == "fail"


def test_a_broken_configuration_is_told_with_its_line_and_the_rest_is_checked_all_the_same(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path)
    repo.write(".github/design-reviewer.yml", "language: en\nfail_onn: high\n")
    done = run("doctor", cwd=tmp_path)
    assert done.returncode == 2
    assert "line 2" in done.stdout
    assert "fail-on" in done.stdout
    assert lines(done.stdout)["persona"] == "ok"


def test_switches_for_rules_that_do_not_exist_are_found(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path)
    repo.write(".github/design-reviewer.yml", "rules:\n  naive-datetme: off\n")
    done = run("doctor", cwd=tmp_path)
    assert lines(done.stdout)["configuration"] == "warn"
    assert "naive-datetime" in done.stdout


def test_an_unknown_persona_fails(tmp_path: Path) -> None:
    done = run("doctor", "--persona", "clown", cwd=tmp_path)
    assert done.returncode == 2
    assert lines(done.stdout)["persona"] == "fail"


def test_in_actions_event_and_token_are_checked(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"inputs": {}}))
    done = run(
        "doctor", "--provider", "offline",
        cwd=tmp_path, GITHUB_ACTIONS="true", GITHUB_EVENT_NAME="workflow_dispatch",
        GITHUB_EVENT_PATH=str(event), GITHUB_REPOSITORY="o/r",
    )  # fmt: skip
    states = lines(done.stdout)
    assert states["event"] == states["GitHub token"] == "fail"
    assert "pull-requests: write" in done.stdout


@contextmanager
def answering(body: object, status: int = 200) -> Iterator[str]:
    """A GitHub that gives every request one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-RateLimit-Remaining", "4999")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *words: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(5)


@pytest.mark.parametrize(
    ("body", "status", "state", "told"),
    [
        ({"permissions": {"push": True}}, 200, "ok", "4999 calls left"),
        ({"permissions": {"push": False}}, 200, "warn", "no write access"),
        ({"message": "Bad credentials"}, 401, "fail", "GITHUB_TOKEN"),
        ({"message": "Not Found"}, 404, "fail", "o/r"),
    ],
)
def test_a_token_is_tried_on_the_repository(tmp_path: Path, body: object, status: int, state: str, told: str) -> None:
    with answering(body, status) as url:
        done = run(
            "doctor", "--provider", "offline",
            cwd=tmp_path, GITHUB_TOKEN="t", GITHUB_API_URL=url, GITHUB_REPOSITORY="o/r",
        )  # fmt: skip
    assert lines(done.stdout)["GitHub token"] == state, done.stdout
    assert told in done.stdout


def test_old_pythons_missing_packages_and_read_only_folders_fail(tmp_path: Path) -> None:
    assert machine.python((3, 10)).state is State.FAIL
    assert next(machine.packages(("no-such-package-anywhere",))).state is State.FAIL
    assert machine.writable(tmp_path / "absent").state is State.FAIL
    assert model.reach("http://127.0.0.1:1").state is State.FAIL
