"""The audit command as a process: many changes, one batch a stage, a folder of reports."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.batch_server import BatchServer, Expired
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT
from tests.fakes.model_server import ModelServer, Say, Seen
from tests.gitrepo import GitRepo
from tests.test_cli import run
from tests.test_on_github import BASE, HEAD, QUOTE
from tests.test_with_a_model import confirm, found

WIRES = ["anthropic", "openai"]
LINE = "product = Product.objects.get(sku=sku)"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    """A first commit, then twenty that each take a lock away in a file of their own."""
    made = GitRepo(tmp_path_factory.mktemp("repo"))
    for number in range(20):
        made.write(f"app/f{number}.py", f"def buy(sku):\n    {LINE.replace('get', 'select_for_update().get')}\n")
    made.commit("start")
    made.git("tag", "start")
    for number in range(20):
        made.write(
            f"app/f{number}.py", f"def buy(sku):\n    {LINE}\n    product.sold += {number}\n    product.save()\n"
        )
        made.commit(f"Count sale {number} | of many")
    return made


def script(seen: Seen) -> Say:
    """One finding in the file shown; every claim is confirmed."""
    if "findings" not in (seen.schema or {}).get("properties", {}):
        return Say(confirm(seen))
    path = re.findall(r"app/f\d+\.py", seen.user_text)[-1]
    return Say(found(path=path, quote=LINE, line=2, suggestion=None))


def audit(server: ModelServer, wire: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(
        "audit",
        "--provider",
        wire,
        "--base-url",
        server.url(wire),
        *words,
        ANTHROPIC_API_KEY="test-key-a",
        OPENAI_API_KEY="test-key-o",
        **environment,
    )


def reports(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("wire", WIRES)
def test_twenty_commits_are_one_batch_a_stage_at_half_the_price(wire: str, repo: GitRepo, tmp_path: Path) -> None:
    words = ["--range", "start..main", "--each-commit", "--repo", str(repo.root), "--fail-on", "high"]
    with BatchServer(script) as server:
        done = audit(server, wire, *words, "--batch", "--output", str(tmp_path / "half"))
    assert done.returncode == 1, done.stderr
    assert [len(batch.lines) for batch in server.batches] == [20, 20]
    half = reports(tmp_path / "half")
    assert len(half) == 20
    for number, report in enumerate(half):
        assert {finding["path"] for finding in report["findings"]} == {f"app/f{number}.py"}
        assert "non-atomic-counter-update" in {finding["hazard"] for finding in report["findings"]}
        assert report["verdict"] == "findings"
        assert report["usage"]["calls"] == 2
    assert len(list((tmp_path / "half").glob("*.md"))) == 21
    assert "Count sale 19" in done.stdout
    assert "20 of 20 reviewed" in done.stdout
    assert done.stdout == (tmp_path / "half" / "summary.md").read_text()


def test_batch_or_not_the_reviews_are_the_same(repo: GitRepo, tmp_path: Path) -> None:
    wire, words = "anthropic", ["--range", "main~2..main", "--each-commit", "--repo", str(repo.root)]
    with BatchServer(script) as server:
        audit(server, wire, *words, "--batch", "--output", str(tmp_path / "half"))
    half = reports(tmp_path / "half")
    with BatchServer(script) as server:
        audit(server, wire, *words, "--output", str(tmp_path / "full"))
    assert server.batches == []
    full = reports(tmp_path / "full")
    assert len(full) == 2
    assert [report["findings"] for report in full] == [report["findings"] for report in half]
    for dear, cheap in zip(full, half, strict=True):
        assert cheap["usage"]["cost_usd"] == pytest.approx(dear["usage"]["cost_usd"] / 2)


def test_a_dry_run_tells_the_price_of_the_batch(repo: GitRepo) -> None:
    words = ["--range", "main~9..main", "--repo", str(repo.root), "--dry-run", "--provider", "anthropic"]
    full, half = (
        float(re.findall(r"at most \$([0-9.]+) before", run(*words, *more).stdout)[0]) for more in ([], ["--batch"])
    )
    assert half == pytest.approx(full / 2, abs=0.011)
    assert half < full


def test_one_request_that_expires_makes_one_review_incomplete(repo: GitRepo, tmp_path: Path) -> None:
    def some(seen: Seen) -> Say:
        return Expired() if "app/f7.py" in seen.user_text else script(seen)

    with BatchServer(some) as server:
        done = audit(
            server,
            "anthropic",
            *("--range", "start~0..main~10", "--each-commit", "--repo", str(repo.root), "--batch", "--verify", "off"),
            *("--output", str(tmp_path)),
        )
    assert done.returncode == 4, done.stderr
    assert [report["verdict"] for report in reports(tmp_path)].count("incomplete") == 1
    assert "1 incomplete" in done.stdout


def test_a_whole_range_is_one_review(repo: GitRepo, tmp_path: Path) -> None:
    with BatchServer(script) as server:
        words = ["--range", "main~3..main", "--repo", str(repo.root), "--batch", "--output", str(tmp_path)]
        done = audit(server, "openai", *words)
    assert done.returncode == 0, done.stderr
    assert [report["coverage"]["reviewed_lines"] for report in reports(tmp_path)] == [12]
    assert "batch.submitted" in done.stderr


def test_a_single_review_can_use_the_batch_api_too(repo: GitRepo) -> None:
    with BatchServer(script) as server:
        done = run(
            *("--range", "main~1..main", "--repo", str(repo.root), "--batch", "--format", "json"),
            *("--provider", "anthropic", "--base-url", server.anthropic_url),
            ANTHROPIC_API_KEY="k",
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["usage"]["calls"] == 2
    assert len(server.batches) == 2


def test_a_server_without_batch_api_makes_every_review_incomplete_and_says_why(repo: GitRepo, tmp_path: Path) -> None:
    with ModelServer(script) as server:
        words = ["--range", "main~2..main", "--each-commit", "--repo", str(repo.root), "--batch"]
        done = audit(server, "openai", *words, "--output", str(tmp_path))
    assert done.returncode == 4, done.stderr
    assert all("no batch API" in json.dumps(report["skips"]) for report in reports(tmp_path))
    assert server.seen == []


def test_without_a_key_the_rules_speak_and_batch_is_refused(repo: GitRepo, tmp_path: Path) -> None:
    words = ["audit", "--range", "main~2..main", "--each-commit", "--repo", str(repo.root), "--output", str(tmp_path)]
    done = run(*words)
    assert done.returncode == 0, done.stderr
    assert len(reports(tmp_path)) == 2
    refused = run(*words, "--batch")
    assert refused.returncode == 2
    assert "ANTHROPIC_API_KEY" in refused.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "needs a range or pull requests"),
        (["--range", "a..b", "--pr", "o/r#1"], 2, "needs a range or pull requests"),
        (["--pr", "o/r#1", "--each-commit"], 2, "--each-commit needs --range"),
        (["--range", "main..main", "--each-commit"], 2, "no commits"),
        (["--range", "nowhere..main", "--each-commit"], 3, "no commit 'nowhere'"),
    ],
)
def test_mistakes_are_told(words: list[str], code: int, said: str, repo: GitRepo, tmp_path: Path) -> None:
    done = run("audit", *words, "--repo", str(repo.root), cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path) as fake:
        yield fake
    assert fake.violations == []


def test_many_pull_requests_are_one_batch_and_one_that_is_not_there_stops_no_other(
    github: FakeGitHub, tmp_path: Path
) -> None:
    def locks(seen: Seen) -> Say:
        review = "findings" in (seen.schema or {}).get("properties", {})
        return Say(found(**QUOTE, suggestion=None) if review else confirm(seen))

    names = [
        f"{github.state.owner}/{github.state.name}#{github.state.open(BASE, HEAD, number).number}"
        for number in (4, 5, 6)
    ]
    missing = f"{github.state.owner}/{github.state.name}#999"
    words = [word for name in [names[0], missing, *names[1:]] for word in ("--pr", name)]
    with BatchServer(locks) as server:
        done = audit(
            server,
            "anthropic",
            *words,
            *("--batch", "--output", str(tmp_path / "out")),
            GITHUB_API_URL=github.url,
            GITHUB_TOKEN=f"token-{BOT.login}",
        )
    assert done.returncode == 3, done.stderr
    assert [len(batch.lines) for batch in server.batches] == [3, 3], done.stdout
    assert len(reports(tmp_path / "out")) == 3
    assert "not read" in done.stdout
    assert "3 of 4 reviewed" in done.stdout
