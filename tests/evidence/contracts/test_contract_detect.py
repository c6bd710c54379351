from __future__ import annotations

import pytest

from reviewer.evidence.contracts.detect import detect
from reviewer.evidence.contracts.kinds import kind_of
from reviewer.nouns.changeset import Side
from reviewer.nouns.signal import Tier
from tests.evidence.looking import looked

PROTO = 'syntax = "proto3";\npackage a.v1;\nmessage M {\n  string id = 1;\n  string b = 2;\n}\n'
SPEC = 'openapi: 3.0.0\npaths:\n  /a:\n    get:\n      security: [{k: []}]\n      responses: {"200": {description: x}}\n  /b:\n    get:\n      responses: {"200": {description: x}}\n'


def signals(path: str, base: str, head: str):
    return detect(looked({path: base}, {path: head})).signals


def test_a_removed_field_is_one_signal_on_the_line_that_goes():
    (signal,) = signals("a.proto", PROTO, PROTO.replace("  string b = 2;\n", ""))
    assert (signal.hazard, signal.rule, signal.tier) == ("contract-breaking-change", "proto-breaking-change", Tier.POST)
    assert (signal.side, signal.start_line, signal.quote, signal.lines_in_diff) == (
        Side.LEFT,
        5,
        "  string b = 2;",
        True,
    )
    assert "reserve" in signal.fix


@pytest.mark.parametrize(
    ("path", "base", "head"),
    [
        ("a.proto", PROTO, PROTO.replace("message M", "message N")),
        ("openapi.yaml", SPEC, SPEC.replace("  /b:\n    get:", "  /c:\n    get:")),
        ("a.graphql", "type Query { a: Int b: Int }\n", "type Query { a: Int }\n"),
    ],
)
def test_a_break_is_posted_only_where_the_facts_call_the_contract_public(path, base, head):
    def tiers(system: str) -> set[Tier]:
        return {signal.tier for signal in detect(looked({path: base}, {path: head}, system=system)).signals}

    assert tiers("") == tiers("public-contracts: [other/x.yaml]") == {Tier.EVIDENCE}
    assert tiers(f"public-contracts: [{path}]") == {Tier.POST}


@pytest.mark.parametrize(
    ("before", "after", "posted"),
    [
        ("string b = 2;", "string b = 3;", True),
        ("string b = 2;", "int64 b = 2;", True),
        ("string b = 2;", "int64 c = 2;", True),
        ("string b = 2;", "bytes b = 2;", False),
        ("  string id = 1;\n  string b = 2;", "  string id = 1;\n  Name b = 2;", True),
        ("string b = 2;", "string c = 2;", False),
        ("string b = 2;", 'reserved 2;\n  reserved "b";', False),
    ],
)
def test_bytes_that_are_read_as_something_else_are_posted_whoever_the_peer_is(before, after, posted):
    found = signals("a.proto", PROTO, PROTO.replace(before, after))
    assert [signal.tier for signal in found] == ([Tier.POST] if posted else [])
    alpha = PROTO.replace("a.v1", "a.v1alpha1")
    assert all(s.tier is Tier.EVIDENCE for s in signals("a.proto", alpha, alpha.replace(before, after)))


def test_a_message_under_a_new_name_is_evidence():
    text = "message A { int32 x = 1; }\nmessage M { A a = 1; }\n"
    assert {s.tier for s in signals("a.proto", text, text.replace("A {", "B {").replace("A a", "B a"))} == {
        Tier.EVIDENCE
    }
    (signal,) = signals("a.proto", text, text.replace("A a", "int32 a"))
    assert signal.tier is Tier.POST


def test_a_specification_generated_from_protobuf_is_told_once():
    base, head = {"a.proto": PROTO, "a.yaml": SPEC}, {"a.proto": PROTO.replace("b = 2", "b = 3"), "a.yaml": SPEC}
    head["a.yaml"] = SPEC.replace("  /b:\n    get:", "  /c:\n    get:")
    found = detect(looked(base, head, system="Our public API has users everywhere.")).signals
    assert {signal.path: signal.tier for signal in found} == {"a.proto": Tier.POST, "a.yaml": Tier.EVIDENCE}
    del base["a.proto"], head["a.proto"]
    (alone,) = detect(looked(base, head, system="Our public API has users everywhere.")).signals
    assert alone.tier is Tier.POST


def test_an_unpublished_version_is_evidence_only():
    alpha = PROTO.replace("a.v1", "a.v1beta1")
    (signal,) = signals("a.proto", alpha, alpha.replace("  string b = 2;\n", ""))
    assert signal.tier is Tier.EVIDENCE


def test_safe_changes_are_no_signal():
    assert signals("a.proto", PROTO, PROTO.replace("string b = 2;", "string b = 2;\n  string c = 3;")) == ()


def test_an_operation_opened_to_all_is_evidence_about_authorisation():
    (signal,) = signals("openapi.yaml", SPEC, SPEC.replace("[{k: []}]", "[]"))
    assert (signal.hazard, signal.tier) == ("auth-guard-removed", Tier.EVIDENCE)


def test_many_breaks_are_told_together():
    base = "".join(f"message M{i} {{\n  string a = 1;\n}}\n" for i in range(30))
    (signal,) = signals("a.proto", base, base.replace("  string a = 1;\n", ""))
    assert "30 parts" in signal.title


def test_fragments_are_not_compared():
    assert (
        detect(looked({"a.proto": PROTO}, {"a.proto": PROTO.replace("  string b = 2;\n", "")}, trees=False)).signals
        == ()
    )


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("x/a.proto", "", "proto"),
        ("schema.graphqls", "", "graphql"),
        ("a.avsc", "{}", "avro"),
        ("docs/api.yaml", SPEC, "openapi"),
        ("api.json", '{\n "openapi": "3.1.0", "paths": {}}', "openapi"),
        ("api.json", '{"swagger": "2.0", "paths": {}}', "openapi"),
        ("values.yaml", "image: x\n", ""),
        ("readme.md", SPEC, ""),
    ],
)
def test_which_files_are_contracts(path, text, kind):
    assert kind_of(path, text) == kind
