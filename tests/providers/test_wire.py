"""What servers say and what it means to us, without any server."""

from __future__ import annotations

import ssl
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.providers.anthropic_api import FORMATS as ANTHROPIC_FORMATS
from reviewer.providers.openai_api import FORMATS as OPENAI_FORMATS
from reviewer.providers.wire import Dialect, Format, detail, from_connection, from_status, masked, retry_after, shown

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "1.2.3"}, None),
        ({"retry-after-ms": "nan"}, None),
        ({"retry-after-ms": "inf"}, None),
    ],
)
def test_the_wish_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text(max_size=20)))
def test_no_header_breaks_the_wish(headers: dict[str, str]) -> None:
    wish = retry_after(headers, NOW)
    assert wish is None or 0 <= wish < float("inf")


@given(st.text(), st.text(alphabet=st.characters(categories=["L", "N", "P"]), min_size=4, max_size=12))
def test_a_detail_is_one_short_line_without_our_key(said: str, key: str) -> None:
    shown = detail(said + key + said, (key,))
    assert key not in shown or key in "***…"
    assert len(shown) <= 300
    assert not any(ord(char) < 32 or ord(char) == 127 for char in shown)


def test_short_or_empty_secrets_mask_nothing() -> None:
    assert masked("a banana", ("", "a", "na")) == "a banana"


@pytest.mark.parametrize(
    ("status", "said", "retryable", "fatal", "hint"),
    [
        (400, "bad", False, False, "rejected"),
        (401, "bad", False, True, "key"),
        (403, "bad", False, True, "may not"),
        (404, "bad", False, True, "/v1"),
        (408, "", True, False, "busy"),
        (413, "", False, False, "larger"),
        (422, "maximum context length is 8192", False, False, "larger"),
        (429, "slow down", True, False, "busy"),
        (429, "insufficient_quota: you exceeded", False, True, "credit"),
        (302, "", False, False, "rejected"),
        (500, "", True, False, "busy"),
        (599, "", True, False, "busy"),
    ],
)
def test_statuses(status: int, said: str, retryable: bool, fatal: bool, hint: str) -> None:
    error = from_status(status, said, who="openai", model="m", wait=3.0)
    assert (error.retryable, error.fatal) == (retryable, fatal)
    assert hint in error.hint
    assert str(status) in error.message or status in {429, 422}
    assert error.retry_after == (3.0 if retryable else None)


def chained(inner: BaseException) -> BaseException:
    outer = RuntimeError("Connection error.")
    outer.__cause__ = inner
    return outer


class ProxyError(Exception):
    """Named as the HTTP client names it."""


class UnsupportedProtocol(Exception):
    """Named as the HTTP client names it."""


@pytest.mark.parametrize(
    ("inner", "hint", "retryable"),
    [
        (ssl.SSLCertVerificationError("unable to get local issuer certificate"), "SSL_CERT_FILE", False),
        (OSError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "SSL_CERT_FILE", False),
        (ProxyError("407 Proxy Authentication Required"), "HTTPS_PROXY", True),
        (UnsupportedProtocol("no scheme"), "base URL", False),
        (ConnectionRefusedError("refused"), "network", True),
        (TimeoutError(), "", True),
    ],
)
def test_what_is_underneath_a_connection_error_is_told(inner: BaseException, hint: str, retryable: bool) -> None:
    error = from_connection(chained(inner), who="openai", url="https://x/v1", secrets=("topsecret",))
    assert hint in error.hint
    assert error.retryable is retryable
    assert error.fatal is not retryable


def test_a_url_is_shown_without_its_password() -> None:
    assert shown("https://user:pw@gateway.example/v1?a=b@c") == "https://***@gateway.example/v1?a=b@c"
    assert shown("https://gateway.example/v1") == "https://gateway.example/v1"


def test_a_cycle_of_causes_ends() -> None:
    one, two = OSError("one"), OSError("two")
    one.__cause__, two.__cause__ = two, one
    assert from_connection(one, who="a", url="u", secrets=()).retryable


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("response_format json_schema is not supported", Dialect(format=Format.OBJECT)),
        ("Failed to parse grammar", Dialect(format=Format.OBJECT)),
        ("Unknown parameter: 'reasoning_effort'", Dialect(effort=False)),
        ("Unrecognized request argument supplied: prompt_cache_key", Dialect(cache=False)),
        ("max_completion_tokens: extra inputs are not permitted", Dialect(completion_tokens=False)),
        ("prompt is too long: 9 tokens > 8 maximum", None),
        ("the moon is wrong", None),
    ],
)
def test_a_rejection_steps_down_what_it_names(said: str, expected: Dialect | None) -> None:
    assert Dialect().without(said, formats=OPENAI_FORMATS, guess=False) == expected


def test_openai_can_ask_for_its_newer_limit() -> None:
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    lower = Dialect(completion_tokens=False).without(said, formats=OPENAI_FORMATS, guess=False)
    assert lower == Dialect(completion_tokens=True)


@pytest.mark.parametrize("formats", [OPENAI_FORMATS, ANTHROPIC_FORMATS])
def test_guessing_ends_at_the_last_format(formats: tuple[Format, ...]) -> None:
    dialect: Dialect | None = Dialect()
    seen = []
    while dialect is not None:
        seen.append(dialect.format)
        dialect = dialect.without("Bad Request", formats=formats, guess=True)
    assert tuple(seen) == formats
