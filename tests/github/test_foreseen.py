"""What is foreseen is read once, at once, and nothing of it is lost: neither an answer nor a failure."""

from __future__ import annotations

import threading

import pytest

from reviewer.github import GitHubFailure, Kind
from reviewer.github.client import DIFF_TYPE
from reviewer.github.connections import Connections
from reviewer.github.foreseen import Foreseen
from tests.fakes.github.faults import Fault, What
from tests.fakes.github.server import FakeGitHub

PULL = "/repos/octo/shop/pulls/7"
WHO = "{ viewer { login } }"


@pytest.fixture
def shop(github: FakeGitHub) -> FakeGitHub:
    github.state.open({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"})
    return github


def test_a_read_that_was_begun_is_not_sent_again_and_the_next_one_is(shop: FakeGitHub) -> None:
    client = shop.client()
    client.foresee(PULL)
    client.foresee(PULL)
    client.foresee(PULL, accept=DIFF_TYPE)
    assert client.get_json(PULL)["number"] == 7
    assert client.get(PULL, accept=DIFF_TYPE).text.startswith("diff --git")
    assert len(shop.calls) == 2
    assert client.get_json(PULL)["number"] == 7
    assert len(shop.calls) == 3


def test_reads_that_were_begun_do_not_wait_for_each_other() -> None:
    together = threading.Barrier(3, timeout=10)
    foreseen: Foreseen[int] = Foreseen()
    for name in range(3):
        foreseen.begin(name, together.wait)
    found = [future.result(10) for name in range(3) if (future := foreseen.take(name)) is not None]
    assert sorted(found) == [0, 1, 2]


def test_a_failure_waits_for_whoever_wants_the_answer(shop: FakeGitHub) -> None:
    client = shop.client()
    client.foresee("/repos/octo/shop/pulls/8")
    assert client.speaks_graphql() is None
    with pytest.raises(GitHubFailure) as caught:
        client.get("/repos/octo/shop/pulls/8")
    assert caught.value.kind is Kind.NOT_FOUND


def test_an_answer_cut_short_is_read_again_though_it_was_begun(shop: FakeGitHub) -> None:
    shop.faults.append(Fault(What.TRUNCATE, call=1))
    client = shop.client()
    client.foresee(PULL)
    assert client.get_json(PULL)["number"] == 7
    assert len(shop.calls) == 2


def test_a_query_that_was_begun_finds_out_whether_there_is_graphql(shop: FakeGitHub) -> None:
    shop.graphql = False
    client = shop.client()
    client.foresee_query(WHO, {})
    assert client.query("{ viewer { id } }", {}) is None  # waits for the first, and asks nobody
    assert client.query(WHO, {}) is None
    assert client.speaks_graphql() is False
    assert len(shop.calls) == 1


def test_a_query_that_was_begun_is_not_sent_again(shop: FakeGitHub) -> None:
    client = shop.client()
    client.foresee_query(WHO, {})
    assert client.query(WHO, {}) == {"viewer": {"login": "github-actions[bot]"}}
    assert client.speaks_graphql() is True
    assert len(shop.calls) == 1


@pytest.mark.parametrize(("comments", "total"), [(0, 0), (3, 3), (100, 100), (230, 230), (230, 100), (150, 400)])
def test_numbered_pages_give_every_item_once_whatever_the_total_was_said_to_be(
    shop: FakeGitHub, comments: int, total: int
) -> None:
    writer = shop.client()
    for number in range(comments):
        writer.send("POST", "/repos/octo/shop/issues/7/comments", {"body": str(number)})
    found = [item["body"] for item in shop.client().numbered("/repos/octo/shop/issues/7/comments", total)]
    assert found == [str(number) for number in range(comments)]


class Wire:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_connections_are_used_again_and_no_more_than_allowed() -> None:
    made: list[Wire] = []

    def make() -> Wire:
        made.append(Wire())
        return made[-1]

    connections = Connections(make, most=2)  # type: ignore[arg-type]
    with connections.one() as first, connections.one() as second:
        assert first is not second
    with connections.one(), connections.one():
        pass
    assert len(made) == 2


def test_a_busy_connection_is_closed_when_its_call_is_over() -> None:
    connections = Connections(Wire, most=2)  # type: ignore[arg-type]
    with connections.one() as idle, connections.one() as busy:
        pass
    with connections.one() as busy:
        connections.close()
        assert not busy.closed  # type: ignore[attr-defined]
    assert busy.closed  # type: ignore[attr-defined]
    assert idle.closed  # type: ignore[attr-defined]
    with connections.one() as fresh:
        assert fresh not in (idle, busy)
