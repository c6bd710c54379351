"""encode and decode of both providers as pure functions, held to the vendors' own types."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Block, Reply, Request, StopReason
from reviewer.providers import anthropic_api, openai_api, schemas
from reviewer.providers.models import ModelFacts, lookup
from reviewer.providers.wire import Dialect, Format
from tests.fakes import model_wire
from tests.fakes.model_wire import ANTHROPIC, OPENAI, Say, Seen
from tests.providers.asking import MODELS, SCHEMA, request

CODECS: dict[str, Any] = {ANTHROPIC: anthropic_api, OPENAI: openai_api}
wires = st.sampled_from([ANTHROPIC, OPENAI])
texts = st.text(max_size=40)
blocks = st.lists(st.builds(Block, texts, st.booleans()), min_size=1, max_size=6).map(tuple)
dialects = st.builds(Dialect, st.sampled_from([Format.SCHEMA, Format.PROMPT]), *[st.booleans()] * 4)


def facts(wire: str, model: str = "") -> ModelFacts:
    return lookup(wire, model or MODELS[wire])


@settings(deadline=None)
@given(wires, blocks, blocks, dialects, st.sampled_from(["", "low", "high"]), st.booleans())
def test_what_is_encoded_is_valid_and_loses_no_character(
    wire: str, system: tuple[Block, ...], user: tuple[Block, ...], dialect: Dialect, effort: str, known: bool
) -> None:
    asked = request(system=system, user=user, effort=effort)
    body = CODECS[wire].encode(asked, facts(wire, "" if known else "local"), dialect)
    assert model_wire.violations(wire, body) == ""
    seen = Seen(wire, 1, body, {})
    assert seen.system_text == asked.system_text
    assert seen.user_text.startswith(asked.user_text)
    marks = str(body).count("cache_control") + str(body).count("prompt_cache_breakpoint'")
    assert marks <= 6  # at most four at Anthropic; three in each message at OpenAI


def test_at_most_four_cache_marks_reach_anthropic() -> None:
    many = tuple(Block(f"b{n}", cache=True) for n in range(5))
    body = anthropic_api.encode(request(system=many, user=many), facts(ANTHROPIC))
    marked = [part["text"] for part in (*body["system"], *body["messages"][0]["content"]) if "cache_control" in part]
    assert marked == ["b1", "b2", "b3", "b4"]


def test_openai_marks_the_cached_prefix_where_the_model_matches_at_marks_only() -> None:
    body = openai_api.encode(request(), facts(OPENAI))
    assert [part.get("prompt_cache_breakpoint") for part in body["messages"][0]["content"]] == [
        None,
        {"mode": "explicit"},
    ]
    older = openai_api.encode(request(), facts(OPENAI, "gpt-5.4"))
    assert isinstance(older["messages"][0]["content"], str)


def test_anthropic_never_gets_sampling_parameters_or_more_than_one_call_can_give() -> None:
    body = anthropic_api.encode(request(max_output_tokens=10**6), facts(ANTHROPIC))
    assert not {"temperature", "top_p", "top_k"} & set(body)
    assert body["max_tokens"] == 21_333


def test_thinking_models_get_room_to_think() -> None:
    asked = request(max_output_tokens=1000)
    assert anthropic_api.encode(asked, facts(ANTHROPIC))["max_tokens"] == 9_000
    assert anthropic_api.encode(asked, facts(ANTHROPIC, "claude-haiku-4-5"))["max_tokens"] == 1_000
    assert openai_api.encode(asked, facts(OPENAI))["max_completion_tokens"] == 9_000


def test_unknown_openai_models_get_only_what_every_server_takes() -> None:
    body = openai_api.encode(
        request(effort="high"), facts(OPENAI, "local"), Dialect(completion_tokens=False, parts=False)
    )
    assert set(body) == {"model", "messages", "max_tokens", "response_format"}
    assert all(isinstance(message["content"], str) for message in body["messages"])


def test_openai_steps_from_schema_to_object_to_prompt() -> None:
    forms = [
        openai_api.encode(request(), facts(OPENAI), Dialect(format=form)).get("response_format") for form in Format
    ]
    assert [form and form["type"] for form in forms] == ["json_schema", "json_object", None]


@settings(deadline=None)
@given(
    wires,
    texts,
    st.sampled_from(["complete", "truncated", "refused", "filtered"]),
    st.integers(0, 99),
    st.integers(0, 99),
)
def test_what_a_server_says_is_decoded(wire: str, text: str, stop: str, cached: int, written: int) -> None:
    asked = request()
    seen = Seen(wire, 1, CODECS[wire].encode(asked, facts(wire)), {})
    say = Say(text, stop=stop, input_tokens=200, cached=cached, written=written, output_tokens=7)
    reply: Reply = CODECS[wire].decode(model_wire.answer(seen, say), "id", facts(wire))
    wanted = {"filtered": "refused"}.get(stop, stop) if wire == ANTHROPIC else stop
    if wire == OPENAI and stop == "refused" and not text:
        wanted = "complete"  # nothing tells a refusal without words from an empty answer, which is unreadable anyway
    assert reply.stop is StopReason(wanted)
    assert (reply.usage.input_tokens, reply.usage.cached_input_tokens, reply.usage.output_tokens) == (200, cached, 7)
    if stop == "complete":
        assert reply.text == text


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "content",
                    "choices",
                    "message",
                    "usage",
                    "stop_reason",
                    "finish_reason",
                    "text",
                    "type",
                    "input_tokens",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(wires, json_values)
def test_whatever_a_server_sends_is_a_reply_or_our_error(wire: str, value: object) -> None:
    try:
        reply = CODECS[wire].decode(value, "id", facts(wire))
    except ProviderError:
        return
    assert isinstance(reply.text, str)
    assert reply.usage.input_tokens >= 0


@pytest.mark.parametrize(("wire", "stop"), [(ANTHROPIC, "tool_use"), (ANTHROPIC, "pause_turn"), (OPENAI, "tool_calls")])
def test_a_stop_that_is_no_answer_is_an_error(wire: str, stop: str) -> None:
    value = {"content": [], "stop_reason": stop, "choices": [{"message": {}, "finish_reason": stop}]}
    with pytest.raises(ProviderError, match="no answer"):
        CODECS[wire].decode(value, "id", facts(wire))


def test_a_local_models_thinking_is_not_its_answer() -> None:
    message = {"content": '<think>\nhm {"findings"\n</think>\n{"findings": []}'}
    reply = openai_api.decode({"choices": [{"message": message, "finish_reason": "stop"}]}, "id", facts(OPENAI))
    assert reply.text.strip() == '{"findings": []}'
    assert reply.usage.input_tokens == 0


def test_bounds_become_words_and_the_schema_stays_as_it_was() -> None:
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1, "maximum": 9, "description": "A number"},
            "list": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "string", "pattern": "^a"}},
            "either": {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 5}]},
            "minimum": {"type": "string"},  # a property that is named like a bound
        },
        "required": ["n", "list", "either", "minimum"],
        "additionalProperties": False,
        "$defs": {"d": {"type": "number", "exclusiveMinimum": 0}},
    }
    before = schemas.text(schema)
    bare = schemas.without_bounds(schema)
    assert schemas.text(schema) == before
    assert bare["properties"]["n"] == {"type": "integer", "description": "A number (minimum 1, maximum 9)"}
    assert bare["properties"]["list"]["minItems"] == 1
    assert bare["properties"]["list"]["items"] == {"type": "string", "description": 'pattern "^a"'}
    assert bare["properties"]["either"]["anyOf"][1] == {"type": "string", "description": "maxLength 5"}
    assert bare["properties"]["minimum"] == {"type": "string"}
    assert bare["$defs"]["d"]["description"] == "exclusiveMinimum 0"
    assert bare["required"] == schema["required"]


def test_the_schema_in_words_is_the_schema() -> None:
    assert schemas.text(SCHEMA) in schemas.in_words(SCHEMA)


def test_a_request_is_hashable_by_nobody_but_compares_by_words() -> None:
    assert request() == request(accept=None)
    assert isinstance(request(), Request)
