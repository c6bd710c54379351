"""What must hold of every run on hostile input, whatever the model answered."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from reviewer import resources
from reviewer.nouns.review import Review, Verdict
from reviewer.reporters import unseen
from reviewer.reporters.hosts import REFERENCE_HOSTS
from reviewer.state import SUMMARY_MARK, decode, read_mark
from tests.injection.drive import MODEL_KEY, Outcome
from tests.reporters.test_sanitise import GITHUB_ACTS_ON, tokens

_OURS = re.compile(
    r"</?details>|<summary>[^<>]*</summary>|</?sub>|<br>"
    r"|<!-- design-reviewer:(?:summary v1|state v1 [A-Za-z0-9+/=]+|finding v1 [0-9a-f]{16} [^ ]+ [^ ]+ [a-z-]+ [a-z]+) -->"
)
_COMMANDS = re.compile(
    r"::(?:error|warning|notice) (?:title=|file=)[^:\n]*::[^\n]*"  # what our reporters print
)
_OUR_SCRIPTS = 3
_WRITES = re.compile(
    r"POST /repos/octo/shop/(?:pulls/\d+/(?:reviews|comments)|issues/\d+/comments|check-runs)"
    r"|PATCH /repos/octo/shop/(?:issues/comments/\d+|check-runs/\d+)|POST /graphql"
)


def always(outcome: Outcome) -> None:
    """The laws of DESIGN section 7, checked on all that left the program."""
    no_secret_leaves(outcome)
    prompts_hold(outcome)
    only_ours_is_written(outcome)
    for body in outcome.bodies:
        inert(body)
    for note in outcome.annotations:
        assert not unseen.has_hidden(note), ascii(note)[:500]
    marks_are_ours(outcome)
    logs_command_nothing(outcome)
    files_are_sound(outcome)
    if outcome.review is not None:
        ledger_is_true(outcome.review)


def no_secret_leaves(outcome: Outcome) -> None:
    assert MODEL_KEY not in outcome.everything()
    assert MODEL_KEY[10:40] not in outcome.everything()


def prompts_hold(outcome: Outcome) -> None:
    """The persona comes first; data stands between one BEGIN and one END of a mark that it does not contain."""
    persona = (resources.prompts() / "personas" / "backend-architect.md").read_text().split("---", 2)[2].lstrip("\n")
    for seen in outcome.asked:
        assert seen.system_text.startswith(persona[:2000])
        begin = re.match(r"BEGIN (DATA-[0-9a-f]{16})\n", seen.user_text)
        assert begin, seen.user_text[:200]
        mark = begin[1]
        assert seen.user_text.count(mark) == 2
        assert seen.user_text.count(f"\nEND {mark}\n") == 1
        after = seen.user_text.split(f"\nEND {mark}\n")[1]
        assert len(after) < 400 or "schema" in after.lower()  # our own correction of an unreadable reply
        for line in seen.user_text.split("\n# The change (mark")[-1].split(f"\nEND {mark}\n")[0].split("\n")[1:]:
            assert (
                re.match(r"[-+ ]?\d+\||## |@@|@ |#+ |\[S|- |$", line)
                or "verify" in str(seen.schema)
                or "verdicts" in str(seen.schema)
            ), line[:80]


def only_ours_is_written(outcome: Outcome) -> None:
    """Reviews are comments, never approvals; nothing is touched but this pull request's conversation."""
    for call in outcome.calls:
        if call.method != "GET":
            assert _WRITES.fullmatch(f"{call.method} {call.path}"), (call.method, call.path)
        if call.method == "POST" and call.path.endswith("/reviews"):
            assert call.body["event"] == "COMMENT"
        if call.path.endswith("/graphql") and "mutation" in call.body["query"]:
            assert "esolveReviewThread" in call.body["query"]
        number = re.search(r"/(?:pulls|issues)/(\d+)", call.path)
        if number and call.method != "GET":
            assert int(number[1]) == outcome.pull.number


def inert(body: str) -> None:
    """Rendered as GitHub would: no mention, image, foreign link, HTML, diagram or command."""
    fences = 0
    for token in tokens(body):
        if token.type in {"html_block", "html_inline"}:
            rest = _OURS.sub("", token.content)
            assert not re.search(r"<[A-Za-z!/?]", rest), (rest, body[:2000])
            assert not GITHUB_ACTS_ON.search(rest), rest
        elif token.type == "image":
            raise AssertionError(f"an image: {body[:2000]}")
        elif token.type == "link_open":
            href = urlsplit(str(token.attrs["href"]))
            known = href.hostname in REFERENCE_HOSTS or str(token.attrs["href"]).startswith(
                "https://github.com/octo/shop/"
            )
            assert (href.scheme, href.query) == ("https", ""), (href, body[:2000])
            assert known, href
        elif token.type == "text":
            assert not GITHUB_ACTS_ON.search(token.content), (token.content, body[:2000])
        elif token.type == "fence":
            fences += token.info == "suggestion"
            assert token.info not in {"mermaid", "math", "geojson", "stl", "topojson"}
    assert fences <= 1
    assert not unseen.has_hidden(body), body[:2000]
    assert len(body) <= 65_536
    for line in body.split("\n"):
        assert not re.match(r"/\w", line), line
        assert not re.match(r"\s*::[a-z-]+[ :]", line), line
        assert "##[" not in line, line


def marks_are_ours(outcome: Outcome) -> None:
    """One mark a comment, at its end, of a finding of ours; state reads back as this very review."""
    prints = {finding.fingerprint for finding in outcome.review.findings} if outcome.review else set()
    for call in outcome.calls:
        if call.method == "POST" and call.path.endswith("/reviews"):
            assert call.body["body"].count("<!--") == 0
            for comment in call.body["comments"]:
                assert comment["body"].count("<!--") == 1
                mark = read_mark(comment["body"])
                assert mark is not None
                assert mark.fingerprint in prints
                assert comment["body"].endswith("-->")
        if call.method in {"POST", "PATCH"} and "/issues/" in call.path and outcome.review is not None:
            body = call.body["body"]
            assert body.count("<!--") == 2
            assert body.startswith(SUMMARY_MARK)
            memory = decode(body, "2026-11-24")
            assert memory is not None
            assert memory.head_sha == outcome.review.target.head_sha
            assert {r.finding.fingerprint for r in memory.findings} <= prints | {
                a.fingerprint for a in outcome.review.acknowledged
            }


def logs_command_nothing(outcome: Outcome) -> None:
    """The runner reads both streams: no line may be a command but our own annotations, and no escape may be in them."""
    for stream in (outcome.stdout, outcome.stderr):
        for line in re.split(r"[\r\n\x0b\x0c\x85\u2028\u2029]", stream):
            if line.strip().startswith("::"):
                assert _COMMANDS.fullmatch(line.strip()), line[:300]
            assert "##[" not in line, line[:300]
        assert not unseen.has_hidden(stream), ascii(stream)[:3000]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag in {"img", "iframe", "object", "embed", "base", "form", "meta"} and not (tag == "meta" or tag == "img"):
            self.wrong.append(tag)
        for name, value in attrs:
            remote = name in {"src", "href", "action", "srcdoc", "data"} and "evil.example" in (value or "")
            if name.startswith("on") or remote or (value or "").lower().strip().startswith("javascript:"):
                self.wrong.append(f"{tag} {name}={value}")


def files_are_sound(outcome: Outcome) -> None:
    """Each report can be read as what it is, and the page runs nothing of anybody else."""
    for name, data in outcome.files.items():
        text = data.decode("utf-8")
        if name.endswith((".json", ".sarif")):
            json.loads(text)
        if name.endswith(".jsonl"):
            assert all(isinstance(json.loads(line), dict) for line in text.splitlines())
        if name.endswith(".xml"):
            ET.fromstring(text)
        if name.endswith(".html"):
            tags = _Tags()
            tags.feed(text)
            assert tags.wrong == []
            assert tags.scripts <= _OUR_SCRIPTS
        if name == "outputs.txt":
            assert {line.split("=")[0] for line in text.splitlines() if "=" in line} <= {
                "verdict", "findings-count", "highest-severity", "report", "sarif", "report-path", "sarif-path", "summary", "cost-usd",
                "questions-count", "incomplete",
            }  # fmt: skip


def ledger_is_true(review: Review) -> None:
    """Every changed line is reviewed or accounted for, and the verdict says which."""
    coverage = review.coverage
    assert coverage.reviewed_lines == sum(file.reviewed_lines for file in coverage.files)
    assert coverage.reviewed_lines <= coverage.in_scope_lines
    if coverage.reviewed_lines < coverage.in_scope_lines:
        assert review.verdict is Verdict.INCOMPLETE
    if review.findings and review.verdict is not Verdict.INCOMPLETE:
        assert review.verdict is Verdict.FINDINGS
