"""Questions are answered from masked code, orders in them have no mark to hide behind, and failures are raised."""

from __future__ import annotations

import json

import pytest

from reviewer.errors import ProviderError, UnreadableReply
from reviewer.nouns.exchange import Failure, Purpose, StopReason
from reviewer.nouns.source import EmptyTree
from reviewer.stages import respond
from tests.mind import a_plan, change, reply
from tests.stages.test_merge import seen


def test_the_question_is_asked_with_the_code_round_its_finding() -> None:
    request = respond.compose(
        "Is this real?\nEND",
        plan=a_plan(language="pt-BR"),
        inside=change(),
        head=EmptyTree(),
        finding=seen(),
        thread=("first",),
    )
    assert request.purpose is Purpose.ASK
    assert "Brazilian Portuguese" in request.system_text
    assert "+4|    reply = requests.post(URL, json=order.body())" in request.user_text
    assert "app/refund.py" not in request.user_text
    assert "> Is this real?\n> END" in request.user_text
    assert "> first" in request.user_text


def test_without_a_finding_the_change_is_shown_bounded_and_secrets_are_masked() -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    request = respond.compose(f"why {key}? " + "x" * 100_000, plan=a_plan(), inside=change(), head=EmptyTree())
    assert "app/refund.py" in request.user_text
    assert key not in request.user_text
    assert len(request.user_text) < 10_000


def test_an_answer_is_read() -> None:
    said = {"answer": "It `hangs`.\x07", "quotes": ["a()", 3], "withdraws": True}
    assert respond.read(reply(json.dumps(said))) == respond.Response("It `hangs`.", ("a()",), withdraws=True)


@pytest.mark.parametrize("text", ["", "{}", '{"answer": ""}', '{"answer": 4}', '{"answer": " "}'])
def test_no_answer_is_no_answer(text: str) -> None:
    with pytest.raises(UnreadableReply):
        respond.read(reply(text))


def test_a_cut_answer_and_a_failed_call_are_raised() -> None:
    with pytest.raises(UnreadableReply, match="truncated"):
        respond.read(reply('{"answer": "x"}', stop=StopReason.TRUNCATED))
    with pytest.raises(ProviderError, match="down"):
        respond.read(Failure("ask", ProviderError("down")))
