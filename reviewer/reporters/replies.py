"""What we answer to people's comment commands, as Markdown. Pure; `reviewer.reply` posts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reviewer.nouns.finding import Acknowledged, Finding
from reviewer.nouns.hazard import Hazard
from reviewer.reporters.sanitise import code, fence, inline, link, prose
from reviewer.reporters.words import Words
from reviewer.stages.commands import Command, Fault

COMMANDS = ("review", "ack", "unack", "explain", "ask")
_LISTED = 20  # findings named where it is not clear which one is meant
_TITLE = 160


class Named(NamedTuple):
    """A finding by name: its fingerprint and title (untrusted)."""

    fingerprint: str
    title: str


def acknowledged(one: Acknowledged, w: Words) -> str:
    """It will not be raised again, and how to take that back."""
    until = w("reply.ack-until", date=code(one.until)) if one.until else w("reply.ack-always")
    said = w("acknowledged.by", by=code(one.by), reason=inline(one.reason))
    return f"**{w('reply.acked')}** {inline(one.title, _TITLE)} ({said}).\n\n{until} {w('reply.undo', command=code('/unack'))}"


def unacknowledged(one: Named, objectors: Sequence[str], w: Words) -> str:
    """It counts again; a reaction that still says no has to be taken back by whoever gave it."""
    text = f"**{w('reply.unacked')}** {inline(one.title, _TITLE)}"
    if objectors:
        text += f"\n\n{w('reply.unack-reaction', who=', '.join(map(code, objectors)))}"
    return text


def was_not_acknowledged(one: Named, w: Words) -> str:
    return f"{w('reply.not-acked')} {inline(one.title, _TITLE)}"


def explained(hazard: Hazard, finding: Finding | None, w: Words) -> str:
    """A hazard's background: what happens, how to check it here, what makes it no defect, what to do."""
    category = w(f"category.{hazard.category}")
    parts = [
        f"**{inline(hazard.title)}** · {code(hazard.id)} · {category}, {w(f'severity.{hazard.severity}')}",
        prose(hazard.scenario),
        f"**{w('reply.shows')}**\n\n{_listed(hazard.shows)}",
        f"**{w('reply.verify')}**\n\n{_checks(hazard, finding, w)}",
        f"**{w('reply.refuted')}**\n\n{_listed(hazard.refuted_by)}",
        f"**{w('pull.do')}:** {prose(hazard.recommendation)}",
    ]
    if hazard.references:
        parts.append(f"{w('finding.see')} {', '.join(link(url) for url in hazard.references)}")
    return "\n\n".join(parts)


def explained_alone(finding: Finding, w: Words) -> str:
    """A finding whose hazard is not in the catalogue (another scanner's): what the finding itself says."""
    parts = [f"**{inline(finding.title)}** · {code(finding.hazard)}", w("reply.not-in-catalogue")]
    parts += [prose(finding.scenario)] if finding.scenario else []
    parts += [f"**{w('pull.do')}:** {prose(finding.recommendation)}"] if finding.recommendation else []
    return "\n\n".join(parts)


def answered(answer: str, quotes: Sequence[str], *, withdraws: bool, w: Words) -> str:
    """A model's answer (untrusted), with the code it rests on."""
    parts = [prose(answer, 6_000), *(fence(quote) for quote in quotes[:5])]
    if withdraws:
        parts.append(w("reply.withdraws", command=code("/ack")))
    return "\n\n".join(parts)


def needs_model(w: Words) -> str:
    return w("reply.needs-model", keys=f"{code('ANTHROPIC_API_KEY')}, {code('OPENAI_API_KEY')}")


def not_answered(message: str, w: Words) -> str:
    """The model could not be asked, or its answer could not be read: said, never glossed over."""
    return f"{w('reply.failed')} {inline(message)}"


def which(command: Command, findings: Sequence[Named], w: Words) -> str:
    """It is not clear which finding is meant: the ones there are, by fingerprint."""
    if not findings:
        return w("reply.no-findings")
    head = w("reply.no-such", name=code(command.about)) if command.about else w("reply.which")
    listed = [f"- {code(one.fingerprint)} {inline(one.title, _TITLE)}" for one in findings[:_LISTED]]
    listed += [f"- {w('more', n=w.number(len(findings) - _LISTED))}"] if len(findings) > _LISTED else []
    return f"{head}\n\n" + "\n".join(listed)


def unknown_hazard(name: str, close: Sequence[str], w: Words) -> str:
    text = w("reply.no-hazard", name=code(name))
    return f"{text} {w('reply.meant', names=', '.join(map(code, close)))}" if close else text


def wrong(command: Command, w: Words) -> str:
    """Why a command cannot be followed, and all that can be."""
    fault = command.fault or Fault.UNKNOWN
    why = w(f"reply.fault-{fault}", command=code(f"/{command.word}"))
    return f"{why}\n\n{usage(w)}"


def usage(w: Words) -> str:
    return "\n".join(f"- {code(w(f'reply.form-{name}'))}: {w(f'reply.usage-{name}')}" for name in COMMANDS)


def _checks(hazard: Hazard, finding: Finding | None, w: Words) -> str:
    where = f"{code(f'{finding.path}:{finding.start_line}')}: " if finding is not None and finding.start_line else ""
    asked = prose(hazard.ask) if hazard.ask else w("reply.check-shows")
    return f"- {where}{asked}\n- {w('reply.local', command=code(f'design-reviewer explain {hazard.id}'))}"


def _listed(items: Sequence[str]) -> str:
    return "\n".join(f"- {inline(item, 600)}" for item in items)
