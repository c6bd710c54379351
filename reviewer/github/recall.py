"""From what is said on a pull request to what we remember of it: our own comments only, people's will respected."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from reviewer import state
from reviewer.github.client import GitHub
from reviewer.github.conversation import Conversation, Thread
from reviewer.github.endpoints import PullReference
from reviewer.github.failure import GitHubFailure
from reviewer.nouns.finding import Acknowledged, Confidence, Finding
from reviewer.nouns.memory import Memory, Remembered

_INSIDERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_LOOKUPS = 3  # permission requests in one run: enough for a team, and a crowd of strangers cannot run up the bill


class Posted(NamedTuple):
    """A thread of ours about one finding."""

    mark: state.Mark
    thread: Thread
    human_replied: bool


class People:
    """Who may say "won't fix": those with write permission. Looked up at most a few times, unknown means no."""

    def __init__(self, client: GitHub, reference: PullReference) -> None:
        self._client = client
        self._reference = reference
        self._known: dict[str, bool] = {}

    def may_write(self, login: str) -> bool:
        """Whether the login has write permission on the repository, as GitHub's API says."""
        if login not in self._known:
            if len(self._known) >= _LOOKUPS or not login:
                return False
            self._known[login] = self._ask(login)
        return self._known[login]

    def _ask(self, login: str) -> bool:
        try:
            found = self._client.get_json(f"/repos/{self._reference.repository}/collaborators/{login}/permission")
        except GitHubFailure:
            return False  # who cannot be shown to have permission has none
        return isinstance(found, dict) and found.get("permission") in {"admin", "write", "maintain"}


def posted(conversation: Conversation) -> dict[str, Posted]:
    """Our threads by the fingerprint of their finding; the first where there are several."""
    found: dict[str, Posted] = {}
    for thread in conversation.threads:
        root = thread.remarks[0] if thread.remarks else None
        mark = state.read_mark(root.body) if root is not None and root.ours else None
        if mark is None:
            continue
        # Somebody who posts with a person's own token also talks with it: only marked remarks are ours for sure.
        human = any(not remark.ours or "<!-- design-reviewer:" not in remark.body for remark in thread.remarks[1:])
        found.setdefault(mark.fingerprint, Posted(mark, thread, human))
    return found


def recall(conversation: Conversation, people: People, today: str) -> Memory:
    """What we remember. `today` is an ISO date; acknowledgements that ended before it are forgotten."""
    memory = Memory()
    for remark in conversation.remarks:
        if remark.ours and state.SUMMARY_MARK in remark.body:
            memory = state.decode(remark.body, today) or memory
    ours = posted(conversation)
    known = {remembered.finding.fingerprint: remembered for remembered in memory.findings}
    for fingerprint, one in ours.items():
        if fingerprint in known:
            known[fingerprint] = _refreshed(known[fingerprint], one)
        elif not one.thread.resolved or (not one.thread.resolved_by_us and memory.first_run):
            known[fingerprint] = _refreshed(_from_mark(one), one)
    acknowledged = {a.fingerprint: a for a in memory.acknowledged}
    for fingerprint, remembered in known.items():
        will = _will(ours.get(fingerprint), conversation, people)
        if will is not None and fingerprint not in acknowledged:
            finding = remembered.finding
            acknowledged[fingerprint] = Acknowledged(fingerprint, finding.hazard, finding.path, finding.title, *will)
    return replace(memory, findings=tuple(known.values()), acknowledged=tuple(acknowledged.values()))


def _will(one: Posted | None, conversation: Conversation, people: People) -> tuple[str, str] | None:
    """(who, how) if somebody entitled to it has said "won't fix" by resolving the thread or by reacting to it."""
    if one is None:
        return None
    thread = one.thread
    if thread.resolved and not thread.resolved_by_us and _may_resolve(thread.resolved_by, conversation, people):
        return thread.resolved_by, "resolved the thread"
    for login in thread.remarks[0].objections:
        if people.may_write(login):
            return login, "disagreed by reaction"
    return None


def _may_resolve(login: str, conversation: Conversation, people: People) -> bool:
    """GitHub lets people with write permission resolve, and the author, who may be an outsider: then it does not count."""
    if login and login == conversation.author and conversation.author_association not in _INSIDERS:
        return people.may_write(login)
    return True


def _refreshed(remembered: Remembered, one: Posted) -> Remembered:
    return replace(
        remembered,
        thread_id=one.thread.id,
        comment_id=one.thread.remarks[0].id,
        human_replied=one.human_replied,
        hunk_print=remembered.hunk_print or one.mark.hunk_print,
    )


def _from_mark(one: Posted) -> Remembered:
    """A finding of which only the comment is left (the state was lost, or a run broke off before it wrote it)."""
    mark, thread = one.mark, one.thread
    finding = Finding(
        fingerprint=mark.fingerprint,
        hazard=mark.hazard,
        category=mark.category,
        severity=mark.severity,
        confidence=Confidence.MEDIUM,
        path=thread.path,
        side=thread.side,
        start_line=thread.line,
        end_line=thread.line,
        quote="",
        title=_title(thread.remarks[0].body),
        scenario="",
        recommendation="",
    )
    return Remembered(finding, mark.hunk_print)


def _title(body: str) -> str:
    """The first line of our comment without its emphasis."""
    return body.strip().split("\n", 1)[0].replace("**", "").strip()[:120]
