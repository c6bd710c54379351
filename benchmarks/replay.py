"""Replay real commits through the offline engine, as if each were a pull request, and count what it would post.

    python benchmarks/replay.py --commits 300 --out findings.jsonl PATH_OF_A_CLONE [PATH…]

Prints one row per repository and, to --out, one JSON line per signal (also evidence, with its tier), for judging.
The findings judged and their dates are in docs/rule-precision.md. Nothing of the repositories is kept.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reviewer.evidence import examine
from reviewer.evidence.engine import FAILED
from reviewer.nouns.plan import ScopeRules, Switches
from reviewer.nouns.signal import Tier
from reviewer.sources.git_range import load
from reviewer.stages import diff, scope


def commits(repo: Path, count: int, skip: int) -> list[str]:
    """The last non-merge commits, newest first."""
    command = ["git", "-C", str(repo), "log", "--no-merges", f"--max-count={count}", f"--skip={skip}", "--format=%H"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def replay(repo: Path, sha: str) -> tuple[list[dict[str, object]], int, float]:
    """Signals of one commit, its changed lines in scope, and the seconds the engine took."""
    raw = load(f"{sha}^..{sha}", repo=repo)
    changes = diff.parse(raw.diff)
    inside = scope.divide(changes, ScopeRules(), base=raw.base, head=raw.head, leave_out=()).inside
    begun = time.perf_counter()
    evidence = examine(inside, everything=changes, base=raw.base, head=raw.head, switches=Switches())
    seconds = time.perf_counter() - begun
    failed = [notice for notice in evidence.notices if notice.startswith(FAILED)]
    if failed:
        raise RuntimeError(failed[0])
    rows = [
        {
            "repo": repo.parent.name if repo.name == "repo" else repo.name,
            "commit": sha[:10],
            "tier": signal.tier,
            "rule": signal.rule,
            "severity": signal.severity,
            "place": f"{signal.path}:{signal.start_line}",
            "quote": signal.quote,
            "message": signal.message,
        }
        for signal in evidence.signals
    ]
    return rows, inside.changed_lines, seconds


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("repos", nargs="+", type=Path)
    arguments.add_argument("--commits", type=int, default=100)
    arguments.add_argument("--skip", type=int, default=0)
    arguments.add_argument("--out", type=Path, default=Path("replay.jsonl"))
    options = arguments.parse_args()
    total: Counter[str] = Counter()
    with options.out.open("w", encoding="utf-8") as out:
        for repo in options.repos:
            count: Counter[str] = Counter()
            spent, lines = 0.0, 0
            for sha in commits(repo, options.commits, options.skip):
                try:
                    rows, changed, seconds = replay(repo, sha)
                except Exception as error:  # noqa: BLE001  a crash is what this script is there to count
                    count["crashed"] += 1
                    print(f"{repo} {sha[:10]}: {type(error).__name__}: {error}", file=sys.stderr)
                    continue
                count["commits"] += 1
                lines += changed
                spent += seconds
                for row in rows:
                    count["evidence" if row["tier"] == Tier.EVIDENCE else "posted"] += 1
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
            print(f"{repo}: {dict(count)}, {lines} lines in scope, {spent:.1f} s of engine time", flush=True)
            total += count
    per = total["commits"] / total["posted"] if total["posted"] else float("inf")
    print(f"total: {dict(total)}; one posted finding in {per:.0f} commits")


if __name__ == "__main__":
    main()
