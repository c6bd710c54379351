"""The other end of `aside`: a process that loads one SDK and makes the calls it is given."""

from __future__ import annotations

import importlib
import threading
from typing import Any

from reviewer.child import Pipe, to_parent
from reviewer.errors import ProviderError, ReviewerError
from reviewer.loading import loading
from reviewer.nouns.exchange import Reply
from reviewer.providers import load, module_of
from reviewer.providers.aside import Ask, Opened, Said
from reviewer.providers.connection import Account, Rejection, Sdk


def serve(pipe: Pipe) -> None:
    """Load the SDK of the provider named first, open a client for the account that follows, make calls."""
    provider: str = pipe.receive()
    sdk: Sdk
    try:
        api: Any = _loaded(provider)
        account: Account = pipe.receive()
        sdk = api.Sdk(**account._asdict())
        sdk.open()
    except (ReviewerError, ImportError) as error:
        pipe.send(Opened(error=error))
        return
    pipe.send(Opened(sdk.url, sdk.official))
    while True:
        ask: Ask = pipe.receive()
        threading.Thread(target=_answer, args=(ask, sdk, pipe), daemon=True).start()


def _loaded(provider: str) -> object:
    """Our module for the provider, with its SDK loaded."""
    with loading():
        load(provider)
        return importlib.import_module(module_of(provider))


def _answer(ask: Ask, sdk: Sdk, pipe: Pipe) -> None:
    outcome = _outcome(ask, sdk)
    try:
        pipe.send(Said(ask.number, outcome))
    except BrokenPipeError:
        return  # nobody waits for it any more


def _outcome(ask: Ask, sdk: Sdk) -> Reply | Exception:
    """The reply, or what went wrong as an error of ours: a foreign exception may not survive the pipe."""
    try:
        return sdk.call(ask.request, ask.dialect)
    except (ReviewerError, Rejection) as error:
        return error
    except Exception as error:  # noqa: BLE001 - told with its name
        return ProviderError(f"A fault in the reviewer: {type(error).__name__} while asking", "Please report it.")
    except BaseException as error:  # noqa: BLE001 - a panic of native code ends this call, not the process
        return ProviderError(f"The SDK failed ({type(error).__name__})", retryable=True)


def main() -> None:
    """Load, then call until nobody asks any more."""
    pipe = to_parent()
    try:
        serve(pipe)
    except (EOFError, BrokenPipeError):
        return
    finally:
        pipe.close()
