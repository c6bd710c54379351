"""Measure the reviewer beside the floor, in one run: `python -m benchmarks.run [--latency 2] [--sizes 60,800,20000]`.

For each size of made-up pull request: the floor (`git diff`), each stage, an offline review, and a whole review
against a model server on loopback that takes a fixed time for every answer and finds one thing in every call, so
that both model stages run: of a local change, and of a pull request that is read from and posted to a GitHub that
takes 100 ms for every answer. *Own time* is the wall time while no model call was under way. Markers tell the share
of changed lines that reached the model. Writes `benchmarks/results.json`, `docs/benchmarks.md` and the plot in it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.hub import PacedGitHub
from benchmarks.repository import committed, git
from benchmarks.synthetic import Pull, pull_request
from reviewer.stages.tokens import estimate_tokens
from tests.fakes.github.state import BOT
from tests.fakes.model_server import ANTHROPIC, OPENAI, ModelServer, Say, Seen

ROOT = Path(__file__).resolve().parent.parent
SIZES = (60, 800, 20_000, 100_000)
# provider: its wire, a model whose context takes the largest change in few calls, the variable of its key
PROVIDERS = {
    "openai": (OPENAI, "gpt-5.2", "OPENAI_API_KEY"),
    "anthropic": (ANTHROPIC, "claude-sonnet-4-5", "ANTHROPIC_API_KEY"),
}
_PREFIX = re.compile(r"^## (\S+)")


class Ran(NamedTuple):
    """A finished process: wall seconds, peak memory in MiB, exit code."""

    seconds: float
    peak_mb: float
    code: int


class Reviewer:
    """The model's part: waits `latency`, then finds one thing in a review and confirms what it is asked to verify."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._lock = threading.Lock()
        self.spans: list[tuple[float, float]] = []
        self.prompts: list[tuple[bool, str]] = []  # (whether it asks for a review, the user's part)

    def __call__(self, seen: Seen) -> Say:
        start = time.perf_counter()
        time.sleep(self._latency)
        properties = (seen.schema or {}).get("properties", {})
        with self._lock:
            self.prompts.append(("verdicts" not in properties, seen.user_text))
        answer = _verdicts(seen.user_text) if "verdicts" in properties else _finding(seen.user_text)
        with self._lock:
            self.spans.append((start, time.perf_counter()))
        return Say(answer)

    def under_way(self) -> float:
        """Seconds in which at least one call was under way."""
        total, until = 0.0, 0.0
        for start, end in sorted(self.spans):
            total += max(0.0, end - max(start, until))
            until = max(until, end)
        return total


def _finding(prompt: str) -> dict[str, Any]:
    path, quote = "", ""
    for line in prompt.split("\n"):
        path = found[1] if (found := _PREFIX.match(line)) else path
        if path and re.match(r"\+\d+\|", line):
            quote = line.split("|", 1)[1]
            break
    finding = {
        "path": path, "quote": quote, "line": 1, "side": "RIGHT", "scenario": "Two callers at once lose one update.",
        "counter": "", "hazard": "other-design", "category": "reliability", "severity": "medium", "confidence": "medium",
        "title": "Lost update", "recommendation": "Lock the row.", "suggestion": None, "signals": [],
    }  # fmt: skip
    return {"summary": "Read.", "signals": [], "findings": [finding] if quote else [], "questions": []}


def _verdicts(prompt: str) -> dict[str, Any]:
    ids = dict.fromkeys(re.findall(r"\b(F\d+)\b", prompt))
    verdict = {"reason": "Seen.", "quote": "", "verdict": "confirmed", "severity": "medium", "question": ""}
    return {"verdicts": [{"id": each, **verdict} for each in ids]}


def run(command: Sequence[str], *, cwd: Path, env: dict[str, str] | None = None) -> Ran:
    """Run to the end, and watch the peak memory of the process and those it starts.

    The kernel's own account (`ru_maxrss`) begins with the memory of the process that started it, so the
    high-water marks are read from /proc while it runs.
    """
    start = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=errors)
        peak = [0.0]
        watcher = threading.Thread(target=_watch, args=(process.pid, peak))
        watcher.start()
        code = process.wait()
        seconds = time.perf_counter() - start
        watcher.join()
        errors.seek(0)
        if code not in {0, 1}:
            sys.stderr.buffer.write(errors.read()[-2_000:])
    return Ran(seconds, peak[0], code)


def _watch(process: int, peak: list[float]) -> None:
    """Follow the high-water marks of a process and its living children together, in MiB, until it is gone."""
    while own := _high_water(process):
        peak[0] = max(peak[0], own + sum(map(_high_water, _children(process))))
        time.sleep(0.005)


def _high_water(process: int) -> float:
    """In MiB; 0 for a process that has ended."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(encoding="utf-8"))
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def _children(process: int) -> list[int]:
    """Started by its first thread, as ours are."""
    try:
        return list(map(int, Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()))
    except (FileNotFoundError, ProcessLookupError):
        return []


def cli(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "reviewer", *arguments]


def environment(**more: str) -> dict[str, str]:
    """What the reviewer sees: our package, no keys but those given."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TMPDIR"}}
    return {**kept, "PYTHONPATH": str(ROOT), "HOME": tempfile.gettempdir(), **more}


def best(command: Sequence[str], cwd: Path, times: int) -> Ran:
    """The quickest of some runs: the machine's own noise only ever adds."""
    return min((run(command, cwd=cwd, env=environment()) for _ in range(times)), key=lambda ran: ran.seconds)


def size_row(lines: int, latency: float, folder: Path) -> dict[str, Any]:
    pull = pull_request(lines)
    repo = committed(pull, folder / str(lines))
    times = 3 if lines <= 1_000 else 1
    floor = best(["git", "diff", "base", "head"], repo, 3)
    stages = json.loads(
        subprocess.run(
            [sys.executable, "-m", "benchmarks.stages", str(repo)],
            cwd=ROOT, env=environment(), check=True, capture_output=True,
        ).stdout
    )  # fmt: skip
    target = ("--repo", str(repo), "--range", "base...head", "--format", "json", "--fail-on", "never")
    offline = best(cli(*target, "--provider", "offline"), repo, times)
    row = {
        "lines": lines,
        "files": len(pull.head),
        "git_diff_seconds": floor.seconds,
        "stages_seconds": stages["seconds"],
        "parse_mb": stages["parse_mb"],
        "stages_mb": stages["peak_mb"],
        "offline_seconds": offline.seconds,
        "offline_mb": offline.peak_mb,
        "offline_lines_per_second": lines / offline.seconds,
    }
    if lines <= 20_000:
        kept = target[-4:]
        row["reviews"] = [
            quickest(lambda name=name: whole(pull, repo, target, name, latency), times) for name in PROVIDERS
        ] + [hosted(pull, kept, name, latency, folder / f"{lines}-{name}", times) for name in PROVIDERS]
    return row


def quickest(measure: Callable[[], dict[str, Any]], times: int) -> dict[str, Any]:
    """The one of some measurements with the least time of ours."""
    return min((measure() for _ in range(times)), key=lambda one: float(one["own_seconds"]))


def hosted(
    pull: Pull, kept: tuple[str, ...], provider: str, latency: float, folder: Path, times: int
) -> dict[str, Any]:
    """The review of a pull request, read from GitHub without a checkout and posted there."""
    empty = folder / "empty"
    empty.mkdir(parents=True)
    found: list[dict[str, Any]] = []
    with PacedGitHub(folder) as github:
        target = ("--pr", f"{github.state.owner}/{github.state.name}#7", "--post", *kept)
        at = {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": f"token-{BOT.login}"}
        for seconds in (0.1, *(times * [latency])):
            github.state.open(pull.base, pull.head)  # the same commits, and nothing said yet
            github.asked = 0
            one = whole(pull, empty, target, provider, seconds, at)
            found.append({**one, "github_calls": github.asked})
    return min(found[1:], key=lambda one: float(one["own_seconds"]))  # the first one taught the answers


def whole(
    pull: Pull, repo: Path, target: tuple[str, ...], provider: str, latency: float, at: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One review against the loopback model: wall, own time, calls, tokens, and the share of lines it was shown."""
    wire, name, key = PROVIDERS[provider]
    model = Reviewer(latency)
    with ModelServer(model, strict=False) as server:
        _warm(server.url(wire), wire)
        model.spans.clear()
        model.prompts.clear()
        ran = run(
            cli(*target, "--provider", provider, "--model", name, "--base-url", server.url(wire)),
            cwd=repo,
            env=environment(**{key: "bench"}, **(at or {})),
        )
        most = server.most_at_once
    words = pull.in_scope
    shown = {word for _, user in model.prompts for word in re.findall(r"mk\d{6}\wq", user)}
    prompt = sum(estimate_tokens(user) for review, user in model.prompts if review)
    return {
        "provider": provider,
        "from": "GitHub" if at else "local",
        "exit_code": ran.code,
        "wall_seconds": ran.seconds,
        "model_seconds": model.under_way(),
        "own_seconds": ran.seconds - model.under_way(),
        "whole_mb": ran.peak_mb,
        "calls": len(model.prompts),
        "most_at_once": most,
        "markers_shown": len(words & shown),
        "markers": len(words),
        "user_tokens_per_diff_token": prompt / estimate_tokens(pull.diff.decode()),
        "tokens_per_changed_line": prompt / len(words),
    }


def _warm(url: str, wire: str) -> None:
    """Let the server load what it answers with, so that the first call measured is like the others."""
    body = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "hello"}]}
    path = "/v1/messages" if wire == ANTHROPIC else "/chat/completions"
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"content-type": "application/json"})
    urllib.request.urlopen(request, timeout=60).close()


def start_up() -> dict[str, float]:
    """Seconds to start, middle of nine: bare Python, and our help."""
    found: dict[str, float] = {}
    for name, command in (("python", [sys.executable, "-c", "pass"]), ("help", cli("--help"))):
        found[name] = statistics.median(run(command, cwd=ROOT, env=environment()).seconds for _ in range(9))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--latency", type=float, default=2.0, help="seconds the model takes for an answer")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="changed lines, with commas")
    parser.add_argument("--no-docs", action="store_true", help="print only, write nothing")
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for size in map(int, chosen.sizes.split(",")):
            rows.append(size_row(size, chosen.latency, Path(folder)))
            print(json.dumps(rows[-1]), flush=True)
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "git": git(ROOT, "--version").decode().strip(),
        "load": load,
        "latency_seconds": chosen.latency,
        "start_up_seconds": start_up(),
        "rows": rows,
    }
    print(json.dumps(results["start_up_seconds"]))
    if not chosen.no_docs:
        from benchmarks.page import write

        (ROOT / "benchmarks" / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        write(results, ROOT / "docs")


if __name__ == "__main__":
    main()
