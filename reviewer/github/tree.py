"""The files of a commit without a checkout: asked for in bulk, kept, and bounded in requests and bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock, Thread
from typing import NamedTuple

from reviewer.github import blobs
from reviewer.github.blobs import Place
from reviewer.github.client import GitHub
from reviewer.github.failure import GitHubFailure, Kind

# Read for every review, from base: what they say decides, so no budget leaves them out.
ESSENTIAL = (".github/design-reviewer.yml", ".gitattributes")
LARGEST = 1024 * 1024  # bytes of one file


class Entry(NamedTuple):
    """A file as the commit's tree lists it."""

    mode: str
    oid: str
    size: int


@dataclass
class Shelf:
    """What both trees of a pull request have fetched, and how many requests they may still make.

    Context and rules read at the same time: `lock` lets one fetch, and the other find it fetched.

    `ahead` are the files of the change: they go along with the first request, because most will be asked for.
    """

    client: GitHub
    repository: str
    allowance: int  # GraphQL requests
    rest_allowance: int  # REST requests where there is no GraphQL, besides the listings
    listings: int = 2  # of all files of a commit, where there is no GraphQL
    ahead: list[Place] = field(default_factory=list)
    known: dict[Place, bytes | None] = field(default_factory=dict)
    listed: dict[str, dict[str, Entry]] = field(default_factory=dict)  # the files of a commit
    lock: RLock = field(default_factory=RLock)

    def begin(self, head: str, ahead: list[Place]) -> None:
        """Ask for the files of the change, and for the list of all files of `head`, before anybody wants them.

        Only where GraphQL is known to work: over REST every file costs a request, and only what is wanted is read.
        """
        self.ahead = ahead
        if self.client.speaks_graphql():
            if head not in self.listed:
                self.foresee_list(head)
            Thread(target=self._begun, args=(ahead[:1],), name="ahead", daemon=True).start()

    def foresee_list(self, commit: str) -> None:
        """Begin to read the list of all files of a commit, which `entries` will want."""
        self.client.foresee(*_tree(self.repository, commit))

    def _begun(self, first: Sequence[Place]) -> None:
        try:
            with self.lock:
                self.query(first)
        except GitHubFailure:
            return  # whoever wants a file asks for it again, and is told

    def fetch(self, places: Sequence[Place]) -> None:
        """Make `places` known, one REST request each, as far as the allowance reaches."""
        for place in dict.fromkeys(places):
            if place not in self.known:
                self._contents(place, essential=place.path in ESSENTIAL)

    def query(self, places: Sequence[Place]) -> bool:
        """Make `places` known with as few GraphQL requests as it takes; False where there is no GraphQL."""
        missing = [place for place in dict.fromkeys(places) if place not in self.known]
        return not missing or (self.client.graphql_works is not False and self._query(missing))

    def _query(self, missing: list[Place]) -> bool:
        wanted = list(dict.fromkeys([*missing, *(place for place in self.ahead if place not in self.known)]))
        inexact: list[Place] = []
        parts = [wanted[start : start + blobs.PER_QUERY] for start in range(0, len(wanted), blobs.PER_QUERY)]
        parts = parts[: max(0, self.allowance)]
        if self.client.speaks_graphql():
            for part in parts[1:]:
                blobs.foresee(self.client, self.repository, part)
        for part in parts:
            fetched = blobs.by_query(self.client, self.repository, part)
            if fetched is None:
                return False
            self.ahead = []
            self.allowance -= 1
            self.known.update(fetched.found)
            inexact += fetched.inexact
        for place in inexact:
            if place in missing:
                self._contents(place, essential=place.path in ESSENTIAL)
        return True

    def _contents(self, place: Place, *, essential: bool) -> None:
        if essential or self.rest_allowance > 0:
            self.rest_allowance -= 1  # below zero for what must be had
            self.known[place] = blobs.by_contents(self.client, self.repository, place)


class RemoteTree:
    """One commit's files. Links are listed but their targets are never followed by us; see `Tree`."""

    def __init__(self, shelf: Shelf, commit: str) -> None:
        self.shelf = shelf
        self.commit = commit

    def read(self, path: str) -> bytes | None:
        return self.read_many([path]).get(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        wanted = [
            path for path in dict.fromkeys(paths) if path and not path.startswith("/") and ".." not in path.split("/")
        ]
        with self.shelf.lock:
            if not self.shelf.query([Place(self.commit, path) for path in wanted if self._plain(path)]):
                # One listing saves a request for every file that is not there.
                listed = self.entries()
                wanted = [path for path in wanted if not listed or path in listed]
                self.shelf.fetch([Place(self.commit, path) for path in wanted if self._plain(path)])
        found = {path: self.shelf.known.get(Place(self.commit, path)) for path in wanted}
        return {path: raw for path, raw in found.items() if raw is not None and len(raw) <= LARGEST}

    def paths(self) -> Sequence[str]:
        return sorted(path for path, entry in self.entries().items() if entry.mode.startswith("100"))

    def entries(self) -> Mapping[str, Entry]:
        """All files with mode and object id; empty if GitHub cannot list them all (one request, kept)."""
        with self.shelf.lock:
            if self.commit not in self.shelf.listed:
                if self.shelf.client.graphql_works is False and self.shelf.listings <= 0:
                    return {}
                self.shelf.listings -= 1
                self.shelf.listed[self.commit] = _listing(self.shelf.client, self.shelf.repository, self.commit)
            return self.shelf.listed[self.commit]

    def _plain(self, path: str) -> bool:
        """Not known to be a link or a submodule, nor too large."""
        entry = self.shelf.listed.get(self.commit, {}).get(path)
        return entry is None or (entry.mode.startswith("100") and entry.size <= LARGEST)


def _tree(repository: str, commit: str) -> tuple[str, dict[str, str | int]]:
    """Address and parameters of the list of all files of a commit."""
    return f"/repos/{repository}/git/trees/{commit}", {"recursive": 1}


def _listing(client: GitHub, repository: str, commit: str) -> dict[str, Entry]:
    try:
        found = client.get_json(*_tree(repository, commit))
    except GitHubFailure as failure:
        if failure.kind in {Kind.NOT_FOUND, Kind.FORBIDDEN, Kind.REFUSED, Kind.BROKEN}:
            return {}
        raise
    listed = found.get("tree") if isinstance(found, dict) else None
    if not isinstance(listed, list) or found.get("truncated") is True:
        return {}
    entries: dict[str, Entry] = {}
    for item in listed:
        if isinstance(item, dict) and item.get("type") != "tree" and isinstance(item.get("path"), str):
            size = item.get("size")
            entries[item["path"]] = Entry(
                str(item.get("mode")), str(item.get("sha")), size if isinstance(size, int) else 0
            )
    return entries
