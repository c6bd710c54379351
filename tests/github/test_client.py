"""The client's one policy: reads are repeated, writes never, waits are bounded, failures say what to do."""

from __future__ import annotations

import pytest

from reviewer.github import Endpoints, GitHub, GitHubFailure, Kind
from tests.fakes.github.faults import QUICK, Fault, What
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT, OWNER, Who

PULL = "/repos/octo/shop/pulls/7"
COMMENTS = "/repos/octo/shop/issues/7/comments"


@pytest.fixture
def shop(github: FakeGitHub) -> FakeGitHub:
    github.state.open({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"})
    return github


@pytest.mark.parametrize("what", QUICK)
def test_a_read_survives_any_single_fault(shop: FakeGitHub, what: What) -> None:
    shop.faults.append(Fault(what, call=1))
    assert shop.client().get_json(PULL)["number"] == 7


@pytest.mark.parametrize("what", [What.DELAY_BEFORE, What.DELAY_AFTER])
def test_a_silent_server_is_asked_again(shop: FakeGitHub, what: What) -> None:
    shop.faults.append(Fault(what, call=1, seconds=0.6))
    assert shop.client(timeout=0.2).get_json(PULL)["number"] == 7


@pytest.mark.parametrize("what", QUICK)
def test_a_query_survives_any_single_fault(shop: FakeGitHub, what: What) -> None:
    shop.faults.append(Fault(what, call=1))
    assert shop.client().query("{ viewer { login } }", {}) == {"viewer": {"login": "github-actions[bot]"}}


def test_a_read_gives_up_in_the_end(shop: FakeGitHub) -> None:
    shop.faults.append(Fault(What.ERROR_BEFORE, times=99))
    with pytest.raises(GitHubFailure, match="502") as caught:
        shop.client().get_json(PULL)
    assert caught.value.kind is Kind.BROKEN
    assert len(shop.calls) == 4


@pytest.mark.parametrize(
    ("what", "written"),
    [(What.DROP_BEFORE, 0), (What.DROP_AFTER, 1), (What.ERROR_BEFORE, 0), (What.ERROR_AFTER, 1), (What.TRUNCATE, 1)],
)
def test_a_write_is_never_repeated_blindly(shop: FakeGitHub, what: What, written: int) -> None:
    shop.faults.append(Fault(what, call=1))
    with pytest.raises(GitHubFailure) as caught:
        shop.client().send("POST", COMMENTS, {"body": "once"})
    assert caught.value.unsure
    assert len(shop.calls) == 1
    assert len(shop.state.pulls[7].comments) == written


def test_a_write_that_was_done_counts_although_its_answer_is_garbage(shop: FakeGitHub) -> None:
    shop.faults.append(Fault(What.GARBLE, call=1))
    assert shop.client().send("POST", COMMENTS, {"body": "once"}) is None
    assert len(shop.state.pulls[7].comments) == 1


@pytest.mark.parametrize(
    "what", [What.SECONDARY, What.SECONDARY_RETRY_AFTER, What.TOO_MANY, What.TOO_MANY_BARE, What.PRIMARY]
)
def test_a_rate_limit_is_waited_out_before_a_write(shop: FakeGitHub, what: What) -> None:
    shop.faults.append(Fault(what, call=1))
    assert shop.client().send("POST", COMMENTS, {"body": "once"})["body"] == "once"
    assert len(shop.state.pulls[7].comments) == 1


def test_a_wait_longer_than_our_patience_fails_at_once(shop: FakeGitHub) -> None:
    waited: list[float] = []
    client = GitHub(f"token-{BOT.login}", Endpoints.resolve(shop.url), patience=5.0, sleep=waited.append)
    shop.clients.append(client)
    shop.faults.append(Fault(What.SECONDARY, times=99))
    with pytest.raises(GitHubFailure) as caught:
        client.get_json(PULL)
    assert caught.value.kind is Kind.RATE_LIMITED
    assert waited == []


def test_all_waiting_together_is_bounded(shop: FakeGitHub) -> None:
    waited: list[float] = []
    client = GitHub(f"token-{BOT.login}", Endpoints.resolve(shop.url), patience=4.0, sleep=waited.append)
    shop.clients.append(client)
    shop.faults.append(Fault(What.TOO_MANY, times=99))
    with pytest.raises(GitHubFailure):
        client.get_json(PULL)
    assert 1.0 <= sum(waited) <= 4.0


def test_pages_follow_githubs_links_by_repository_id(shop: FakeGitHub) -> None:
    pull = shop.state.pulls[7]
    for n in range(250):
        shop.state.say(pull, OWNER, f"comment {n}")
    bodies = [comment["body"] for comment in shop.client().pages(COMMENTS)]
    assert bodies == [f"comment {n}" for n in range(250)]
    assert len(shop.calls) == 3
    assert all(call.path.startswith("/repositories/") for call in shop.calls[1:])


@pytest.mark.parametrize(
    ("path", "kind"), [("/repos/octo/other/pulls/7", Kind.NOT_FOUND), ("/repos/octo/shop/pulls/99", Kind.NOT_FOUND)]
)
def test_what_is_not_there_is_said_once(shop: FakeGitHub, path: str, kind: Kind) -> None:
    with pytest.raises(GitHubFailure) as caught:
        shop.client().get_json(path)
    assert caught.value.kind is kind
    assert caught.value.hint
    assert len(shop.calls) == 1


def test_a_bad_token_is_named(shop: FakeGitHub) -> None:
    client = GitHub("wrong", Endpoints.resolve(shop.url))
    shop.clients.append(client)
    with pytest.raises(GitHubFailure, match="Bad credentials") as caught:
        client.get_json(PULL)
    assert caught.value.kind is Kind.UNAUTHENTICATED


def test_a_read_only_token_is_refused_once(shop: FakeGitHub) -> None:
    reader = Who("reader[bot]", bot=True, may_write=False)
    shop.token(reader)
    with pytest.raises(GitHubFailure, match="not accessible by integration") as caught:
        shop.client(reader).send("POST", COMMENTS, {"body": "x"})
    assert caught.value.kind is Kind.FORBIDDEN
    assert not caught.value.unsure
    assert len(shop.calls) == 1


def test_no_server_at_all_is_unreachable() -> None:
    client = GitHub("t", Endpoints.resolve("http://127.0.0.1:9"), sleep=lambda _: None)
    with pytest.raises(GitHubFailure) as caught:
        client.get_json(PULL)
    client.close()
    assert caught.value.kind is Kind.UNREACHABLE


def test_the_token_stays_on_its_host(shop: FakeGitHub) -> None:
    with pytest.raises(GitHubFailure, match="another host"):
        shop.client().get("https://example.com/steal")
    assert shop.calls == []


def test_a_server_without_graphql_is_asked_once(shop: FakeGitHub) -> None:
    shop.graphql = False
    client = shop.client()
    assert client.query("{ viewer { login } }", {}) is None
    assert client.query("{ viewer { login } }", {}) is None
    assert len(shop.calls) == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), ("https://api.github.com", "https://api.github.com/graphql", "https://github.com")),
        (
            ("https://ghe.corp/api/v3/",),
            ("https://ghe.corp/api/v3", "https://ghe.corp/api/graphql", "https://ghe.corp"),
        ),
        (
            ("http://127.0.0.1:8080", "https://api.github.com/graphql"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/graphql", "http://127.0.0.1:8080"),
        ),
        (
            ("https://ghe.corp/api/v3", "https://ghe.corp/api/graphql", "https://ghe.corp"),
            ("https://ghe.corp/api/v3", "https://ghe.corp/api/graphql", "https://ghe.corp"),
        ),
    ],
)
def test_endpoints_follow_the_api(given: tuple[str, ...], expected: tuple[str, str, str]) -> None:
    assert tuple(Endpoints.resolve(*given)) == expected
