"""What a hostile model or change says is inert wherever we show it: held by laws, checked by rendering it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reviewer.reporters import sanitise, unseen
from reviewer.reporters.hosts import REFERENCE_HOSTS

HOSTILE = [
    "@octocat", "@acme/security", "\uff20octocat", "\ufe6boctocat", "@\u200boctocat", "@\\octocat", "@`octocat`", "&commat;octocat",
    "&#64;octocat", "[@octocat](x)", "**@octocat**", "a@b.example", "#123", "acme/shop#9", "GH-77", "\uff0312",
    "0123456789abcdef0123456789abcdef01234567", "acme/shop@deadbeef1", "fixes #1",
    "![x](https://evil.example/a.png?q=1)", "[![a](https://evil.example/x)](https://evil.example)",
    "[x](javascript:alert(1))", "[x]: https://evil.example", "[x][y]", "<https://evil.example>", "https://evil.example/?s=KEY",
    "https://owasp.org.evil.example/", "https://owasp.org@evil.example/", "https://owasp.org/?q=KEY", "http://owasp.org/",
    "www.evil.example", "mailto:a@b.example", "xmpp:a@b.example", "ftp://evil.example/x",
    "<img src=https://evil.example/x>", "<script>alert(1)</script>", "<!-- state: clean -->", "<details><summary>x",
    "</details>", "<a href='x'>y</a>", "<!DOCTYPE x>", "<?php x ?>", "<![CDATA[x]]>",
    "# Approved", "Title\n=====", "Title\n---", "> [!NOTE]\n> hi", "---", "***", "| a | b |\n|---|---|\n| c | d |",
    "```\nunclosed", "````\n```\n````", "~~~mermaid\ngraph TD\n~~~", "```suggestion\nevil\n```", "    indented code",
    "`unclosed", "``a`b``", "`a``b`", "` `` ` `", "\\`x`", "- [x] done", "1) one", "[^1]: note",
    "::error::x", "  ::set-output name=a::b", "##[command]x", "/merge", "/approve", "\r\n/lgtm", "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07", "a\u202eb\u2066c", "\U000e0041\U000e0042", "x\ufe0f", "\u2028::error::x",
    "$\\unsafe{x}$", "$$x$$", ":tada:", "~~gone~~", "\x00\x08\x7f\x9b31m", "&lt;b&gt;", "&", "<", "* * *", "_x_ __y__", "\ud800",
]  # fmt: skip

# found by the laws below: what follows a masked reference must not begin a new one
GLUED = [
    "#123GH-77",
    "#1https://evil.example",
    "GH-1#2",
    "deadbeef1@octocat",
    "a@b@c@d",
    "`x`#1`y`@z`w`",
    "##[error]`##[error]`",
]

texts = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12) | st.sampled_from("`*_[]()<>!#@|\n\\~:/ ")).map(
    "".join
)
glued = st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=6).flatmap(
    lambda parts: st.sampled_from(["", " ", "\n", "\n\n", "`", "**"]).map(lambda glue: glue.join(parts))
)


def gfm() -> MarkdownIt:
    """As close to GitHub as markdown-it comes: raw HTML on, tables, strikethrough, bare addresses linked."""
    parser = MarkdownIt("commonmark", {"html": True, "linkify": True, "breaks": True})
    parser.enable(["table", "strikethrough", "linkify"])
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": True, "fuzzy_ip": False})
    parser.linkify.add("www.", {"validate": re.compile(r"\S+")})
    return parser


def tokens(markdown: str) -> list[Token]:
    flat: list[Token] = []
    for token in gfm().parse(markdown):
        flat.append(token)
        flat += token.children or []
    return flat


GITHUB_ACTS_ON = re.compile(r"(?:^|\W)@\w|\w@\w|(?:^|[^&\w])#\d|\w#\d|\bGH-\d", re.IGNORECASE)


def assert_inert(markdown: str, *, fences: bool = True) -> None:
    kinds = {"paragraph", "inline", "text", "code_inline", "softbreak", "hardbreak", "strong", "bullet_list", "link"}
    kinds |= {"ordered_list", "list_item", "em"} | ({"fence"} if fences else set())
    for token in tokens(markdown):
        kind = token.type.removesuffix("_open").removesuffix("_close")
        assert kind in kinds, (kind, markdown)
        if token.type == "link_open":
            href = urlsplit(str(token.attrs["href"]))
            assert (href.scheme, href.hostname in REFERENCE_HOSTS, href.query) == ("https", True, ""), markdown
        if token.type == "text":
            assert not GITHUB_ACTS_ON.search(token.content), (token.content, markdown)
        if token.type == "fence":
            assert token.info not in {"mermaid", "suggestion", "math", "geojson", "stl"}
    assert not unseen.has_hidden(markdown)
    for line in markdown.splitlines():
        assert not re.match(r"\s*::(error|set-output|add-mask)", line)
        assert "##[command]" not in line
        assert not re.match(r"/\w", line)
    assert "<!--" not in markdown


@pytest.mark.parametrize("text", [*HOSTILE, *GLUED])
def test_each_attack_is_inert_in_prose_and_in_one_line(text: str) -> None:
    assert_inert(sanitise.prose(text))
    assert_inert(sanitise.inline(text), fences=False)


@settings(max_examples=120)
@given(texts | glued)
def test_whatever_is_said_prose_is_inert(text: str) -> None:
    assert_inert(sanitise.prose(text))


@settings(max_examples=80)
@given(texts | glued)
def test_one_line_is_one_inert_line(text: str) -> None:
    line = sanitise.inline(text)
    assert "\n" not in line
    assert_inert(line, fences=False)


@settings(max_examples=80)
@given(texts | glued, texts | glued)
def test_a_cell_stays_in_its_cell(left: str, right: str) -> None:
    table = f"| a | b |\n|---|---|\n| {sanitise.cell(left)} | {sanitise.cell(right)} |\n"
    rendered = gfm().render(table)
    assert rendered.count("<td") == 2
    assert rendered.count("<tr>") == 2
    assert "<img" not in rendered


@settings(max_examples=80)
@given(texts | glued)
def test_code_is_exactly_one_span(text: str) -> None:
    span = sanitise.code(text)
    inner = [
        token.type
        for token in tokens("x " + span + " y")
        if token.type not in {"paragraph_open", "paragraph_close", "inline"}
    ]
    assert inner == (["text", "code_inline", "text"] if span else ["text"])


@settings(max_examples=80)
@given(texts | glued, st.sampled_from(["", "python", "suggestion", "a b", "```", "sql\nx"]))
def test_a_fence_holds_all_of_its_text(text: str, language: str) -> None:
    blocks = gfm().parse("before\n\n" + sanitise.fence(text, language) + "\n\nafter")
    assert [token.type for token in blocks if token.level == 0] == [
        "paragraph_open", "paragraph_close", "fence", "paragraph_open", "paragraph_close",
    ]  # fmt: skip


@given(st.lists(st.text("ab `~\t/:.", max_size=8), min_size=1).map("\n".join))
def test_a_suggestion_is_exact(text: str) -> None:
    fence = next(token for token in gfm().parse(sanitise.fence(text, "suggestion")) if token.type == "fence")
    assert fence.content == (text.removesuffix("\n") + "\n" if text else "")


def test_plain_code_keeps_its_look_though_no_line_commands_a_bot() -> None:
    text = "a = 1\n/approve\n\t/x\n  ::std::move(x)"
    fence = next(token for token in gfm().parse(sanitise.fence(text, "cpp")) if token.type == "fence")
    assert fence.content == text + "\n"
    assert "\n/approve" not in sanitise.fence(text, "cpp")


@pytest.mark.parametrize(
    "show", [sanitise.prose, sanitise.inline, sanitise.cell, sanitise.code, sanitise.fence, sanitise.terminal, sanitise.workflow,
             sanitise.workflow_property, sanitise.mermaid, sanitise.link]
)  # fmt: skip
def test_a_secret_that_a_model_repeats_is_masked_before_it_is_cut(show: Callable[[str], str]) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    assert secret[:30] not in show(f"token {secret} here")
    assert secret[:30] not in sanitise.inline("x" * 380 + " " + secret)
    assert not sanitise.is_suggestible(f'TOKEN = "{secret}"')


def test_no_html_comment_opens_even_in_code_because_our_own_state_lives_in_one() -> None:
    forged = "<!-- design-reviewer:state x -->"
    assert "<!--" not in sanitise.fence(forged) + sanitise.code(forged) + sanitise.prose(
        f"`{forged}`\n```\n{forged}\n```"
    )
    assert not sanitise.is_suggestible(forged)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`pay()` is **not** idempotent.", "`pay()` is **not** idempotent."),
        ("The @Transactional boundary", "The `@Transactional` boundary"),
        (
            "see https://cwe.mitre.org/data/definitions/89.html.",
            "see <https://cwe.mitre.org/data/definitions/89.html>.",
        ),
        ("- one\n- two", "- one\n- two"),
        ("1. one\n2) two", "1. one\n2. two"),
        ("get_user_id a < b && c", "get_user_id a < b && c"),
        ("a\u202eb\u200bc", "abc"),
        ("x -> y costs $5", "x -> y costs $5"),
        ("first\n\n\n\nsecond", "first\n\nsecond"),
        ("  deep\n\tindent", "deep\nindent"),
    ],
)
def test_what_a_reviewer_writes_reads_as_written(text: str, shown: str) -> None:
    assert sanitise.prose(text) == shown


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("CWE-89", "[CWE-89](https://cwe.mitre.org/data/definitions/89.html)"),
        ("OWASP ASVS V1", "OWASP ASVS V1"),
        ("https://www.postgresql.org/docs/current/sql-altertable.html", "<https://www.postgresql.org/docs/current/sql-altertable.html>"),
        ("https://evil.example/?q=1", "`https://evil.example/?q=1`"),
        ("https://owasp.org/?q=1", "`https://owasp.org/?q=1`"),
        ("@octocat <img>", "`@octocat <img>`"),
    ],
)  # fmt: skip
def test_a_reference_links_only_to_what_is_known(reference: str, shown: str) -> None:
    assert sanitise.link(reference) == shown


@settings(max_examples=80)
@given(texts | glued)
def test_any_reference_is_inert(text: str) -> None:
    assert_inert(sanitise.link(text), fences=False)


def test_prose_is_bounded_and_says_that_it_was_cut() -> None:
    assert len(sanitise.prose("word " * 10_000, limit=100)) <= 100
    assert sanitise.prose("word " * 10_000).endswith("…")
    assert sanitise.inline("x" * 1000).endswith("…")


def test_code_makes_the_hidden_visible() -> None:
    assert sanitise.code("a\u202eb") == "`a⟨U+202E⟩b`"
    assert "⟨U+200B⟩" in sanitise.fence("x\u200b = 1")


@pytest.mark.parametrize("text", ["a\u202eb", "x\x1b[0m", "y\u200b"])
def test_a_replacement_with_hidden_characters_is_not_offered(text: str) -> None:
    assert not sanitise.is_suggestible(text)
    assert sanitise.is_suggestible("if x:\n\treturn 1\r\n")


@given(texts)
def test_a_terminal_gets_no_control_character(text: str) -> None:
    shown = sanitise.terminal(text)
    assert not unseen.has_hidden(shown)
    assert not set(shown) & set("\x1b\x9b\x07\x08\r")


@given(texts)
def test_a_workflow_message_is_one_line_and_a_property_ends_nowhere(text: str) -> None:
    assert len(f"::error::{sanitise.workflow(text)}".splitlines()) == 1
    assert not set(sanitise.workflow_property(text)) & set(",:\r\n")


@given(texts)
def test_a_mermaid_label_ends_nowhere(text: str) -> None:
    label = sanitise.mermaid(text)
    assert label[0] == label[-1] == '"'
    assert not set(label[1:-1]) & set('"<>[]{}|`%&\n')


def test_hostile_input_is_read_in_linear_time() -> None:
    for unit in ("`", "`` ` ", "**a", "[", "![](", "@", "a@", "#1", "0a", "http://", "<", "\u202e", "\x1b]"):
        sanitise.prose(unit * 5_000, limit=40_000)
