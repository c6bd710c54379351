"""Importing many modules in one go."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """For a block of imports at the start of a process: thousands of objects are made and none goes.

    The garbage collector would look through all of them again and again (5 to 15 % of the time) and find nothing. It
    waits until they are there, and never looks at them after.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
