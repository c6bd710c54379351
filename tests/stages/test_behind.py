"""The second reader is shown what a claim hangs on: bodies of what it names, callers of what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from reviewer.nouns.finding import Finding
from reviewer.stages import at_hand, behind
from tests.builders import a_finding
from tests.stages.trees import changes
from tests.trees import DictTree

WORKER = """\
import backoff
from rq.registry import Registry


class Worker:
    def _get_timeout(self, ttl=None):
        return ttl or DEFAULT_TTL

    def work(self):
        timeout = self._get_timeout()
        return self.dequeue(timeout)


def run(worker):
    return worker.work()
"""
REGISTRY = "class Registry:\n    def cleanup(self):\n        self.delete_all()\n"
INSIDE = changes(
    {"rq/worker.py": WORKER.replace("()\n        return self.deq", "(9)\n        return self.deq")},
    {"rq/worker.py": WORKER},
)
HEAD = DictTree(
    {"rq/worker.py": WORKER, "rq/registry.py": REGISTRY, "rq/jobs.py": "def fetch_job():\n    return None\n"}
)


def claim(**changed: object) -> Finding:
    return a_finding(
        **{
            "path": "rq/worker.py",
            "start_line": 10,
            "end_line": 10,
            "quote": "timeout = self._get_timeout()",
            "symbol": "Worker.work",
            "title": "Timeout ignored",
            "scenario": "It waits.",
            "recommendation": "Pass it.",
            **changed,
        }
    )


def shown(finding: Finding, *spans: behind.Span) -> str:
    return behind.behind(finding, at_hand.sources([finding], INSIDE, HEAD), spans)


def test_the_body_of_a_called_function_is_shown_with_its_line_numbers() -> None:
    assert " 7|        return ttl or DEFAULT_TTL" in shown(claim())


def test_a_caller_of_the_function_in_question_is_shown() -> None:
    assert "a call of `work`, rq/worker.py" in shown(claim())
    assert "return worker.work()" in shown(claim())


def test_what_is_shown_already_is_not_repeated() -> None:
    whole = behind.Span("rq/worker.py", 1, 99, "")
    assert shown(claim(), whole) == ""


def test_files_that_the_claim_imports_or_names_are_read() -> None:
    assert "self.delete_all()" in shown(claim(scenario="Registry forgets; cleanup runs late."))
    assert "def fetch_job" in shown(claim(scenario="In rq/jobs.py fetch_job returns None."))
    assert "def fetch_job" not in shown(claim())


def test_secrets_in_those_bodies_are_masked() -> None:
    key = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    head = DictTree({"rq/worker.py": WORKER.replace("DEFAULT_TTL", f'"{key}"')})
    finding = claim()
    assert key not in behind.behind(finding, at_hand.sources([finding], INSIDE, head), ())


def test_rubys_questions_are_found_by_their_bare_name() -> None:
    ruby = "class Pages\n  def clear?\n    @user.nil?\n  end\n\n  def show\n    clear\n  end\nend\n"
    inside = changes({"pages.rb": ruby.replace("nil", "none")}, {"pages.rb": ruby})
    finding = claim(path="pages.rb", quote="clear", scenario="When clear? holds the session goes.", start_line=7)
    texts = at_hand.sources([finding], inside, DictTree({"pages.rb": ruby}))
    assert " 3|    @user.nil?" in behind.behind(finding, texts, ())


def test_without_any_tree_nothing_is_shown_and_nothing_fails() -> None:
    finding = claim()
    assert behind.behind(finding, at_hand.sources([finding], INSIDE, DictTree({})), ()) == ""


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_words_of_a_model_are_bounded(title: str, quote: str) -> None:
    assert len(shown(claim(title=title, quote=quote)).splitlines()) <= 200


CALLERS = {
    "rq/worker.py": WORKER,
    "rq/beside.py": "def beside(worker):\n    return worker.work()\n",
    "rq/other.rb": "worker.work()\n",
    "cli/far.py": "def start(worker):\n    worker.work()\n    return worker\n",
    "tests/test_far.py": "def test_it(worker):\n    assert worker.work()\n",
}


class SearchedTree(DictTree):
    """A tree on this machine: it can be searched."""

    def holding(self, words: Iterable[str]) -> Sequence[str]:
        return sorted(path for path, text in self.files.items() if any(word in text for word in words))

    def defining(self, names: Iterable[str]) -> Sequence[str]:
        begins = [f"{word} {name}" for name in names for word in ("def", "class", "func")]
        return sorted(path for path, text in self.files.items() if any(begin in text for begin in begins))


def called(head: DictTree) -> str:
    return behind.behind(claim(), at_hand.sources([claim()], INSIDE, head), ())


def test_callers_anywhere_are_found_where_the_tree_can_be_searched() -> None:
    text = called(SearchedTree(CALLERS))
    assert "a call of `work`, cli/far.py" in text
    assert "a call of `work`, rq/beside.py" in text
    assert "test_far" not in text
    assert "other.rb" not in text


def test_where_it_cannot_be_searched_the_files_beside_are_read() -> None:
    text = called(DictTree(CALLERS))
    assert "a call of `work`, rq/beside.py" in text
    assert "cli/far.py" not in text


STORE = {
    "graph/wrapper.go": (
        "package graph\n\nfunc (w *Wrapper) key(user string) string {\n"
        '\treturn tuple.ToObjectRelationString(user, "")\n}\n\n'
        + "".join(f"func unrelated{n}() int {{\n\treturn {n}\n}}\n\n" for n in range(12))
        + "func (w *Wrapper) fill(req *http.Request) {\n\tw.requestHeaders = req.Header\n}\n"
    ),
    "pkg/text/render.go": (
        "package tuple\n\nfunc ToObjectRelationString(object, relation string) string {\n"
        '\treturn object + "#" + relation\n}\n'
    ),
    "pkg/other.go": "package other\n\nfunc Other() {}\n",
}


def told(head: DictTree, **changed: object) -> str:
    finding = claim(
        **{"path": "graph/wrapper.go", "start_line": 4, "end_line": 4, "symbol": "Wrapper.key", "title": "Keys differ",
           "quote": '\treturn tuple.ToObjectRelationString(user, "")', **changed}
    )  # fmt: skip
    inside = changes({}, {"graph/wrapper.go": STORE["graph/wrapper.go"]})
    return behind.behind(finding, at_hand.sources([finding], inside, head), ())


def test_a_definition_anywhere_is_found_where_the_tree_can_be_searched() -> None:
    text = told(SearchedTree(STORE))
    assert "`ToObjectRelationString`, pkg/text/render.go" in text
    assert '4|\treturn object + "#" + relation' in text
    assert "other.go" not in text


def test_where_a_quoted_name_is_filled_is_shown() -> None:
    text = told(DictTree(STORE), quote="\tdelete(w.requestHeaders, name)")
    assert "uses of its names in the same file, graph/wrapper.go" in text
    assert "w.requestHeaders = req.Header" in text


MODELS = {
    "hc/views.py": "from hc.models import Check\n\n\ndef copy(check):\n    copied = Check(name=check.name + ' (copy)')\n    copied.save()\n",
    "hc/models.py": "class Check(Model):\n    name = CharField(max_length=100)\n    code = UUIDField()\n\n    def other(self):\n        return 1\n",
}


def test_of_a_type_only_the_lines_that_matter_are_shown() -> None:
    finding = claim(
        path="hc/views.py",
        start_line=5,
        end_line=5,
        symbol="copy",
        quote="    copied = Check(name=check.name + ' (copy)')",
    )
    inside = changes({}, {"hc/views.py": MODELS["hc/views.py"]})
    text = behind.behind(finding, at_hand.sources([finding], inside, DictTree(MODELS)), ())
    assert "### `Check`, hc/models.py\n 1|class Check(Model):\n 2|    name = CharField(max_length=100)\n" in text
    assert "UUIDField" not in text


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=200))
def test_any_claim_on_any_text_is_bounded(quote: str, words: str, text: str) -> None:
    finding = claim(quote=quote, scenario=words)
    assert behind.behind(finding, {"rq/worker.py": text * 20}, ()).count("\n") < 400
