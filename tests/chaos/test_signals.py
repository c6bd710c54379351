"""A run that is cancelled, or whose machine fails it, as a process: it ends in time and leaves nothing half."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chaos.test_chaos import once
from tests.fakes.github.faults import Fault, What
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT
from tests.fakes.model_server import Hang, ModelServer
from tests.injection.corpus import BASE, CONTROL, HEAD
from tests.test_cli import ROOT, SAMPLE, run
from tests.test_with_a_model import found, reviewer_saying

QUOTE = "ALTER TABLE orders ADD COLUMN total bigint NOT NULL;"


def started(*words: str, **environment: str) -> subprocess.Popen[str]:
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "reviewer", *words],
        cwd=ROOT,
        env={**bare, "PYTHONPATH": str(ROOT), "ANTHROPIC_API_KEY": "k", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], number: int) -> float:
    """Seconds from the signal to the end."""
    began = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=30)
    return time.monotonic() - began


def wait_for(ready: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise AssertionError("not reached")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_cancelled_run_ends_in_time_and_leaves_no_half(number: int, tmp_path: Path) -> None:
    report = tmp_path / "review.json"
    with ModelServer([Hang(60)]) as server:
        words = ("--diff", str(SAMPLE), "--provider", "anthropic", "--base-url", server.anthropic_url)
        process = started(*words, "--output", str(report))
        wait_for(lambda: server.seen)
        assert ended(process, number) < 5.5
    assert process.returncode == 130
    if report.exists():
        assert json.loads(report.read_text())["verdict"] == "incomplete"
    assert [path.name for path in tmp_path.iterdir()] in ([], ["review.json"])


def test_a_silent_github_holds_up_no_cancelled_run(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path) as github, ModelServer(reviewer_saying(found())) as server:
        pull = github.state.open(BASE, HEAD)
        github.faults.append(Fault(What.DELAY_BEFORE, times=50, seconds=20))
        process = started(
            "--pr", f"octo/shop#{pull.number}", "--post", "--provider", "anthropic", "--base-url", server.anthropic_url,
            GITHUB_API_URL=github.url, GITHUB_TOKEN=f"token-{BOT.login}",
        )  # fmt: skip
        wait_for(lambda: github.number)
        assert ended(process, signal.SIGTERM) < 5.5
        assert process.returncode == 130
        assert pull.reviews == pull.comments == []


@pytest.mark.parametrize("calls", [3, 7, 9])
def test_a_run_killed_while_it_posts_is_finished_by_the_next(calls: int, tmp_path: Path) -> None:
    with FakeGitHub(tmp_path) as github, ModelServer(reviewer_saying(found(path=CONTROL, quote=QUOTE))) as server:
        pull = github.state.open(BASE, HEAD)
        words = (
            "--pr",
            f"octo/shop#{pull.number}",
            "--post",
            "--provider",
            "anthropic",
            "--base-url",
            server.anthropic_url,
        )
        where = {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": f"token-{BOT.login}", "ANTHROPIC_API_KEY": "k"}
        process = started(*words, **where)
        wait_for(lambda: github.number >= calls or process.poll() is not None)
        process.kill() if calls % 2 else process.terminate()
        process.communicate(timeout=30)
        done = run(*words, **where)
        assert done.returncode == 0, done.stderr
        once(pull)
        assert len(pull.comments) == 1
        assert len(pull.review_comments) >= 1


def test_a_full_disk_is_a_delivery_error(tmp_path: Path) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        [sys.executable, "-m", "reviewer", "--diff", str(SAMPLE), "--output", str(tmp_path / "review.json")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=small,
        check=False,
        timeout=120,
    )
    assert done.returncode == 5, done.stderr
    assert "cannot write" in done.stderr
    assert "hint:" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "environment",
    [
        {"HOME": "/nonexistent"},
        {"TMPDIR": "/nonexistent"},
        {"TZ": "Nowhere/Never"},
        {"HTTPS_PROXY": "http://127.0.0.1:9"},
    ],
    ids=["no home", "no temp", "no time zone", "dead proxy"],
)
def test_what_a_local_review_does_not_need_cannot_stop_it(environment: dict[str, str]) -> None:
    done = run("--diff", str(SAMPLE), "--provider", "offline", **environment)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_no_certificates_is_said() -> None:
    done = run(
        "--pr",
        "octo/shop#1",
        GITHUB_API_URL="https://127.0.0.1:9",
        GITHUB_TOKEN="t",
        SSL_CERT_FILE="/nonexistent/ca.pem",
    )
    assert done.returncode in (2, 3)
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr
