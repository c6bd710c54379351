"""Draw the pictures in docs/img anew: `python -m tests.write_pictures`. Needs Chromium.

The terminal picture is what `make review` prints. The pull request's are the bodies that would be posted, rendered as
GitHub renders Markdown, in a stylesheet of our own; a recorded reply stands in for the model.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from reviewer.assemble import plan_for
from reviewer.evaluation.recorded import replies_of
from reviewer.nouns.effects import InlineComment, PostReview, UpsertSticky
from reviewer.nouns.memory import Memory
from reviewer.nouns.review import Review, Target, TargetKind
from reviewer.nouns.source import RawChange
from reviewer.pipeline import review as walk
from reviewer.providers import lookup
from reviewer.reporters import pull_request, render
from reviewer.settings import Settings
from reviewer.world import World

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "img"
SAMPLE = ROOT / "examples" / "order-service"
STYLE = (Path(__file__).resolve().parent / "pictures.css").read_text(encoding="utf-8")


def with_model() -> Review:
    """The sample as a pull request, read by the recorded reply."""
    target = Target(
        TargetKind.PULL_REQUEST,
        repository="acme/orders",
        number=42,
        url="https://github.com/acme/orders/pull/42",
        base_sha="4f1d" * 10,
        head_sha="9c2e" * 10,
        description="acme/orders#42",
    )
    change = RawChange(target, (SAMPLE / "change.diff").read_bytes())
    settings = Settings.model_validate({"provider": "anthropic", "verify": "off"})
    world = World({}, ROOT, sys.stdin.buffer, sys.stdout, sys.stderr)
    plan = plan_for(change, settings, {}, world, memory=Memory(), keys={"anthropic": "none"})
    done = walk(change, plan, replies_of(SAMPLE))
    spent = done.usage
    cost = lookup("anthropic", plan.model).cost(fresh=spent.input_tokens, output=spent.output_tokens)
    return replace(done, usage=replace(spent, cost_usd=cost))


def terminal() -> str:
    """What `make review` prints, as HTML, with its middle left out."""
    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    done = subprocess.run(
        [sys.executable, "-m", "reviewer", "--diff", "examples/order-service/change.diff", "--provider", "offline"],
        cwd=ROOT,
        env={"FORCE_COLOR": "1", "COLUMNS": "92", "PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    console = Console(record=True, width=92, force_terminal=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    for line in [*lines[:44], "   …", *lines[-24:]]:
        console.print(Text.from_ansi(line), soft_wrap=True)
    body = console.export_html(inline_styles=True, theme=MONOKAI, code_format="<pre>{code}</pre>")
    return page(f'<div class="screen"><div class="bar">$ make review</div>{body}</div>')


def comment(body: str, *, code: str = "", where: str = "") -> str:
    """One comment in its frame; `code` are the diff lines it stands under."""
    head = '<div class="who"><b>design-reviewer</b> <span>bot</span> commented now</div>'
    above = f'<div class="path">{escape(where)}</div><table class="code">{code}</table>' if code else ""
    return f'<div class="comment">{above}{head}<div class="md">{markdown(body)}</div></div>'


def markdown(text: str) -> str:
    """As GitHub renders it, as far as our comments go; a suggestion becomes its small diff."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    made = re.sub(r"<!--.*?-->", "", made, flags=re.DOTALL)
    return re.sub(
        r'<pre><code class="language-suggestion">(.*?)</code></pre>',
        r'<div class="suggestion"><div>Suggested change</div><pre>\1</pre><p>Commit suggestion</p></div>',
        made,
        flags=re.DOTALL,
    )


def lines_of(review: Review, place: InlineComment) -> str:
    """The lines of the change above a comment, as a table's rows."""
    from reviewer.nouns.changeset import Side
    from reviewer.reporters import view

    file = view.change_of(review).file(place.path)
    assert file is not None
    rows: list[str] = []
    for hunk in file.hunks:
        for line in hunk.lines:
            number = line.new if place.side is Side.RIGHT else line.old
            if number and place.start_line - 3 <= number <= place.line:
                kind = {"+": "add", "-": "del"}.get(line.kind, "")
                rows.append(f'<tr class="{kind}"><td>{number}</td><td>{escape(line.text)}</td></tr>')
    return "".join(rows)


def page(body: str) -> str:
    return f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style><body>{body}</body>'


def draw(browser: Any, name: str, html: str, *, width: int, height: int = 0, scheme: str = "light") -> None:
    """A PNG of the page, in full or (with `height`) its top."""
    tab = browser.new_page(viewport={"width": width, "height": height or 400}, color_scheme=scheme)
    tab.set_content(html)
    tab.wait_for_timeout(300)
    tab.screenshot(path=str(IMAGES / name), full_page=not height)
    tab.close()


def main() -> None:
    from playwright import sync_api

    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    reviewed = with_model()
    effects = pull_request.effects(reviewed, Memory(), max_findings=0)
    posted = next(effect for effect in effects if isinstance(effect, PostReview))
    sticky = next(effect for effect in effects if isinstance(effect, UpsertSticky))
    comments = "".join(
        comment(item.body, code=lines_of(reviewed, item), where=f"{item.path}:{item.line}")
        for item in posted.comments[:2]
    )
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        draw(browser, "terminal.png", terminal(), width=860)
        draw(browser, "comments.png", page(comments), width=860)
        draw(browser, "summary.png", page(comment(sticky.body)), width=860)
        draw(browser, "report.png", render(reviewed, "html"), width=1280, height=860)
        draw(browser, "report-dark.png", render(reviewed, "html"), width=1280, height=860, scheme="dark")
        browser.close()


if __name__ == "__main__":
    main()
