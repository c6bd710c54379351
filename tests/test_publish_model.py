"""Random lives of a pull request against a model: pushes, rebases, people, strangers, faults, runs, in any order.

After every run: no defect has two comments, none in the code has none, no comment is about code that was not there,
nothing of a stranger is believed or touched, no thread that people talk in is closed, one summary comment.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.github.faults import QUICK, Fault
from tests.fakes.github.scene import TODAY, acknowledge, bug, code, run
from tests.fakes.github.server import FakeGitHub
from tests.fakes.github.state import AUTHOR, BOT, MEMBER, STRANGER, Comment, Who

BLOCKS = 4


class PullRequestLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.github = FakeGitHub(self.folder)
        self.github.__enter__()
        self.blocks = ["    pass"] * BLOCKS
        self.names = 0
        self.seen_in_code: set[str] = set()  # at the moment of some run: may have a comment
        self.by_people: set[str] = set()  # threads people closed
        self.spoke_late: set[int] = set()  # comments whose thread we had closed before people spoke in it
        self.acknowledged: set[str] = set()
        self.ran = False

    def teardown(self) -> None:
        self.github.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize()
    def open(self) -> None:
        self.pull = self.github.state.open({"app/a.py": code(*self.blocks), "z.py": "z\n"}, {"z.py": "zz\n"})

    def _push(self, *, force_from: str = "") -> None:
        self.github.state.push(self.pull, {"app/a.py": code(*self.blocks), "z.py": "zz\n"}, force_from=force_from)

    @rule(at=st.integers(0, BLOCKS - 1), severity=st.sampled_from(["low", "high", "critical"]))
    def push_a_defect(self, at: int, severity: str) -> None:
        self.names += 1
        self.blocks[at] = bug(f"call{self.names}", severity)
        self._push()

    @rule(at=st.integers(0, BLOCKS - 1))
    def push_a_fix(self, at: int) -> None:
        self.names += 1
        self.blocks[at] = f"    fixed_{self.names}()"
        self._push()

    @rule()
    def rebase(self) -> None:
        self.pull.base = self.github.state.git.commit({f"other{self.names}.py": "o\n"}, self.pull.base)
        self._push(force_from=self.pull.base)

    @precondition(lambda self: self._ours())
    @rule(data=st.data())
    def a_person_replies(self, data: st.DataObject) -> None:
        self._speak(AUTHOR, data.draw(st.sampled_from(self._ours())), "are you sure?")

    @precondition(lambda self: self._ours())
    @rule(data=st.data())
    def a_person_closes_a_thread(self, data: st.DataObject) -> None:
        comment = data.draw(st.sampled_from(self._ours()))
        if not self.pull.thread_of(comment).resolved:
            self.github.state.resolve(self.pull, MEMBER, comment)
            self.by_people.add(comment.thread)

    @precondition(lambda self: self._ours())
    @rule(data=st.data(), what=st.sampled_from([None, *QUICK]), call=st.integers(1, 4))
    def a_person_acknowledges(self, data: st.DataObject, what: object, call: int) -> None:
        """`/ack` as `respond` carries it out, with a fault at any call."""
        comment = data.draw(st.sampled_from(self._ours()))
        self._speak(MEMBER, comment, "/ack known")
        asked = self.pull.review_comments[-1]
        self.github.faults = [Fault(what, call=self.github.number + call)] if what else []  # type: ignore[arg-type]
        client = self.github.client()
        acknowledge(client, asked.id, comment.id, TODAY)
        replies = [c for c in self.pull.review_comments if f"answer v1 {asked.id} " in c.body]
        assert [(reply.by, reply.thread) for reply in replies] == [(BOT, comment.thread)]
        self.acknowledged.add(self._name(comment))
        self.ran = True  # the state has a summary comment to live in

    @precondition(lambda self: self.ran)
    @rule()
    def a_stranger_copies_all_we_wrote(self) -> None:
        self.github.state.say(self.pull, STRANGER, self.pull.comments[0].body)
        for comment in self._ours()[:1]:
            self._speak(STRANGER, comment, comment.body)
            comment.reactions.append((STRANGER, "-1"))

    @rule(what=st.sampled_from([None, *QUICK]), call=st.integers(1, 9), full=st.booleans())
    def review(self, what: object, call: int, full: bool) -> None:
        self.github.faults = [Fault(what, call=self.github.number + call)] if what else []  # type: ignore[arg-type]
        self.seen_in_code |= self._in_code()
        silent = {c.id for c in self._ours() if self.pull.thread_of(c).resolved}
        found, delivery = run(self.github.client(), full=full)
        raised = {finding.title.rpartition(": ")[2] for finding in found.findings}
        assert not raised & self.acknowledged, "an acknowledged finding came back"
        assert delivery.delivered
        self.ran = True
        named = self._named()
        for name in self._in_code():
            assert named.count(name) == 1, f"{name} has {named.count(name)} comments"
        for comment in self._ours():
            thread = self.pull.thread_of(comment)
            gone = self._name(comment) not in self._in_code()
            if gone and not self._talked(comment) and comment.id not in silent:
                assert thread.resolved, f"{self._name(comment)} is fixed and its thread open"

    @rule()
    def review_that_is_overtaken(self) -> None:
        before = (len(self.pull.comments), len(self.pull.review_comments))
        _, delivery = run(self.github.client(), before_posting=lambda: self.push_a_fix(0))
        assert delivery.superseded
        assert before == (len(self.pull.comments), len(self.pull.review_comments))

    @invariant()
    def no_defect_has_two_comments(self) -> None:
        named = self._named()
        assert len(named) == len(set(named)), named

    @invariant()
    def no_comment_is_about_code_that_was_not_there(self) -> None:
        assert set(self._named()) <= self.seen_in_code

    @invariant()
    def there_is_one_summary(self) -> None:
        said = self.pull.comments if "pull" in self.__dict__ else []
        assert len([comment for comment in said if comment.by == BOT]) == int(self.ran)

    @invariant()
    def no_thread_people_talk_in_is_closed_by_us(self) -> None:
        for comment in self._ours():
            thread = self.pull.thread_of(comment)
            if self._talked(comment) and thread.resolved:
                assert thread.resolved_by != BOT or comment.id in self.spoke_late

    @invariant()
    def githubs_schemas_hold(self) -> None:
        assert self.github.violations == []

    def _speak(self, who: Who, root: Comment, body: str) -> None:
        if self.pull.thread_of(root).resolved:
            self.spoke_late.add(root.id)
        self.github.state.reply(self.pull, who, root, body)

    def _ours(self) -> list[Comment]:
        if "pull" not in self.__dict__:
            return []
        return [comment for comment in self.pull.review_comments if comment.by == BOT and not comment.reply_to]

    def _talked(self, root: Comment) -> bool:
        return any(c.thread == root.thread and c.by != BOT for c in self.pull.review_comments)

    def _name(self, comment: Comment) -> str:
        return comment.body.split("\n")[0].rpartition(": ")[2].strip("`")

    def _named(self) -> list[str]:
        return [self._name(comment) for comment in self._ours()]

    def _in_code(self) -> set[str]:
        return {block.strip().split("(")[0] for block in self.blocks if "# BUG" in block}


PullRequestLife.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestPullRequestLife = PullRequestLife.TestCase
