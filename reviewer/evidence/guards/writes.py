"""Guards on what a block does: does it write something that can be lost?"""

from __future__ import annotations

import re

from reviewer.evidence.guards.around import capture_text
from reviewer.evidence.hit import Hit

_WRITE = re.compile(
    r"(?:\.|->)(?:save!?|save_all|saveAll|saveAndFlush|commit|bulk_create|bulk_update|insert\w*|insertOne|insertMany|update!?|updateOne|updateMany"
    r"|update_all|upsert\w*|create!?|createMany|delete_all|destroy!?|persist|merge|publish|send_message|sendMessage|sendToQueue|produce|enqueue"
    r"|perform_later|executemany|executeUpdate|executeBatch|Exec|ExecContext|Save|Insert\w*|Update\w*|Create|Upsert|Publish|Enqueue|Persist|transfer|charge|refund|capture)\s*\("
    r"|(?:\.|->)(?:save|update|create|destroy|upsert)! |\.(?:save|destroy|commit)!?$",
    re.MULTILINE,
)
_NOT_A_WRITE = re.compile(
    r"cache|Cache|redis|tmp|temp|session\.close|hash(?:lib)?\.|md5|sha\d|digest|setState|createElement|os\.|fs\.|file|File|log\w*\.|metrics?|track|analytics"
    r"|notif|telemetry|audit_?log|sentry|Object\.create|dict|params\.|config\.|\.dom|window|document|lock|dispatch\(|chmod|index\.html|progress|bar\.update|hmac|cipher|insertCSS|insertText|insertBefore|insertAdjacent|[pP]arser\.|UR[IL]\.|Uri\.|[sS]chema\.create|Factory|Builder",
)


def write_call(hit: Hit, capture: str) -> bool:
    """The captured block writes to a store, a broker or a payment provider, and to nothing that may be lost."""
    lines = [line for line in capture_text(hit, capture).splitlines() if _WRITE.search(line)]
    return any(not _NOT_A_WRITE.search(line) for line in lines)


def writes_twice(hit: Hit, pattern: str) -> bool:
    """The hit contains at least two calls of this kind, on different things."""
    found = re.findall(pattern, hit.node.text())
    return len(found) >= 2 and len(re.findall(pattern, "\n".join(dict.fromkeys(hit.node.text().splitlines())))) >= 2


_EVERY = re.compile(r"\.(?:deleteMany|destroy)\([^()]*\)$")


def not_written_anew(hit: Hit, _argument: str) -> bool:
    """What is emptied is not filled again in the same function: then replacing all of it is what is meant."""
    owner = _EVERY.sub("", hit.node.text().removeprefix("await "))
    scope = hit.outer_function
    return scope is None or not re.search(
        rf"{re.escape(owner)}\s*\.(?:create|insert|upsert|bulkCreate)\w*\(", scope.text()
    )
