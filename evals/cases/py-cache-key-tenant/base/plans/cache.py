import functools
import inspect

from django.core.cache import cache


def remembered(key: str, seconds: int):
    """Remember a result under `key`, filled with the arguments by name."""

    def decorate(function):
        signature = inspect.signature(function)

        @functools.wraps(function)
        def call(*args, **kwargs):
            bound = signature.bind(*args, **kwargs)
            name = key.format(**bound.arguments)
            return cache.get_or_set(name, lambda: function(*args, **kwargs), seconds)

        return call

    return decorate
