"""What a change is about, in a few words found in its lines, so that only hazards that can occur are asked about.

Plain substrings of the lower-cased text on purpose: twenty patterns over twenty thousand lines cost a second,
the same words as substrings a few hundredths.
"""

from __future__ import annotations

from collections.abc import Iterable

_WORDS = {
    "api": "route endpoint controller handler request response serializ dto graphql proto @get @post @put @delete @patch",
    "async": "async await promise coroutine goroutine go␣func completablefuture .then(",
    "auth": "auth permission role admin login tenant owner session guard polic principal current_user currentuser organization",
    "cache": "cache redis memo ttl lru",
    "concurrency": "lock mutex thread atomic synchronized concurren parallel gather go␣func static global singleton worker",
    "crypto": "crypt hash hmac cipher jwt random rand( sign secret password token md5 sha1 sha2 otp salt digest",
    "db": "select insert update delete query repositor prisma orm. objects. .save .find .exec db. sql model transaction commit",
    "exec": "exec system( subprocess eval shell spawn popen script template render",
    "file": "open( path file upload download directory stream close(",
    "http": "http requests. axios fetch( urlopen resttemplate webclient feign grpc client socket url",
    "log": "log print metric counter gauge histogram trace span monitor health",
    "money": "price amount balance money charge payment invoice currency stripe refund fee billing cents",
    "queue": "queue publish consum kafka rabbit sqs celery delay( enqueue perform_later worker message event topic subscri job webhook ack(",
    "retry": "retry retries backoff attempt max_tries while␣true for␣{ for␣(;;)",
    "schedule": "cron schedul beat interval ticker nightly daily",
    "serialization": "xml yaml pickle marshal deserial readobject json unserialize gob. avro",
    "time": "date time now( utc timezone clock expir duration",
    "transaction": "transaction atomic begin commit rollback savepoint tx. tx, with_lock for␣update",
    "web": "cookie cors csrf redirect origin header html callback",
}
_TOPICS = {name: tuple(word.replace("␣", " ") for word in words.split()) for name, words in _WORDS.items()}
NAMES = frozenset(_TOPICS)


def topics(lines: Iterable[str]) -> frozenset[str]:
    """The topics any of the lines speaks of."""
    text = "\n".join(lines).lower()
    return frozenset(name for name, words in _TOPICS.items() if any(word in text for word in words))
