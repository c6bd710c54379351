"""What a rule finds in a text of ASCII it finds with plain expressions too."""

from __future__ import annotations

import pytest

from reviewer.evidence.parsing import parse
from reviewer.evidence.plain import plain, plain_query
from reviewer.evidence.rulefile import built_in
from reviewer.evidence.rulepack import detect
from tests.evidence.looking import looked
from tests.evidence.rule_fixtures import all_fixtures


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"^\w+\.get$", r"^[0-9A-Za-z_]+\.get$"),
        (r"[\w.-]\d", r"[0-9A-Za-z_.-][0-9]"),
        (r"[\s\S]*\bnone\b", r"[\t-\r\x20\S]*(?-u:\b)none(?-u:\b)"),
        (r"[]\w]\\w[^]\d]", r"[]0-9A-Za-z_]\\w[^]0-9]"),
        (r"\[\s*\]", r"\[[\t-\r\x20]*\]"),
        (r"\b{start}x", r"\b{start}x"),
    ],
)
def test_classes_of_all_scripts_become_those_of_ascii(written: str, meant: str) -> None:
    assert plain(written) == meant


def test_every_fixture_is_answered_alike() -> None:
    rules = {rule.id: rule for rule in built_in()}
    answered = 0
    for fixture in all_fixtures():
        rule = rules[fixture.rule]
        root = parse(fixture.code, rule.language)
        if root is None or not fixture.code.isascii():
            continue
        spans = [
            [(node.range().start.index, node.range().end.index) for node in root.find_all(dict(query))]  # type: ignore[call-overload]
            for query in (rule.query, plain_query(rule.query))
        ]
        assert spans[0] == spans[1], rule.id
        answered += len(spans[0])
    assert answered > 500


@pytest.mark.parametrize("name", ["größe", "size"])
def test_names_of_other_scripts_are_words_still(name: str) -> None:
    code = f"import requests\n\n\ndef pull({name}_url):\n    return requests.get({name}_url)\n"
    assert any(signal.hazard == "http-call-no-timeout" for signal in detect(looked({}, {"a.py": code})).signals)
