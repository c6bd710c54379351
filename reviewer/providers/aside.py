"""A vendor's SDK in a process of its own: it loads there while this one fetches the change and composes what to ask.

Importing an SDK takes longer than all that (0.5 to 1.2 s of one core). What is apart is the call alone: retries,
deadlines, budget, recording and the stop signal stay here. The process gets the key over its pipe and has no other
secret. If it dies, calls under way fail as a broken connection does, and later ones are made in this process.
"""

from __future__ import annotations

import pickle
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from reviewer.child import Child
from reviewer.errors import ProviderError
from reviewer.nouns.exchange import Reply, Request
from reviewer.providers.connection import Account, Sdk
from reviewer.providers.wire import Dialect


class Opened(NamedTuple):
    """The first thing the other process says: its client's address, or why there is none."""

    url: str = ""
    official: bool = False
    error: Exception | None = None


class Ask(NamedTuple):
    """One call to make."""

    number: int
    request: Request
    dialect: Dialect


class Said(NamedTuple):
    """What became of a call: the reply, or an error of ours."""

    number: int
    outcome: Reply | Exception


class Aside:
    """The process, loading an SDK already, until it is told an account; from then on an `Sdk`. Ends with its child."""

    def __init__(self, child: Child, provider: str) -> None:
        self.provider = provider
        self._child = child
        self._lock = threading.Lock()
        self._ready = threading.Event()  # the process has said what it has to say, or is gone
        self._opened = Opened()
        self._waiting: dict[int, queue.SimpleQueue[Reply | Exception | None]] = {}
        self._asked = 0
        self._gone = False
        self._local: Sdk | None = None
        self._here = False  # whether the local one is open

    def open_for(self, account: Account, local: Callable[..., Sdk]) -> Sdk:
        """Begin to open a client for `account`; `local` makes one of this process, for when the other is gone.

        Returns at once. A process serves one account: raises ValueError for a second.
        """
        if self._local is not None:
            raise ValueError("this process has an account already")
        self._local = local(**account._asdict())
        threading.Thread(target=self._listen, name=f"aside-{self.provider}", daemon=True).start()
        self._send(account)
        return self

    @property
    def url(self) -> str:
        return self._opened.url or self._instead.url

    @property
    def official(self) -> bool:
        return self._opened.official if self._opened.url else self._instead.official

    def open(self) -> None:
        """Wait until the SDK is loaded and its client made; raises what the other process met on the way."""
        self._ready.wait()
        if self._opened.error is not None:
            raise self._opened.error
        if self._gone:
            self._open_here()

    def call(self, request: Request, dialect: Dialect) -> Reply:
        answer = self._expect()
        if answer is None:
            self._open_here()
            return self._instead.call(request, dialect)
        number, box = answer
        # whether the reply is accepted is decided on this side; the function need not travel
        self._send(Ask(number, replace(request, accept=None), dialect))
        outcome = box.get()
        if isinstance(outcome, Reply):
            return outcome
        raise outcome or ProviderError(
            f"The process that asks {self.provider} died ({self._child.cause_of_death()})", retryable=True
        )

    def close(self) -> None:
        """Ends the process, and so the calls under way; a later one opens anew, in this process."""
        self._child.kill()
        with self._lock:
            self._gone = True
            self._here = False
            if self._local is not None:
                self._local.close()

    @property
    def _instead(self) -> Sdk:
        assert self._local is not None, "open_for() comes first"
        return self._local

    def _open_here(self) -> None:
        with self._lock:
            if not self._here:
                self._instead.open()
                self._here = True

    def _expect(self) -> tuple[int, queue.SimpleQueue[Reply | Exception | None]] | None:
        """A number for a call, and where its outcome will be put; None if the process is gone."""
        with self._lock:
            if self._gone:
                return None
            self._asked += 1
            box = self._waiting[self._asked] = queue.SimpleQueue()
            return self._asked, box

    def _send(self, value: object) -> None:
        try:
            self._child.pipe.send(value)
        except OSError:
            self._child.kill()  # it reads no more; the listener tells everybody who waits

    def _listen(self) -> None:
        """Take what the process says to whom it is for, until it is gone."""
        try:
            while True:
                said = self._child.pipe.receive()
                if isinstance(said, Said):
                    with self._lock:
                        box = self._waiting.pop(said.number)
                    box.put(said.outcome)
                else:
                    self._opened = said
                    self._ready.set()
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            with self._lock:
                self._gone = True
                waiting, self._waiting = self._waiting, {}
            self._ready.set()
            for box in waiting.values():
                box.put(None)
