"""What both wire formats share: which features a server takes, and what its errors mean to us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from reviewer.errors import ProviderError

_LONGEST_DETAIL = 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]+")
_TOO_LONG = re.compile(
    r"context.{0,20}(length|size|window)|maximum context|too many tokens|prompt is too long|exceed_context|input length",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(r"insufficient_quota|credit balance|billing|payment", re.IGNORECASE)
_ABOUT_FORMAT = re.compile(r"schema|response_format|output_config|json|format|grammar|structured")
_BUSY = frozenset({408, 409, 425, 429})

# status -> (hint, does it hit every later call too)
_STATUSES = {
    401: ("Check the API key for {who}.", True),
    402: ("The account at {who} has no credit left; see its billing page.", True),
    403: ("The key may not use {model}, or this address is blocked.", True),
    404: ("Is the model {model} right, and the base URL? OpenAI-style URLs end in /v1, Anthropic's do not.", True),
    413: ("The request is larger than the model takes: lower the context size in the configuration.", False),
}


class Format(StrEnum):
    """How the answer's form is asked for, strictest first. Each step down is for servers that reject the one above."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PROMPT = "prompt"  # the schema is only written into the prompt


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one server is known to accept. Starts hopeful and steps down as the server rejects things."""

    format: Format = Format.SCHEMA
    effort: bool = True
    cache: bool = True
    completion_tokens: bool = True  # openai: max_completion_tokens rather than max_tokens
    parts: bool = True  # openai: message contents as a list of parts, where a cached prefix is to be marked

    def without(self, complaint: str, *, formats: tuple[Format, ...], guess: bool) -> Dialect | None:
        """The dialect to try after a 400 or 422 that said `complaint`; None if it is about something else.

        `guess`: servers other than the vendor's own often reject without a reason; then the format is what
        they most likely choked on.
        """
        said = complaint.lower()
        if _TOO_LONG.search(said):
            return None
        if self.effort and ("effort" in said or "reasoning" in said):
            return replace(self, effort=False)
        if self.cache and "cache" in said:
            return replace(self, cache=False)
        if (limit := self._other_limit(said)) is not None:
            return replace(self, completion_tokens=limit)
        lower = formats[formats.index(self.format) + 1 :]
        if lower and (guess or _ABOUT_FORMAT.search(said)):
            return replace(self, format=lower[0])
        return None

    def _other_limit(self, said: str) -> bool | None:
        """Which of openai's two names for the output limit to use instead, if the complaint is about it."""
        if self.completion_tokens:
            return False if "max_completion_tokens" in said and "instead" not in said else None
        return True if "max_tokens" in said and "max_completion_tokens" in said else None


def check_key(who: str, key: str) -> None:
    """Raises ProviderError for a key no HTTP header can carry: the client would say so later, and quote it."""
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        hint = "Copy it again: it has a space, a line break or a character that no key has."
        raise ProviderError(f"The key for {who} is damaged", hint, fatal=True)


def shown(url: str) -> str:
    """A URL fit for messages: without the user and password that may be in it."""
    return re.sub(r"//[^/@]*@", "//***@", url)


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """`text` with our own keys replaced, whatever the server or the HTTP client put into it."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, "***")
    return text


def detail(text: str, secrets: tuple[str, ...]) -> str:
    """A server's own words, fit for one line of a log: our keys masked, no control characters, short."""
    plain = _CONTROL.sub(" ", masked(text, secrets)).strip()
    return plain if len(plain) <= _LONGEST_DETAIL else plain[: _LONGEST_DETAIL - 1] + "…"


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds the server asks us to wait, from `retry-after-ms` or `retry-after` (seconds or an HTTP date).

    `now` is Unix time. Unreadable or negative wishes are None.
    """
    try:
        if "retry-after-ms" in headers:
            return _wait(float(headers["retry-after-ms"]) / 1000)
        if "retry-after" not in headers:
            return None
        wish = headers["retry-after"].strip()
        if re.fullmatch(r"[0-9.]+", wish):
            return _wait(float(wish))
        from email.utils import parsedate_to_datetime

        return _wait(parsedate_to_datetime(wish).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _wait(seconds: float) -> float | None:
    return seconds if 0 <= seconds < float("inf") else None


def from_status(status: int, said: str, *, who: str, model: str, wait: float | None) -> ProviderError:
    """The error for an HTTP status of a model server. `said` is the server's message, already made safe."""
    message = f"{who} answered {status}" + (f": {said}" if said else "")
    if status == 429 and _NO_CREDIT.search(said):
        status = 402
    if status in {400, 422} and _TOO_LONG.search(said):
        status = 413
    if status in _BUSY or status >= 500:
        hint = "The provider is busy or down; run the review again later, or name a --fallback."
        return ProviderError(message, hint, retryable=True, retry_after=wait)
    hint, fatal = _STATUSES.get(status, ("The provider rejected the request; the message says why.", False))
    return ProviderError(message, hint.format(who=who, model=model), fatal=fatal)


def unsent(error: BaseException) -> bool:
    """Whether a call certainly never reached the server, so that making it again cannot do a thing twice."""
    return any(type(cause).__name__ in {"ConnectError", "ConnectTimeout", "PoolTimeout"} for cause in _causes(error))


def from_connection(error: BaseException, *, who: str, url: str, secrets: tuple[str, ...]) -> ProviderError:
    """The error for a call that got no answer: told apart by what is underneath the SDK's own exception."""
    import ssl

    causes = _causes(error)
    said = detail(str(causes[-1]) or type(causes[-1]).__name__, secrets)
    if any(
        isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause) for cause in causes
    ):
        hint = "Install the system's CA certificates, or point SSL_CERT_FILE at a bundle that has your proxy's."
        return ProviderError(f"The certificate of {url} could not be verified: {said}", hint, fatal=True)
    names = {type(cause).__name__ for cause in causes}
    if "ProxyError" in names:
        hint = "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
        return ProviderError(f"The proxy did not pass the call to {who} on: {said}", hint, retryable=True)
    if {"UnsupportedProtocol", "InvalidURL", "LocalProtocolError"} & names:
        return ProviderError(f"{url} cannot be called: {said}", "Check the base URL and the key.", fatal=True)
    if any("Timeout" in name for name in names):
        return ProviderError(f"{who} did not answer in time", "", retryable=True)
    return ProviderError(
        f"{who} cannot be reached at {url}: {said}",
        "Check the network, the base URL and, if set, the proxy variables.",
        retryable=True,
    )


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain
