"""GitHub: the one client, what it reads of a pull request, and trees that need no checkout.

Sources read through it and `reviewer.publish` is the only one that writes through it. PyGithub is imported by the
first call (or by `warm`), never by importing this package.
"""

from reviewer.github.answer import Answer
from reviewer.github.client import GitHub, warm
from reviewer.github.endpoints import Endpoints, PullReference, pull_reference
from reviewer.github.failure import GitHubFailure, Kind

__all__ = ["Answer", "Endpoints", "GitHub", "GitHubFailure", "Kind", "PullReference", "pull_reference", "warm"]
