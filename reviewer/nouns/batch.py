"""What one model call is shown: pieces of the change that belong together, and the context around them."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.nouns.changeset import FileChange

HunkId = tuple[str, int]  # (path, index in the file's hunks): the ledger's unit


@dataclass(frozen=True, slots=True)
class Context:
    """Code around or behind a piece that the diff does not show. `why` is what the reader is told.

    `text` is redacted and numbered as the file it comes from is, beginning at `start_line` on head (or base
    where `base` is set).
    """

    path: str
    start_line: int
    text: str
    why: str  # "enclosing function", "old version", "definition of X", "schema of Y", "test of Z", …
    base: bool = False
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Some or all hunks of one file. `hunks` are indexes into `file.hunks`, ascending.

    A hunk too large for a batch is split by `window`: the half-open range of its line indexes shown here;
    None shows the hunks whole. Only single-hunk pieces have a window.
    """

    file: FileChange
    hunks: tuple[int, ...]
    window: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One review call's worth. `tokens` estimates pieces plus contexts."""

    id: str
    pieces: tuple[Piece, ...]
    contexts: tuple[Context, ...] = ()
    tokens: int = 0

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(piece.file.path for piece in self.pieces))
