"""The whole program on a pull request: real process, a stateful GitHub held to its own schemas, a scripted model."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.synthetic import pull_request
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT, Pull
from tests.fakes.model_server import ModelServer, Say, Seen
from tests.test_cli import run
from tests.test_with_a_model import confirm, found, reviewer_saying

BASE = {
    "orders/checkout.py": """\
from django.db import transaction

from orders.models import Order, Product


def place_order(sku: str, quantity: int) -> Order:
    with transaction.atomic():
        product = Product.objects.select_for_update().get(sku=sku)
        product.stock -= quantity
        product.save()
        return Order.objects.create(product=product, quantity=quantity)
""",
    "web/app.css": "a {}\n",
}
HEAD = {
    "orders/checkout.py": BASE["orders/checkout.py"].replace("select_for_update().", ""),
    "web/app.css": "b {}\n",
}
QUOTE = {"quote": "product = Product.objects.get(sku=sku)", "line": 8, "path": "orders/checkout.py"}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path) as fake:
        yield fake
    assert fake.violations == []


@pytest.fixture
def pull(github: FakeGitHub) -> Pull:
    return github.state.open(BASE, HEAD)


def post(
    github: FakeGitHub, pull: Pull, server: ModelServer, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    name = f"{github.state.owner}/{github.state.name}#{pull.number}"
    return run(
        "--pr",
        name,
        "--post",
        "--provider",
        "anthropic",
        "--base-url",
        server.anthropic_url,
        *words,
        GITHUB_API_URL=github.url,
        GITHUB_TOKEN=f"token-{BOT.login}",
        ANTHROPIC_API_KEY="k",
        **environment,
    )


def inline(pull: Pull) -> list[Any]:
    return (
        [comment for review in pull.reviews for comment in pull.comments_of(review)]
        if hasattr(pull, "comments_of")
        else []
    )


def test_one_review_and_one_summary_and_nothing_twice(github: FakeGitHub, pull: Pull) -> None:
    with ModelServer(reviewer_saying(found(**QUOTE, suggestion=None))) as server:
        first = post(github, pull, server)
        calls = len(github.calls)
        second = post(github, pull, server)
    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    reviews = github.sent("POST", "/reviews")
    assert len(reviews) == 1
    (comment,) = reviews[0].body["comments"]
    assert (comment["path"], comment["line"], comment["side"]) == ("orders/checkout.py", 8, "RIGHT")
    assert reviews[0].body["event"] == "COMMENT"
    assert "oversold" in comment["body"]
    assert len(github.sent("POST", "/issues/7/comments")) == 1
    assert calls <= 10
    assert len(github.calls) - calls <= 10


@pytest.mark.parametrize(
    ("lines", "speaks", "most"),
    [
        (60, "graphql", 10),
        (60, "rest", 10),
        (800, "graphql", 12),
        (800, "rest", 12),
        (800, "rest without trees", 12),
        (20_000, "graphql", 24),
        (20_000, "rest", 24),
    ],
)
def test_calls_to_github_hardly_grow_with_the_change(tmp_path: Path, lines: int, speaks: str, most: int) -> None:
    made = pull_request(lines)
    with (
        FakeGitHub(tmp_path, graphql=speaks == "graphql") as github,
        ModelServer(reviewer_saying({"summary": "", "signals": [], "findings": [], "questions": []})) as server,
    ):
        github.trees = "without trees" not in speaks
        pull = github.state.open(made.base, made.head)
        for _ in ("first run", "re-run"):
            before = len(github.calls)
            done = post(github, pull, server)
            assert done.returncode == 0, done.stderr
            assert len(github.calls) - before <= most
    assert github.violations == []


def test_unchanged_code_is_not_sent_again(github: FakeGitHub, pull: Pull) -> None:
    with ModelServer(reviewer_saying(found(**QUOTE, suggestion=None))) as server:
        post(github, pull, server)
        asked = len(server.seen)
        github.state.push(pull, {**HEAD, "orders/refund.py": "def refund(order):\n    order.delete()\n"})
        done = post(github, pull, server, "--format", "json")
        new = [seen for seen in server.seen[asked:] if "findings" in (seen.schema or {}).get("properties", {})]
    assert done.returncode == 0, done.stderr
    assert all("order.delete()" in seen.user_text for seen in new)
    assert not any("Product.objects.get" in seen.user_text.split("# The change")[-1] for seen in new)
    report = json.loads(done.stdout)
    assert [finding["standing"] for finding in report["findings"]] == ["persisting"]
    assert report["verdict"] == "findings"
    assert len(github.sent("POST", "/reviews")) == 1


def test_a_mended_finding_is_resolved(github: FakeGitHub, pull: Pull) -> None:
    def script(seen: Seen) -> Say:
        if "findings" not in (seen.schema or {}).get("properties", {}):
            return Say(confirm(seen))
        return Say(
            found(**QUOTE, suggestion=None) if "Product.objects.get(" in seen.user_text else {**found(), "findings": []}
        )

    with ModelServer(script) as server:
        post(github, pull, server)
        github.state.push(pull, {**HEAD, "orders/checkout.py": BASE["orders/checkout.py"] + "\n\nRETRIES = 3\n"})
        done = post(github, pull, server, "--format", "json")
    report = json.loads(done.stdout)
    assert report["verdict"] == "clean"
    assert len(report["fixed"]) == 1
    assert any("resolveReviewThread" in json.dumps(call.body) for call in github.sent("POST", "/graphql"))


def test_a_read_only_token_loses_nothing(github: FakeGitHub, pull: Pull, tmp_path: Path) -> None:
    from dataclasses import replace

    token = github.token(replace(BOT, login="reader[bot]", may_write=False))
    summary = tmp_path / "summary.md"
    with ModelServer(reviewer_saying(found(**QUOTE, suggestion=None))) as server:
        done = run(
            "--pr",
            f"{github.state.owner}/{github.state.name}#{pull.number}",
            "--post",
            "--provider",
            "anthropic",
            "--base-url",
            server.anthropic_url,
            GITHUB_API_URL=github.url,
            GITHUB_TOKEN=token,
            ANTHROPIC_API_KEY="k",
            GITHUB_ACTIONS="true",
            GITHUB_STEP_SUMMARY=str(summary),
            RUNNER_TEMP=str(tmp_path),
        )
    assert done.returncode == 1, done.stderr
    assert "::error" in done.stdout
    assert "oversold" in summary.read_text()


def test_an_absent_pull_request_is_a_source_error(github: FakeGitHub, pull: Pull) -> None:
    done = run(
        "--pr",
        f"{github.state.owner}/{github.state.name}#99",
        GITHUB_API_URL=github.url,
        GITHUB_TOKEN=f"token-{BOT.login}",
    )
    assert done.returncode == 3, done.stderr
    assert "hint:" in done.stderr


def test_a_report_is_published_by_another_job(github: FakeGitHub, pull: Pull, tmp_path: Path) -> None:
    name = f"{github.state.owner}/{github.state.name}#{pull.number}"
    where = {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": f"token-{BOT.login}"}
    with ModelServer(reviewer_saying(found(**QUOTE, suggestion=None))) as server:
        run(
            "--pr",
            name,
            "--provider",
            "anthropic",
            "--base-url",
            server.anthropic_url,
            "--output",
            str(tmp_path / "review.json"),
            ANTHROPIC_API_KEY="k",
            **where,
        )
    assert not github.sent("POST", "/reviews")
    done = run("publish", str(tmp_path / "review.json"), **where)
    assert done.returncode == 0, done.stderr
    assert len(github.sent("POST", "/reviews")) == 1
    other = run(
        "publish", str(tmp_path / "review.json"), "--pr", f"{github.state.owner}/{github.state.name}#8", **where
    )
    assert other.returncode == 3
