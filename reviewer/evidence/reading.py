"""What one file says by itself, whatever else changes: worked out once, and ahead of the detectors that ask for it.

A detector goes over all files before the next one begins. Read for each of them anew, every file of a large change was
parsed three times, and nothing could be shared with another core. A reading belongs to one file: all of them are done
while its syntax trees are at hand, and half of the files can be read by somebody else (`file_by_file`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar, cast

from reviewer.errors import ReviewerError

if TYPE_CHECKING:
    from reviewer.evidence.examined import Examined


class Item(Protocol):
    """A changed file, with its texts or without them."""

    @property
    def path(self) -> str: ...


Read_contra = TypeVar("Read_contra", bound=Item, contravariant=True)
Said_co = TypeVar("Said_co", covariant=True)


class Unread(NamedTuple):
    """Instead of what a file says: a fault of ours, raised again where the reading is asked for."""

    error: Exception


class Reading(Generic[Read_contra, Said_co]):
    """A question to one file. It reads no tree, and its answer can be pickled: it may be given in another process."""

    __slots__ = ("_read", "name")

    def __init__(self, name: str, read: Callable[[Examined, Read_contra], Said_co]) -> None:
        """`name` is the reading's in the registry."""
        self.name = name
        self._read = read

    def __call__(self, examined: Examined, file: Read_contra) -> Said_co:
        """What the file says, read now if that was not done before. Raises what reading it raised."""
        self.ahead(examined, file)
        said = examined.readings[self.name, file.path]
        if isinstance(said, Unread):
            raise said.error
        return cast("Said_co", said)

    def ahead(self, examined: Examined, file: Read_contra) -> None:
        """Read now what is asked for later. Only an error of the user's is raised at once."""
        key = (self.name, file.path)
        if key in examined.readings:
            return
        try:
            examined.readings[key] = self._read(examined, file)
        except ReviewerError:
            raise
        except Exception as error:  # noqa: BLE001  hostile code met a fault of ours: raised where it is contained
            examined.readings[key] = Unread(error)
