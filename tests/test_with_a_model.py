"""The whole program with a model: real process, real SDKs, a model server on loopback."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model_server import Hang, ModelServer, Say, Seen, Status
from tests.test_cli import SAMPLE, run

CHECKOUT = "orders/checkout.py"


def found(**changes: Any) -> dict[str, Any]:
    """A review answer with one finding on the removed lock, as a good model would give it."""
    finding = {
        "path": CHECKOUT,
        "quote": "product = Product.objects.get(sku=sku)",
        "line": 20,
        "side": "RIGHT",
        "scenario": "Two checkouts read the same stock; both save; one sale is lost.",
        "counter": "The row might be locked elsewhere; the change removes select_for_update.",
        "hazard": "non-atomic-counter-update",
        "category": "data-integrity",
        "severity": "high",
        "confidence": "high",
        "title": "Stock is oversold: the row lock is gone",
        "recommendation": "Keep select_for_update().",
        "suggestion": "        product = Product.objects.select_for_update().get(sku=sku)",
        "signals": [],
    }
    return {
        "summary": "Moves the charge into checkout.",
        "signals": [],
        "findings": [{**finding, **changes}],
        "questions": [],
    }


def reviewer_saying(answer: dict[str, Any]) -> Any:
    """Answers review calls with `answer`, and confirms everything when asked to verify."""

    def script(seen: Seen) -> Say:
        if "findings" in (seen.schema or {}).get("properties", {}):
            return Say(answer)
        return Say(confirm(seen))

    return script


def confirm(seen: Seen) -> dict[str, Any]:
    ids = dict.fromkeys(re.findall(r"\bC\d+\b", seen.user_text))
    verdict = {"reason": "The chain holds.", "quote": "product = Product.objects.get(sku=sku)", "question": ""}
    return {"verdicts": [{"id": id_, "verdict": "confirmed", "severity": "high", **verdict} for id_ in ids]}


def review(
    server: ModelServer, *words: str, provider: str = "anthropic", **environment: str
) -> tuple[int, dict[str, Any], str]:
    url = server.anthropic_url if provider == "anthropic" else server.openai_url
    done = run(
        "--diff",
        str(SAMPLE),
        "--provider",
        provider,
        "--base-url",
        url,
        "--format",
        "json",
        *words,
        ANTHROPIC_API_KEY="test-key-a",
        OPENAI_API_KEY="test-key-o",
        **environment,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
def test_a_model_reads_the_change_with_the_persona_first(provider: str) -> None:
    with ModelServer(reviewer_saying(found())) as server:
        code, report, stderr = review(server, "--verify", "off", provider=provider)
    assert code == 0, stderr
    assert server.seen[0].system_text.startswith("# Backend Architect\n")
    by_hazard = {finding["hazard"]: finding for finding in report["findings"]}
    lock = by_hazard["non-atomic-counter-update"]
    assert (lock["path"], lock["side"], lock["start_line"], lock["end_line"]) == (CHECKOUT, "RIGHT", 20, 20)
    assert lock["suggestion"]
    assert report["usage"]["calls"] == 1
    assert report["usage"]["input_tokens"] > 0
    assert report["provenance"]["persona_sha256"]


def test_a_quote_that_is_not_in_the_change_is_excluded_with_the_reason() -> None:
    with ModelServer(reviewer_saying(found(quote="os.system('rm -rf /')"))) as server:
        _, report, _ = review(server, "--verify", "off")
    assert all(finding["origin"] == "rule" for finding in report["findings"])
    assert "anchor" in {item["stage"] for item in report["excluded"]}


@pytest.mark.parametrize(
    "answer",
    [
        Say("I could not find anything."),
        Say('{"findings": "none"}'),
        Say(found(), stop="truncated"),
        Say(found(), stop="refused"),
        Status(401),
        Status(400),
    ],
    ids=["prose", "other schema", "cut", "refused", "wrong key", "bad request"],
)
def test_what_is_no_answer_is_never_clean(answer: Any) -> None:
    with ModelServer([answer]) as server:
        code, report, stderr = review(server, "--verify", "off")
    assert code == 4, stderr
    assert report["verdict"] == "incomplete"
    assert report["coverage"]["reviewed_lines"] == 0
    assert "Traceback" not in stderr


def test_incomplete_may_be_only_a_warning() -> None:
    with ModelServer([Say("no")]) as server:
        code, report, _ = review(server, "--verify", "off", "--on-incomplete", "warn")
    assert (code, report["verdict"]) == (0, "incomplete")


def test_a_busy_server_is_asked_again() -> None:
    with ModelServer([Status(429, retry_after=0), Status(529), Say(found())]) as server:
        code, report, stderr = review(server, "--verify", "off")
    assert code == 0, stderr
    assert report["usage"]["retries"] == 2


def test_a_server_that_never_answers_is_given_up_at_the_deadline() -> None:
    with ModelServer([Hang(30)]) as server:
        code, report, _ = review(server, "--verify", "off", "--deadline", "5")
    assert (code, report["verdict"]) == (4, "incomplete")


def test_a_fallback_is_taken_and_said() -> None:
    with ModelServer([Status(401)]) as broken, ModelServer(reviewer_saying(found())) as sound:
        code, report, stderr = review(
            broken, "--verify", "off", "--fallback", "openai", OPENAI_BASE_URL=sound.openai_url
        )
    assert code == 0, stderr
    assert any("openai" in notice for notice in report["notices"])


def test_a_recorded_review_replays_without_key_or_server(tmp_path: Path) -> None:
    with ModelServer(reviewer_saying(found())) as server:
        _, report, stderr = review(server, "--record", str(tmp_path))
    assert "test-key-a" not in "".join(path.read_text() for path in tmp_path.iterdir())
    done = run("--diff", str(SAMPLE), "--provider", "anthropic", "--replay", str(tmp_path), "--format", "json")
    assert done.returncode == 0, done.stderr + stderr
    replayed = json.loads(done.stdout)
    assert replayed["findings"] == report["findings"]


def test_any_agent_file_begins_the_system_prompt_to_the_letter(tmp_path: Path) -> None:
    body = "# Crítico\r\n\r\nYou design {schemas} and `APIs`. %s\r\n"
    (tmp_path / "critic.md").write_bytes(f"---\nname: critic\ntools: Read\n---\n\n{body}".encode())
    with ModelServer(reviewer_saying(found())) as server:
        review(server, "--verify", "off", "--persona", str(tmp_path / "critic.md"))
    assert server.seen[0].system_text.startswith(body)


def test_keys_are_in_nothing_we_print(tmp_path: Path) -> None:
    with ModelServer([Status(401, message="bad key test-key-a")]) as server:
        _, report, stderr = review(server, "--audit", str(tmp_path / "audit.jsonl"))
    assert "test-key-a" not in json.dumps(report) + stderr + (tmp_path / "audit.jsonl").read_text()


@pytest.mark.parametrize("wire", ["anthropic", "openai"])
def test_an_endpoint_of_ones_own_needs_no_key_and_no_provider(wire: str) -> None:
    with ModelServer(reviewer_saying(found())) as server:
        done = run(
            "--diff",
            str(SAMPLE),
            "--base-url",
            server.url(wire),
            "--verify",
            "off",
            "--format",
            "json",
            "--model",
            "local",
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["provenance"]["provider"] == wire
