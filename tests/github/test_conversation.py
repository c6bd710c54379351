"""Who said what is the same whether GitHub speaks GraphQL, part of it, or REST alone."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer.github import pull_reference
from reviewer.github.conversation import Conversation, read, whoami
from reviewer.github.recall import posted
from tests.fakes.github.graph import Graph
from tests.fakes.github.scene import bug, code, run
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import BOT, MEMBER, OWNER, STRANGER, Who

HERE = pull_reference("octo/shop#7")


class ThreadsOnly(Graph):
    """A server that knows review threads and nothing else we ask for."""

    def run(self, who: Who, query: str, variables: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        answer, wrong = super().run(who, query, variables)
        if "reviewThreads" in query:
            answer["data"].pop("viewer")
            answer["data"]["repository"]["pullRequest"].pop("comments")
        return answer, wrong


def talk(github: FakeGitHub, who: Who = BOT) -> None:
    pull = github.state.open({"a.py": code("    pass", "    pass")}, {"a.py": code(bug("one"), bug("two"))})
    run(github.client(who))
    github.state.say(pull, STRANGER, pull.comments[0].body)
    github.state.reply(pull, MEMBER, pull.review_comments[0], "why?")
    github.state.resolve(pull, MEMBER, pull.review_comments[1])


def ours(conversation: Conversation) -> tuple[list[bool], dict[str, bool]]:
    threads = {one.thread.path + str(one.thread.line): one.human_replied for one in posted(conversation).values()}
    return [remark.ours for remark in conversation.remarks], threads


@pytest.mark.parametrize("who", [BOT, OWNER], ids=["bot", "person"])
def test_graphql_and_rest_agree_on_what_is_ours(github: FakeGitHub, who: Who) -> None:
    talk(github, who)
    by_query = read(github.client(who), HERE, thorough=True)
    github.graphql = False
    by_rest = read(github.client(who), HERE, thorough=True)
    assert ours(by_query) == ours(by_rest)
    assert ours(by_query)[0] == [True, False]
    assert sorted(ours(by_query)[1].values()) == [False, True]
    assert [r.id for r in by_query.remarks] == [r.id for r in by_rest.remarks]


def test_threads_keep_their_ids_where_only_they_are_known(github: FakeGitHub) -> None:
    talk(github)
    whole = read(github.client(), HERE, thorough=True)
    github.graph = ThreadsOnly(github.state)
    partial = read(github.client(), HERE, thorough=True)
    assert [(t.id, t.resolved, t.resolved_by) for t in partial.threads] == [
        (t.id, t.resolved, t.resolved_by) for t in whole.threads
    ]
    assert ours(partial) == ours(whole)


def test_long_conversations_are_read_to_their_end(github: FakeGitHub) -> None:
    talk(github)
    pull = github.state.pulls[7]
    for n in range(150):
        github.state.say(pull, OWNER, f"remark {n}")
    conversation = read(github.client(), HERE)
    assert len(conversation.remarks) == 152
    assert len({remark.id for remark in conversation.remarks}) == 152
    assert len(conversation.threads) == 2


@pytest.mark.parametrize(("who", "name"), [(BOT, "github-actions[bot]"), (OWNER, "olga")])
def test_a_token_that_may_not_ask_who_it_is_is_the_actions_bot(github: FakeGitHub, who: Who, name: str) -> None:
    assert whoami(github.client(who)) == name


def test_a_configured_identity_is_believed_without_asking(github: FakeGitHub) -> None:
    talk(github)
    github.graphql = False
    before = len(github.calls)
    conversation = read(github.client(), HERE, "github-actions[bot]", thorough=True)
    assert ours(conversation)[0] == [True, False]
    assert not any(call.path == "/user" for call in github.calls[before:])
