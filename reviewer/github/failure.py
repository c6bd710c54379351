"""What can go wrong with a GitHub call, in one type that says which kind it is."""

from __future__ import annotations

from enum import StrEnum

from reviewer.errors import ExitCode, ReviewerError


class Kind(StrEnum):
    """Kinds of failure that callers act on differently."""

    UNREACHABLE = "unreachable"  # no answer: connection refused, dropped, timed out, TLS
    BROKEN = "broken"  # 5xx, or an answer that cannot be read
    RATE_LIMITED = "rate-limited"  # and waiting it out would take longer than we may
    UNAUTHENTICATED = "unauthenticated"  # 401
    FORBIDDEN = "forbidden"  # 403: the token may not do this
    NOT_FOUND = "not-found"  # 404, 410
    TOO_LARGE = "too-large"  # 406 on a diff
    REFUSED = "refused"  # 422 and other 4xx: the request itself is not accepted


_HINTS = {
    Kind.UNREACHABLE: "Check the network, GITHUB_API_URL and, for a private certificate authority, SSL_CERT_FILE.",
    Kind.BROKEN: "GitHub answered with an error of its own; run again in a few minutes.",
    Kind.RATE_LIMITED: "Run again later, or use a token with a limit of its own.",
    Kind.UNAUTHENTICATED: "Set GITHUB_TOKEN to a valid token.",
    Kind.FORBIDDEN: "The token needs `contents: read` to review and `pull-requests: write` to post.",
    Kind.NOT_FOUND: "Check the repository and number; a private repository needs a token that may read it.",
    Kind.TOO_LARGE: "GitHub refuses to make this diff.",
    Kind.REFUSED: "",
}


class GitHubFailure(ReviewerError):
    """A call that failed for good. `unsure` is set when a write may have been done all the same."""

    exit_code = ExitCode.SOURCE

    def __init__(self, kind: Kind, message: str, *, status: int = 0, unsure: bool = False, hint: str = "") -> None:
        super().__init__(message, hint or _HINTS[kind])
        self.kind = kind
        self.status = status
        self.unsure = unsure
