"""The HTML report as a file: all its parts, one policy that forbids the world, nothing of the input alive."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.nouns.review import Deliverables, Skip
from reviewer.reporters import render
from reviewer.reporters.hosts import REFERENCE_HOSTS
from reviewer.reporters.page import drawing, mermaid, treemap
from reviewer.reporters.words import words
from reviewer.stages import diff
from tests.builders import a_clean_review, a_finding, a_review
from tests.reporters.test_sanitise import HOSTILE

ALLOWED = {
    "html", "head", "meta", "title", "style", "script", "body", "header", "main", "footer", "nav", "section", "article", "div",
    "span", "p", "h1", "h2", "h3", "h4", "ul", "li", "a", "b", "i", "strong", "code", "pre", "br", "dl", "dt", "dd", "table",
    "thead", "tbody", "tr", "th", "td", "details", "summary", "fieldset", "legend", "label", "input", "select", "option",
    "button", "svg", "g", "rect", "path", "line", "text", "wbr",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "type", "value", "checked", "hidden", "role",
    "rel", "target", "title", "tabindex", "open", "placeholder", "scope", "viewbox", "width", "height", "x", "y", "rx", "d",
    "x1", "x2", "y1", "y2", "text-anchor", "stroke-dasharray",
}  # fmt: skip


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside in {"script", "style"}:
            self.blocks.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def assert_inert(html: str) -> None:
    for tag, attributes in read(html).tags:
        assert tag in ALLOWED, tag
        for name, value in attributes.items():
            assert name in ATTRIBUTES or name.startswith(("data-", "aria-")), (tag, name)
            if name == "href" and value is not None and not value.startswith("#"):
                host = re.fullmatch(r"https://([A-Za-z0-9.-]+)(/[^?]*)?", value)
                assert host, value
                assert host[1] in REFERENCE_HOSTS or value == "https://github.com/acme/shop/pull/42"
    assert sum(tag == "script" for tag, _ in read(html).tags) == 2
    assert not set(html) & set("\x1b\x9b\u202e\u2066\u200b\U000e0041")


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_every_part_is_there(language: str) -> None:
    review = a_review(language=language)
    html = render(review, "html")
    w = words(language)
    for key in (
        "section.findings",
        "section.facts",
        "section.coverage",
        "section.cost",
        "section.provenance",
        "question.heading",
    ):
        assert w(key) in html
    for finding in review.findings:
        assert f'id="f-{finding.fingerprint}"' in html
    assert html.count("<svg") == 3
    assert f'<html lang="{language}">' in html
    assert_inert(html)


def test_the_policy_allows_exactly_our_own_style_and_script() -> None:
    html = render(a_review(), "html")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    style, script = (
        re.search(r"<style>(.*?)</style>", html, re.DOTALL),
        re.search(r"<script>(.*?)</script>", html, re.DOTALL),
    )
    for block in (style, script):
        assert block
        assert base64.b64encode(hashlib.sha256(block[1].encode()).digest()).decode() in policy[1]
    assert (
        not re.search(r"https?://|url\(|@import|fetch\(|XMLHttp|innerHTML|eval\(", style[1] + script[1])
        if style and script
        else False
    )
    assert " style=" not in html


def test_a_clean_review_has_its_diff_and_says_so() -> None:
    html = render(a_clean_review(), "html")
    assert "verdict clean" in html
    assert html.count('<details class="file"') == 5 + 1
    assert_inert(html)


def test_hunks_are_in_the_page_as_data() -> None:
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', render(a_review(), "html"))
    assert block
    files = json.loads(block[1])["files"]
    assert files["0"][0][:2] == [1, 1]
    assert "+import json" in files["0"][0][3]


def test_code_cannot_end_the_data_block() -> None:
    line = "</script ><script >alert(1)</script ><!-- <script"
    text = f"diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@ {line}\n-{line}\n+{line}\n"
    html = render(a_review(diff=text, findings=()), "html")
    assert_inert(html)
    block = re.search(r'id="data">(.*?)</script>', html)
    assert block
    assert not set(block[1]) & set("<>&")
    assert json.loads(block[1])["files"]["0"][0][3] == ["-" + line, "+" + line]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *HOSTILE,
                '"onmouseover="alert(1)',
                "'><svg onload=alert(1)>",
                "</script><script>alert(1)</script>",
                "</style>",
                "]]>",
            ]
        )
        | st.text(max_size=20),
        min_size=6,
        max_size=6,
    )
)
def test_hostile_text_is_inert_in_every_field(text: list[str]) -> None:
    base = a_review()
    finding = replace(
        a_finding(), title=text[0], scenario=text[1], recommendation=text[2], path=text[3] or "x", suggestion=text[4],
        symbol=text[5], hazard=text[0] or "x", references=tuple(text), quote=text[2],
    )  # fmt: skip
    table = replace(base.deliverables.schema, columns=tuple(text), notes=(text[0],), inspected=text[1])
    row = replace(table.rows[0], cells=tuple(text), path=text[3], source=text[4])
    source = "flowchart LR\n" + "\n".join(f'    a{at}["{piece}"] -->|"{piece}"| b' for at, piece in enumerate(text))
    line = "".join(text).replace("\n", " ")
    changed = f"diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@ {line}\n-{line}\n+{line}\n"
    review = a_review(
        findings=(finding,), summary=text[0], notices=(text[1],), diff=changed,
        skips=(Skip(text[2], text[3], text[4], in_scope=True, lines=1),),
        deliverables=Deliverables(schema=replace(table, rows=(row,), diagram=source)),
        acknowledged=(replace(base.acknowledged[0], title=text[0], by=text[1], reason=text[2], path=text[3]),),
        excluded=(replace(base.excluded[0], title=text[0], reason=text[1], path=text[2], stage=text[3]),),
        questions=(replace(base.questions[0], text=text[0], path=text[1]),),
        target=replace(base.target, url=text[0], description=text[1]),
        provenance=replace(base.provenance, model=text[2], persona=text[3]),
    )  # fmt: skip
    assert_inert(render(review, "html"))


# pictures


def test_an_entity_diagram_of_ours_is_read_with_its_fields_and_relations() -> None:
    picture = mermaid.read(
        'erDiagram\n    orders {\n        bigint id PK\n        text note "not null"\n    }\n    customers ||--o{ orders : "customer_id"\n'
    )
    assert picture is not None
    assert [(node.id, node.fields) for node in picture.nodes] == [
        ("orders", ("bigint id PK", "text note not null")),
        ("customers", ()),
    ]
    assert [(edge.start, edge.end, edge.label) for edge in picture.edges] == [("customers", "orders", "customer_id")]


def test_a_flow_and_a_sequence_are_read() -> None:
    flow = mermaid.read('flowchart LR\n  a["Client"] -->|"GET #47;x"| b{"guard?"}\n  b -.-> c[("db")]\n')
    assert flow is not None
    assert [(n.label, n.shape) for n in flow.nodes] == [("Client", "box"), ("guard?", "choice"), ("db", "store")]
    assert [(e.label, e.dashed) for e in flow.edges] == [("GET /x", False), ("", True)]
    sequence = mermaid.read("sequenceDiagram\n  participant c as Client\n  c->>api: GET /x\n  api-->>c: 401\n")
    assert sequence is not None
    assert [n.label for n in sequence.nodes] == ["Client", "api"]
    assert [e.dashed for e in sequence.edges] == [False, True]


def test_other_diagrams_are_shown_as_source() -> None:
    review = a_review(deliverables=Deliverables(schema=replace(a_review().deliverables.schema, diagram="pie\n  a: 1")))
    html = render(review, "html")
    assert words("en")("html.not-drawn") in html
    assert "pie\n  a: 1" in html


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_circles_are_drawn_too(edges: list[tuple[int, int]]) -> None:
    picture = mermaid.read('flowchart TD\n  n0["x"]\n' + "\n".join(f"  n{a} --> n{b}" for a, b in edges))
    assert picture is not None
    svg = drawing.draw(picture, "t")
    assert "nan" not in svg
    assert svg.count("<rect") == len(picture.nodes)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 100_000), max_size=60))
def test_the_coverage_map_gives_each_file_its_share_of_the_area(sizes: list[int]) -> None:
    base = a_review().coverage.files[0]
    files = [replace(base, path=f"f{at}", changed_lines=size, reviewed_lines=0) for at, size in enumerate(sizes)]
    svg = treemap.draw(files, words("en"))
    areas = [float(w) * float(h) for w, h in re.findall(r'<rect [^>]*?width="([\d.]+)" height="([\d.]+)"', svg)]
    assert len(areas) == sum(1 for size in sizes if size)
    assert sum(areas) <= treemap.WIDTH * treemap.HEIGHT * 1.05


def test_a_long_file_keeps_the_hunks_that_have_findings() -> None:
    starts = enumerate(range(1, 9_000, 3))
    hunks = "".join(f"@@ -{at} +{at + shift},2 @@\n x\n+y{at}\n" for shift, at in starts)
    text = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n" + hunks
    last = diff.parse(text.encode()).files[0].hunks[-1]
    finding = a_finding(path="a.py", start_line=last.new_start + 1, end_line=last.new_start + 1, quote="y")
    block = re.search(r'id="data">(.*?)</script>', render(a_review(diff=text, findings=(finding,)), "html"))
    assert block
    packed = json.loads(block[1])["files"]["0"]
    assert packed[-1][1] == last.new_start
    assert sum(len(hunk[3]) for hunk in packed) <= 3_100
