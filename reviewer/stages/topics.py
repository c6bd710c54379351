"""What a change is about, in a few words found in its lines, so that only hazards that can occur are asked about."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOPICS = {
    "api": r"route|endpoint|controller|handler|router|request|response|serializ|dto|graphql|proto|@(get|post|put|delete|patch)",
    "async": r"async|await|promise|coroutine|goroutine|go func|completablefuture|\.then\(",
    "auth": r"auth|permission|\brole|admin|login|tenant|owner|session|guard|polic|principal|current_?user|organi[sz]ation",
    "cache": r"cache|redis|memo|ttl|\blru",
    "concurrency": r"lock|mutex|thread|atomic|synchronized|concurren|parallel|gather|goroutine|go func|static|global|singleton|worker",
    "crypto": r"crypt|hash|hmac|cipher|\bjwt|random|rand\b|sign|secret|password|token|\bmd5|\bsha|\botp|salt|digest",
    "db": r"select|insert|update|delete|query|session|repositor|prisma|\borm|objects\.|\.save|\.find|\.exec|\bdb\b|sql|model|transaction|commit",
    "exec": r"exec|system\(|subprocess|eval|shell|spawn|popen|script|template|render",
    "file": r"open\(|path|file|upload|download|directory|stream|close\(",
    "http": r"https?|requests\.|axios|fetch\(|urlopen|resttemplate|webclient|feign|grpc|client|socket|\burl",
    "log": r"log|print|metric|counter|gauge|histogram|trace|span|monitor|health",
    "money": r"price|amount|balance|money|charge|payment|invoice|currency|stripe|refund|\bfee|billing|cents",
    "queue": r"queue|publish|consum|kafka|rabbit|\bsqs|celery|delay\(|enqueue|perform_later|worker|message|event|topic|subscri|\bjob|webhook|\back",
    "retry": r"retry|retries|backoff|attempt|max_tries|while true|for \{|for \(;;\)",
    "schedule": r"cron|schedul|\bbeat\b|interval|ticker|nightly|daily",
    "serialization": r"xml|yaml|pickle|marshal|deserial|readobject|json\.|unserialize|gob\b|avro",
    "time": r"date|time|now\(|utc|timezone|\bclock|expir|duration",
    "transaction": r"transaction|atomic|begin|commit|rollback|savepoint|\btx\b|with_lock|for update",
    "web": r"cookie|cors|csrf|redirect|origin|header|html|callback",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _TOPICS.items()}
NAMES = frozenset(_TOPICS)


def topics(lines: Iterable[str]) -> frozenset[str]:
    """The topics any line speaks of. Stops looking for a topic once it is found."""
    open_topics = dict(_COMPILED)
    for line in lines:
        if not open_topics:
            break
        lowered = line.lower()[:2000]
        for name in [name for name, pattern in open_topics.items() if pattern.search(lowered)]:
            del open_topics[name]
    return NAMES - open_topics.keys()
