"""SARIF, rdjson, annotations, GitLab, JUnit and the Action's outputs: what their readers ask for, whatever the text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft7Validator

from reviewer.nouns.changeset import Side
from reviewer.nouns.finding import Finding, Severity
from reviewer.nouns.review import Review, Verdict
from reviewer.reporters import render, view
from reviewer.reporters.outputs import NAMES, outputs
from tests.builders import a_change, a_clean_review, a_finding, a_review
from tests.reporters.test_sanitise import HOSTILE

SCHEMA = json.loads((Path(__file__).resolve().parents[1] / "schemas" / "sarif-2.1.0.json").read_text())
SARIF = (Draft4Validator if "draft-04" in SCHEMA["$schema"] else Draft7Validator)(SCHEMA)
texts = st.sampled_from(HOSTILE) | st.text(max_size=30)


@st.composite
def hostile_reviews(draw: Any) -> Review:
    text = [draw(texts) for _ in range(6)]
    finding = replace(
        a_finding(), title=text[0], scenario=text[1], recommendation=text[2], path=text[3] or "x", suggestion=text[4],
        symbol=text[5], hazard=text[0] or "x", references=(text[1],), side=draw(st.sampled_from(Side)),
    )  # fmt: skip
    return a_review(findings=(finding, a_finding()), notices=(text[2],))


def many(count: int, severity: Severity) -> tuple[Finding, ...]:
    return tuple(a_finding(severity=severity, fingerprint=f"{at:016x}") for at in range(count))


# SARIF


def sarif(review: Review) -> Any:
    document = json.loads(render(review, "sarif"))
    SARIF.validate(document)
    return document["runs"][0]


@pytest.mark.parametrize(
    "review", [a_review(), a_clean_review(), a_review(language="pt-BR", diff=""), a_review(findings=())]
)
def test_sarif_is_valid(review: Review) -> None:
    sarif(review)


@settings(max_examples=40, deadline=None)
@given(hostile_reviews())
def test_sarif_is_valid_whatever_is_said(review: Review) -> None:
    for result in sarif(review)["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert not uri.startswith("/")
        assert not re.match(r"[a-z][a-z0-9+.-]*:", uri)
        assert uri.isascii()


@pytest.mark.parametrize(
    "path", ["https://evil.example/x", "c:/x", "javascript:alert(1)", "a b#c?d%e", "/etc/passwd", "//host/x"]
)
def test_a_sarif_uri_is_relative_and_escaped(path: str) -> None:
    location = sarif(a_review(findings=(a_finding(path=path),)))["results"][0]["locations"][0]
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    assert not set(uri) & set(":#? ")
    assert not uri.startswith("/")
    assert unquote(uri) == path.lstrip("/")


def test_a_sarif_result_says_what_where_and_which() -> None:
    run = sarif(a_review())
    first = run["results"][1]
    assert (first["ruleId"], first["level"]) == ("sql-injection", "error")
    assert first["partialFingerprints"] == {"designReviewer/v1": a_review().findings[0].fingerprint}
    physical = first["locations"][0]["physicalLocation"]
    assert unquote(physical["artifactLocation"]["uri"]) == "orders/api.py"
    assert physical["region"]["startLine"] == 20
    assert first["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"] == {
        "startLine": 20,
        "endLine": 20,
    }
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == "sql-injection"
    assert run["invocations"][0]["executionSuccessful"] is False
    assert [n["level"] for n in run["invocations"][0]["toolExecutionNotifications"]] == ["error", "warning"]


def test_removed_code_is_shown_on_a_line_that_exists_on_head() -> None:
    result = sarif(a_review())["results"][0]
    assert result["properties"] | {"side": "LEFT", "startLine": 8, "endLine": 9} == result["properties"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 11
    assert "removed code" in result["message"]["text"]
    assert "fixes" not in result


def test_what_a_human_acknowledged_is_suppressed_and_what_was_refuted_is_absent() -> None:
    results = sarif(a_review())["results"]
    suppressed = [result for result in results if result.get("suppressions")]
    assert [result["ruleId"] for result in suppressed] == ["csrf-disabled"]
    assert suppressed[0]["suppressions"][0]["status"] == "accepted"
    assert "sensitive-data-logged" not in {result["ruleId"] for result in results}


def test_sarif_rules_have_help_from_the_catalogue() -> None:
    from reviewer.hazards import load

    hazard = next(hazard for hazard in load() if hazard.references)
    rule = sarif(a_review(findings=(a_finding(hazard=hazard.id),)))["tool"]["driver"]["rules"][0]
    assert hazard.scenario.split()[0] in rule["help"]["text"]
    assert rule["shortDescription"]["text"] == hazard.title
    assert rule["defaultConfiguration"]["level"] == "error"


def test_security_rules_have_a_score_that_github_reads() -> None:
    rules = {rule["id"]: rule for rule in sarif(a_review())["tool"]["driver"]["rules"]}
    assert float(rules["sql-injection"]["properties"]["security-severity"]) >= 9
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in rules.values())


# reviewdog


def test_rdjson_has_each_finding_with_place_code_and_suggestion() -> None:
    result = json.loads(render(a_review(), "rdjson"))
    assert result["source"] == {"name": "design-reviewer"}
    by_code = {diagnostic["code"]["value"]: diagnostic for diagnostic in result["diagnostics"]}
    assert by_code["sql-injection"]["severity"] == "ERROR"
    assert by_code["sql-injection"]["location"]["range"] == {"start": {"line": 20}, "end": {"line": 20}}
    assert by_code["sql-injection"]["suggestions"][0]["text"] == a_review().findings[0].suggestion
    assert by_code["money-as-float"]["relatedLocations"][0]["location"]["range"]["start"]["line"] == 8
    assert "suggestions" not in by_code["authentication-removed"]


# annotations

COMMAND = re.compile(r"::(error|warning|notice) (?:[a-zA-Z]+=[^,:\r\n]*,?)+::[^\r\n]*")


def test_annotations_point_at_lines_most_severe_first() -> None:
    lines = render(a_review(), "annotations").splitlines()
    assert lines[0].startswith("::warning title=Design review%3A incomplete::2 critical")
    assert lines[1].startswith("::error file=orders/api.py,line=11,endLine=11,title=critical security%3A ")
    assert len(lines) == 7


def test_ten_of_a_kind_are_shown_and_the_rest_is_counted() -> None:
    review = a_review(findings=many(13, Severity.HIGH) + many(12, Severity.MEDIUM) + many(30, Severity.LOW))
    lines = render(review, "annotations").splitlines()
    kinds = [line.split(" ", 1)[0] for line in lines]
    assert (kinds.count("::error"), kinds.count("::warning"), kinds.count("::notice")) == (10, 10, 10)
    assert "27 more findings" in lines[-1]


@settings(max_examples=60)
@given(hostile_reviews())
def test_every_line_is_one_command_of_ours(review: Review) -> None:
    text = render(review, "annotations")
    assert all(COMMAND.fullmatch(line) for line in text.split("\n")[:-1])
    assert len(text.split("\n")) == 4


def test_a_clean_review_annotates_nothing() -> None:
    assert render(a_clean_review(), "annotations") == ""


# GitLab and JUnit


def test_gitlab_issues_have_what_gitlab_asks_for() -> None:
    issues = json.loads(render(a_review(), "gitlab"))
    assert [issue["severity"] for issue in issues] == ["blocker", "blocker", "critical", "critical", "major", "minor"]
    assert len({issue["fingerprint"] for issue in issues}) == 6
    for issue in issues:
        assert {"description", "check_name", "fingerprint", "severity", "location"} <= issue.keys()
        assert 1 <= issue["location"]["lines"]["begin"] <= issue["location"]["lines"]["end"]


def junit(review: Review) -> ET.Element:
    return ET.fromstring(render(review, "junit").encode())


def test_junit_counts_failures_errors_and_skips() -> None:
    suite = junit(a_review()).find("testsuite")
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8", "failures": "6", "errors": "1", "skipped": "2",
    }  # fmt: skip


def test_junit_never_passes_an_incomplete_review() -> None:
    review = a_clean_review(verdict=Verdict.INCOMPLETE)
    assert junit(review).get("errors") == "1"


@settings(max_examples=40)
@given(hostile_reviews())
def test_junit_is_xml_and_json_is_json_whatever_is_said(review: Review) -> None:
    junit(review)
    json.loads(render(review, "rdjson"))
    json.loads(render(review, "gitlab"))


# outputs


def read_outputs(text: str) -> dict[str, str]:
    """As the runner reads the file."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, delimiter = line.split("<<", 1)
        value: list[str] = []
        while (inner := next(lines)) != delimiter:
            value.append(inner)
        found[name] = "\n".join(value)
    return found


def test_outputs_of_the_action() -> None:
    assert read_outputs(outputs(a_review(), "out/review.json")) == {
        "verdict": "incomplete", "findings-count": "6", "highest-severity": "critical", "report": "out/review.json", "sarif": "",
    }  # fmt: skip
    assert read_outputs(outputs(a_clean_review()))["highest-severity"] == ""


@given(st.text())
def test_no_value_starts_an_output_of_its_own(path: str) -> None:
    path = path.encode("utf-8", "replace").decode()
    found = read_outputs(outputs(a_review(), path + "\nverdict=clean\nverdict<<x\nclean\nx"))
    assert tuple(found) == NAMES
    assert found["verdict"] == "incomplete"


def test_a_value_cannot_hold_its_own_end() -> None:
    ends = [line.split("<<")[1] for line in outputs(a_review(), "x").split("\n") if "<<" in line]
    value = "\n".join(["x", *ends, "verdict=clean"])
    assert read_outputs(outputs(a_review(), value))["report"] == value


# the place on head


def test_removed_code_at_the_end_of_a_file_is_shown_on_the_last_line_before_it() -> None:
    from reviewer.stages import diff

    change = diff.parse(b"--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n keep\n-gone\n")
    gone = a_finding(path="x", side=Side.LEFT, start_line=2, end_line=2)
    assert view.head_place(change, gone) == ("x", 1, 1)
    assert view.head_place(a_change(), gone) == ("x", 0, 0)
