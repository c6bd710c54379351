"""HTTP for both SDKs: bounded bodies, so that a server that drips bytes or never stops cannot hold a call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn, cast

from reviewer.errors import ProviderError
from reviewer.providers.wire import detail

if TYPE_CHECKING:
    import httpx2

LARGEST_BODY = 32 * 1024 * 1024  # bytes; the longest answers of today's models are under 1 MB
_LARGEST_ENCODED = 256 * 1024  # compressed, where each byte may become a thousand
_CONNECT_SECONDS = 10.0


def client(
    make: Callable[..., httpx2.Client],
    *,
    seconds: float,
    secrets: tuple[str, ...],
    largest: int = LARGEST_BODY,
    clock: Callable[[], float] = time.monotonic,
) -> httpx2.Client:
    """An HTTP client made by `make` (an SDK's default client class, so that its proxy and TLS set-up is kept).

    Proxies and SSL_CERT_FILE are honoured by the client itself. A body has `seconds` from its headers to its
    last byte, and at most `largest` of them. Redirects are not followed: the code under review goes to the server the user named, no other.
    Raises ProviderError if the proxy variables or certificate files of this machine are unusable.
    """
    import httpx2

    def bound(response: httpx2.Response) -> None:
        stream = cast("httpx2.SyncByteStream", response.stream)
        encoded = response.headers.get("content-encoding", "identity") != "identity"
        most = _LARGEST_ENCODED if encoded else largest
        response.stream = _bounded(stream, response.request, largest=most, ends=clock() + seconds, clock=clock)

    timeout = httpx2.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds))
    try:
        return make(timeout=timeout, follow_redirects=False, event_hooks={"response": [bound]})
    except (OSError, ValueError, httpx2.InvalidURL) as error:
        _refuse(error, secrets)


def _refuse(error: Exception, secrets: tuple[str, ...]) -> NoReturn:
    hint = "Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR."
    said = detail(str(error) or type(error).__name__, secrets)
    raise ProviderError(f"No HTTPS client can be set up: {said}", hint, fatal=True) from None


def _bounded(
    stream: httpx2.SyncByteStream, request: httpx2.Request, *, largest: int, ends: float, clock: Callable[[], float]
) -> httpx2.SyncByteStream:
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        """A body that ends in time and in size, or raises as a read timeout does."""

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in stream:
                size += len(chunk)
                if size > largest:
                    raise httpx2.ReadError(f"the answer is larger than {largest} bytes", request=request)
                if clock() > ends:
                    raise httpx2.ReadTimeout("the answer came too slowly", request=request)
                yield chunk

        def close(self) -> None:
            stream.close()

    return Bounded()
