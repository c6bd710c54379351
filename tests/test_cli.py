"""The command line as a user meets it: a process, its streams and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "examples" / "order-service" / "change.diff"
CLEAN = """\
diff --git a/app/names.py b/app/names.py
--- a/app/names.py
+++ b/app/names.py
@@ -1,2 +1,2 @@
 def full(first: str, last: str) -> str:
-    return first + " " + last
+    return f"{first} {last}"
"""


def run(*words: str, stdin: str = "", cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m reviewer` with a bare environment, nothing of this machine's keys or Actions variables."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "reviewer", *words],
        input=stdin,
        cwd=cwd,
        env={**bare, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_sample_is_reviewed_with_no_key() -> None:
    done = run("--diff", str(SAMPLE))
    assert done.returncode == 0, done.stderr
    assert "migration-add-required-column" in done.stdout
    assert "No model" in done.stdout


def test_standard_output_carries_the_chosen_format_and_nothing_else() -> None:
    done = run("--diff", str(SAMPLE), "--format", "json")
    report = json.loads(done.stdout)
    assert report["verdict"] == "findings"
    assert {finding["origin"] for finding in report["findings"]} == {"rule"}
    assert report["provenance"]["provider"] == "offline"


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (run("--diff", str(SAMPLE), "--format", "json", PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first.stdout == second.stdout


def test_a_sound_change_on_standard_input_is_clean() -> None:
    done = run("--diff", "-", "--fail-on", "low", "--format", "json", stdin=CLEAN)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "clean"


def test_findings_at_the_threshold_exit_1() -> None:
    assert run("--diff", str(SAMPLE), "--fail-on", "high").returncode == 1
    assert run("--diff", str(SAMPLE), "--fail-on", "never").returncode == 0


def test_in_actions_high_findings_fail_by_default(tmp_path: Path) -> None:
    output, summary = tmp_path / "output", tmp_path / "summary"
    done = run(
        "--diff",
        str(SAMPLE),
        GITHUB_ACTIONS="true",
        GITHUB_OUTPUT=str(output),
        GITHUB_STEP_SUMMARY=str(summary),
        RUNNER_TEMP=str(tmp_path),
    )
    assert done.returncode == 1, done.stderr
    assert "verdict<<" in output.read_text()
    assert "migration-add-required-column" in summary.read_text()
    assert json.loads((tmp_path / "design-reviewer" / "review.json").read_text())["verdict"] == "findings"


def test_outputs_are_written_by_their_extension(tmp_path: Path) -> None:
    names = ("review.json", "review.md", "review.sarif", "deep/review.html")
    done = run("--diff", str(SAMPLE), *(word for name in names for word in ("--output", name)), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / name).stat().st_size for name in names)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--diff", "absent.diff"), 3, "no file absent.diff"),
        (("--range", "nowhere...HEAD"), 3, "nowhere"),
        (("--diff", "x", "--staged"), 2, "2 targets"),
        (("--diff", str(SAMPLE), "--output", "review.docx"), 2, "review.docx"),
        (("--diff", str(SAMPLE), "--persona", "clown"), 2, "no persona"),
        (("--diff", str(SAMPLE), "--provider", "anthropic"), 2, "ANTHROPIC_API_KEY"),
        (("--diff", str(SAMPLE), "--shard", "3/2"), 2, "I/N"),
        (("--diff", str(SAMPLE), "--post"), 2, "--pr"),
        (("--diff", str(SAMPLE), "--config", "absent.yml"), 2, "absent.yml"),
        (("--diff", str(SAMPLE), "--fallback", "gemini"), 2, "gemini"),
        (("--no-such-option",), 2, "unrecognized arguments"),
        (("--min-sevrity", "low"), 2, "Did you mean --min-severity?"),
        (("doctr",), 2, "Did you mean doctor?"),
        (("explain", "money-as-flaot"), 2, "money-as-float"),
    ],
)
def test_each_mistake_has_its_code_a_message_and_no_traceback(words: tuple[str, ...], code: int, message: str) -> None:
    done = run(*words)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_what_is_no_diff_is_a_source_error() -> None:
    done = run("--diff", "-", stdin="@@ -1,9 +1,9 @@\n cut")
    assert done.returncode == 3
    assert "hint:" in done.stderr


def test_a_dry_run_needs_no_key_and_shows_the_persona_first() -> None:
    done = run("--diff", str(SAMPLE), "--provider", "anthropic", "--dry-run")
    assert done.returncode == 0, done.stderr
    system = done.stdout.split("--- system ---\n", 1)[1]
    assert system.startswith("# Backend Architect\n")
    assert "card_token" in done.stdout


def test_a_hazard_is_explained() -> None:
    done = run("explain", "money-as-float")
    assert done.returncode == 0
    assert "What makes it no defect" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_change_is_planned_into_shards(tmp_path: Path) -> None:
    done = run("plan", "--diff", str(SAMPLE), "--lines", "40", GITHUB_OUTPUT=str(tmp_path / "output"))
    assert json.loads(done.stdout) == ["1/3", "2/3", "3/3"]
    assert (tmp_path / "output").read_text() == 'shards=["1/3", "2/3", "3/3"]\n'


def test_parallel_jobs_of_gitlab_take_a_shard_each() -> None:
    halves = [
        json.loads(run("--diff", str(SAMPLE), "--format", "json", CI_NODE_INDEX=number, CI_NODE_TOTAL="2").stdout)
        for number in ("1", "2")
    ]
    whole = json.loads(run("--diff", str(SAMPLE), "--format", "json").stdout)
    assert sum(half["coverage"]["reviewed_lines"] for half in halves) == whole["coverage"]["reviewed_lines"]
    assert all(half["coverage"]["reviewed_lines"] for half in halves)


def test_help_tells_the_commands_and_exit_codes() -> None:
    done = run("--help")
    assert "publish" in done.stdout
    assert "4 incomplete" in done.stdout
