"""A GitHub Enterprise Server as companies run it: below a path, behind a certificate authority of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT
from tests.fakes.model_server import ModelServer
from tests.test_cli import run
from tests.test_on_github import BASE, HEAD, QUOTE
from tests.test_with_a_model import found, reviewer_saying


@pytest.fixture
def enterprise(tmp_path: Path, certificate: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path, prefix="/api/v3", certificate=certificate) as fake:
        fake.state.open(BASE, HEAD)
        yield fake
    assert fake.violations == []


def review(enterprise: FakeGitHub, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(
        *("--pr", f"{enterprise.state.owner}/{enterprise.state.name}#7", *words),
        GITHUB_API_URL=enterprise.url,
        GITHUB_TOKEN=f"token-{BOT.login}",
        **environment,
    )


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_private_authority_is_trusted_where_it_is_named(
    enterprise: FakeGitHub, certificate: Path, variable: str
) -> None:
    with ModelServer(reviewer_saying(found(**QUOTE, suggestion=None))) as server:
        model = ("--provider", "anthropic", "--base-url", server.anthropic_url)
        done = review(enterprise, "--post", *model, ANTHROPIC_API_KEY="k", **{variable: str(certificate)})
    assert done.returncode == 0, done.stderr
    assert len(enterprise.sent("POST", "/reviews")) == 1
    assert all(call.path.startswith(("/api/v3/", "/api/graphql")) for call in enterprise.calls)


def test_an_authority_that_is_not_named_is_not_trusted_and_the_way_out_is_said(enterprise: FakeGitHub) -> None:
    done = review(enterprise, "--provider", "offline")
    assert done.returncode == 3
    assert "SSL_CERT_FILE" in done.stderr
    assert not enterprise.calls
