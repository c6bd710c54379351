"""Results as a page of the documentation, with its plot. Needs matplotlib (`pip install --group benchmarks`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

BUDGET = {60: 1.0, 800: 1.3, 20_000: 2.5}  # own time, seconds
STAGES = ("parse", "scope", "redact", "evidence", "context", "batch", "compose")
_INTRODUCTION = (
    "Measured on {date} by `python -m benchmarks.run` on {machine}, {git}; the model is a server on loopback that takes"
    " {latency_seconds:g} s for every answer and finds one thing in each call, so that both model stages (review,"
    " verification) run. Pull requests are made up: five languages and SQL migrations, a marker on every changed line."
    " The quickest of three for small changes, single runs for large ones, on a shared machine (load at the start: {load:.1f})"
    " on which the same run has varied by half within an hour: read them as orders of magnitude."
)
_START_UP = (
    "Start-up: `python -c pass` {python:.0f} ms, `python -m reviewer --help` {help:.0f} ms ({times:.1f} times bare"
    " Python; the budget is 6)."
)
_OWN = (
    "*Own time* is the wall time while no model call was under way. Its floor is the import of the provider's SDK"
    " (Anthropic's 3,150 modules: 1.2 to 1.4 s of one core; OpenAI's: 0.5 to 0.7 s), which nothing of ours can shorten;"
    " it goes on in a process of its own from the start, and so do the rules in another. *From GitHub*: the pull request"
    " is read without a checkout and the review is posted; each answer of GitHub takes 100 ms, six of them one after the"
    " other (three before the model is asked, three to post). Memory is that of all processes together."
)
_WHOLE = (
    *(
        "changed lines",
        "provider",
        "change from",
        "wall s",
        "own s",
        "budget s",
        "GitHub calls",
        "model calls",
        "at once",
    ),
    *("lines the model saw", "prompt / diff tokens", "peak MiB"),
)


def write(results: Mapping[str, Any], docs: Path) -> None:
    """Write `benchmarks.md` and `img/benchmarks.png` below `docs`."""
    (docs / "img").mkdir(parents=True, exist_ok=True)
    _plot(results, docs / "img" / "benchmarks.png")
    (docs / "benchmarks.md").write_text(page(results), encoding="utf-8")


def page(results: Mapping[str, Any]) -> str:
    """The page's Markdown."""
    rows: Sequence[Mapping[str, Any]] = results["rows"]
    start = results["start_up_seconds"]
    whole = [(row["lines"], review) for row in rows for review in row.get("reviews", ())]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            _INTRODUCTION.format(**results),
            "",
            "![Time, memory and start-up by size of the change](img/benchmarks.png)",
            "",
            "## A whole review",
            "",
            _OWN,
            "",
            *_table(
                _WHOLE,
                [
                    (
                        f"{lines:,}", one["provider"], one["from"], f"{one['wall_seconds']:.2f}",
                        f"{one['own_seconds']:.2f}", f"{BUDGET[lines]:g}" if lines in BUDGET else "",
                        one.get("github_calls", ""), one["calls"], one["most_at_once"],
                        f"{one['markers_shown'] / one['markers']:.0%}", f"{one['user_tokens_per_diff_token']:.2f}",
                        f"{one['whole_mb']:.0f}",
                    )
                    for lines, one in whole
                ],
            ),
            "",
            "## Without a model, and the floor",
            "",
            *_table(
                ("changed lines", "files", "`git diff` s", "parse s", "offline review s", "lines/s", "peak MiB"),
                [
                    (
                        f"{row['lines']:,}", row["files"], f"{row['git_diff_seconds']:.3f}",
                        f"{row['stages_seconds']['parse']:.3f}", f"{row['offline_seconds']:.2f}",
                        f"{row['offline_lines_per_second']:,.0f}", f"{row['offline_mb']:.0f}",
                    )
                    for row in rows
                ],
            ),
            "",
            "## Seconds by stage",
            "",
            *_table(
                ("changed lines", *STAGES),
                [(f"{row['lines']:,}", *(f"{row['stages_seconds'][name]:.3f}" for name in STAGES)) for row in rows],
            ),
            "",
            _START_UP.format(python=start["python"] * 1000, help=start["help"] * 1000, times=start["help"] / start["python"]),
            "",
        ]
    )  # fmt: skip


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    return [lines[0], "|" + "--:|" * len(head), *lines[1:]]


def _plot(results: Mapping[str, Any], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rows: Sequence[Mapping[str, Any]] = results["rows"]
    sizes = [row["lines"] for row in rows]
    local = {
        name: [
            (row["lines"], one)
            for row in rows
            for one in row.get("reviews", ())
            if one["from"] == "local" and one["provider"] == name
        ]
        for name in ("openai", "anthropic")
    }
    ink, grey = "#1f3a5f", "#8a8a8a"
    figure, (time, memory, start) = plt.subplots(
        1, 3, figsize=(12, 3.8), width_ratios=(3, 2, 1.2), layout="constrained"
    )
    for (name, ones), line in zip(local.items(), ("o-", "o:"), strict=True):
        points = [lines for lines, _ in ones], [one["own_seconds"] for _, one in ones]
        time.plot(*points, line, color=ink, label=f"whole review, own time ({name})")
    time.plot(sizes, [row["offline_seconds"] for row in rows], "s-", color="#2a8c82", label="offline review")
    time.plot(sizes, [row["stages_seconds"]["parse"] for row in rows], "^-", color="#c4762b", label="parse")
    time.plot(sizes, [row["git_diff_seconds"] for row in rows], "--", color=grey, label="git diff (floor)")
    time.plot(list(BUDGET), list(BUDGET.values()), "_", markersize=18, color="#b3261e", label="budget of own time")
    time.set(xscale="log", yscale="log", xlabel="changed lines", title="Seconds")
    time.legend(fontsize=8, frameon=False)
    memory.plot(sizes, [row["offline_mb"] for row in rows], "s-", color="#2a8c82", label="offline review")
    points = [lines for lines, _ in local["anthropic"]], [one["whole_mb"] for _, one in local["anthropic"]]
    memory.plot(*points, "o-", color=ink, label="whole review (anthropic)")
    memory.axhline(300, color="#b3261e", linewidth=1, linestyle=":", label="budget at 100,000")
    memory.set(xscale="log", ylim=(0, 330), xlabel="changed lines", title="Peak memory, MiB")
    memory.legend(fontsize=8, frameon=False)
    begun = results["start_up_seconds"]
    bars = start.bar(
        ["python\n-c pass", "reviewer\n--help"], [begun["python"] * 1000, begun["help"] * 1000], color=[grey, ink]
    )
    start.bar_label(bars, fmt="%.0f", fontsize=8)
    start.set(title="Start-up, ms")
    for axes in (time, memory, start):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
