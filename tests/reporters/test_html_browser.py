"""The HTML report in a real browser: it draws, filters, asks nothing of the network and keeps hostile text inert."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from reviewer.nouns.review import Coverage, CoverageStatus, FileCoverage, Review
from reviewer.reporters import render
from tests.builders import a_clean_review, a_finding, a_review
from tests.reporters.test_sanitise import HOSTILE

pytestmark = pytest.mark.browser

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="no playwright: the HTML report is NOT tested in a browser"
)
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium: the HTML report is NOT tested in a browser")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


class Opened:
    """A page with the report, and whatever it said or asked for."""

    def __init__(self, browser: Any, folder: Path, review: Review, **options: Any) -> None:
        path = folder / "review.html"
        path.write_text(render(review, "html"), encoding="utf-8")
        self.page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append("dialog"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def visible(self, selector: str) -> int:
        return sum(1 for node in self.page.query_selector_all(selector) if node.is_visible())

    def assert_quiet(self) -> None:
        assert self.said == []
        assert len(self.asked) == 1


@pytest.mark.parametrize("width", [390, 820, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_draws_at_every_width_without_a_word_or_a_request(
    browser: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    opened = Opened(browser, tmp_path, a_review(), viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.visible("article.finding") == 6
    assert opened.page.evaluate("document.querySelectorAll('article.placed').length") == 6
    opened.assert_quiet()


@pytest.mark.parametrize("view", ["unified", "split"])
def test_a_finding_stands_under_its_line_on_its_own_side(browser: Any, tmp_path: Path, view: str) -> None:
    opened = Opened(browser, tmp_path, a_review())
    opened.page.click(f"button[data-view={view}]")
    above = """(name) => { const row = [...document.querySelectorAll('article.finding')]
        .find((card) => card.textContent.includes(name)).closest('tr').previousElementSibling;
        return row.innerText.replace(/\\s+/g, ' '); }"""
    assert "product = Product.objects.get(sku=sku)" in opened.page.evaluate(above, "lost-update")
    assert "def order_detail" in opened.page.evaluate(above, "authentication-removed")
    assert opened.page.evaluate("document.querySelectorAll('tr.hit').length") == 10
    opened.assert_quiet()


def test_filters_narrow_and_reset(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path, a_review())
    page = opened.page
    page.uncheck("input[value=critical]")
    assert opened.visible("article.finding") == 4
    assert page.inner_text("#shown") == "4 of 6 shown"
    page.uncheck("input[value=data-integrity]")
    assert opened.visible("article.finding") == 1
    page.click("#reset")
    page.select_option("#only-file", "orders/models.py")
    assert opened.visible("article.finding") == 1
    assert opened.visible("details.file") == 1
    page.click("#reset")
    page.fill("#search", "float")
    assert opened.visible("article.finding") == 1
    page.fill("#search", "nothing like this")
    assert opened.visible("article.finding") == 0
    assert page.is_visible("#nothing")
    opened.assert_quiet()


def test_it_is_reached_by_keyboard_and_by_link(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path, a_review())
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.id")
    page.keyboard.press("j")
    assert first.startswith("f-")
    assert page.evaluate("document.activeElement.id") not in {"", first}
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") == first
    wanted = a_review().findings[-1].fingerprint
    page.goto(page.url.split("#")[0] + f"#f-{wanted}")
    assert page.evaluate("document.activeElement.id") == f"f-{wanted}"
    for control in ("#theme", "#expand", "summary", "#only-file"):
        page.focus(control)
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") is not None
    assert opened.said == []


def test_the_theme_button_goes_round(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path, a_review(), color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = opened.page.evaluate(background)
    opened.page.click("#theme")
    opened.page.click("#theme")
    assert opened.page.inner_text("#theme") == "Theme: Dark"
    assert opened.page.evaluate(background) != light


def test_without_script_every_finding_is_still_there_with_its_code(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path, a_review(), java_script_enabled=False)
    assert opened.visible("article.finding pre.excerpt") == 6


def test_hostile_text_runs_nothing_and_fetches_nothing(browser: Any, tmp_path: Path) -> None:
    attacks = [
        *HOSTILE,
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "</script><script>alert(1)</script>",
        '"><script>alert(1)</script>',
    ]
    findings = tuple(
        replace(
            a_finding(),
            fingerprint=f"{at:016x}",
            title=attack,
            scenario=attack,
            recommendation=attack,
            hazard=attack or "x",
            path=f"{at}{attack}",
        )
        for at, attack in enumerate(attacks)
    )
    line = "</script><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>"
    changed = f"diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@ {line}\n-{line}\n+{line}\n"
    opened = Opened(
        browser, tmp_path, a_review(findings=findings, diff=changed, summary=attacks[-1], notices=tuple(attacks))
    )
    opened.page.click("#expand")
    opened.page.click("button[data-view=split]")
    assert opened.page.evaluate("document.images.length") == 0
    assert opened.page.evaluate("document.scripts.length") == 2
    opened.assert_quiet()


def test_a_report_of_400_files_stays_usable(browser: Any, tmp_path: Path) -> None:
    names = [f"services/team{at % 20}/module_{at}.py" for at in range(400)]
    lines = "".join(f"+    value_{at} = compute({at})\n" for at in range(100))
    text = "".join(
        f"diff --git a/{n} b/{n}\nnew file mode 100644\n--- /dev/null\n+++ b/{n}\n@@ -0,0 +1,100 @@\n{lines}"
        for n in names
    )
    findings = tuple(
        a_finding(fingerprint=f"{at:016x}", path=name, start_line=5, end_line=5, quote="    value_4 = compute(4)")
        for at, name in enumerate(names[:150])
    )
    covered = tuple(FileCoverage(name, CoverageStatus.REVIEWED, "", 100, 100) for name in names)
    review = a_review(diff=text, findings=findings, coverage=Coverage(covered, 40_000, 40_000))
    started = monotonic()
    opened = Opened(browser, tmp_path, review)
    assert opened.visible("#search")
    opened.page.fill("#search", "module_149.py")
    assert opened.page.inner_text("#shown") == "1 of 150 shown"
    opened.page.click("#reset")
    quiet = opened.page.query_selector("#file-399")
    assert quiet is not None
    assert opened.page.evaluate("document.querySelectorAll('#file-399 tr').length") == 0
    opened.page.click("#file-399 summary")
    opened.page.wait_for_selector("#file-399 tr.hunk", state="attached")
    assert monotonic() - started < 15
    opened.assert_quiet()


def test_a_clean_report_shows_the_diff(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path, a_clean_review())
    assert opened.visible("details.file") == 6
    opened.page.click("details.file summary")
    opened.page.wait_for_selector("tr.hunk")
    opened.assert_quiet()
