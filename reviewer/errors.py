"""What can go wrong, as types that carry a hint and an exit code.

Every failure a user can meet is one of these. They are raised where the cause is known and caught once,
in `reviewer.cli.main`, which prints the message and the hint and exits with the code.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes users script against (README, "Exit codes")."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    SOURCE = 3
    INCOMPLETE = 4
    UNDELIVERED = 5
    INTERRUPTED = 130


class ReviewerError(Exception):
    """A failure with a cause the user can act on: `message` says what, `hint` says what to do."""

    exit_code: ExitCode = ExitCode.USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReviewerError):
    """Wrong options, configuration, persona or rule files."""


class SourceError(ReviewerError):
    """The pull request, range or diff cannot be read."""

    exit_code = ExitCode.SOURCE


class DiffError(SourceError):
    """The text is not a unified diff we can account for line by line."""


class ProviderError(ReviewerError):
    """A model call failed for good: what is lost with it makes the review incomplete.

    `retryable` tells the pool whether another attempt can help; `retry_after` is the server's own wish in
    seconds, if it stated one; `fatal` marks failures that will hit every later call too (wrong key, unknown
    model), so that the pool stops asking.
    """

    exit_code = ExitCode.INCOMPLETE

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        fatal: bool = False,
    ) -> None:
        super().__init__(message, hint)
        self.retryable = retryable
        self.retry_after = retry_after
        self.fatal = fatal


class UnreadableReply(ProviderError):
    """The model answered, but not in the agreed form. Never the same as an empty list of findings."""


class DeliveryError(ReviewerError):
    """The review exists, but could not be delivered; the report on disk can be published again."""

    exit_code = ExitCode.UNDELIVERED


class Interrupted(ReviewerError):
    """The run was stopped from outside (SIGINT, SIGTERM); nothing half was posted."""

    exit_code = ExitCode.INTERRUPTED
