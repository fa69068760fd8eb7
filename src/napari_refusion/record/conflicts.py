"""Files beside a reader's own that hold more of the same reader.

A program that keeps the folders of several computers alike leaves them, as ``R1 (conflicted copy).sqlite`` or
``R1-PC.sqlite``, where both wrote at once; only one of the two has the name that this program reads.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from napari_refusion.record.events import BOOKKEEPING, Event
from napari_refusion.record.inspection import inspect
from napari_refusion.record.merging import news
from napari_refusion.volume.finding import Finding, RefusedError


def conflicts(path: Path, reader: str, chain: Callable[[], Sequence[Event]]) -> tuple[Finding, ...]:
    """Return a warning for each file called after a reader that holds what the reader did and the own file does not.

    Events before the first that is broken are counted. A file that cannot be read holds none.

    Parameters
    ----------
    path
        The reader's own file; the others are looked for beside it.
    chain
        Returns what is in it; not asked where no other file is there, as nearly always.
    """
    there = sorted(path.parent.glob(f"{reader}*.sqlite"))
    others = [one for one in there if one != path and not one.name.startswith(f"{reader}.damaged-")]
    own = chain() if others else ()
    return tuple(_told(other.name, reader, count) for other in others if (count := _more_in(other, reader, own)))


def _more_in(other: Path, reader: str, chain: Sequence[Event]) -> int:
    try:
        there = inspect(other, reader).records.events
    except RefusedError:  # a file of whatever kind; what a reader's own file should be is verified by its name
        return 0
    more = (event for _, _, event in news(chain, there))
    return sum(event.reader == reader and event.kind not in BOOKKEEPING for event in more)


def _told(name: str, reader: str, count: int) -> Finding:
    what = "1 event" if count == 1 else f"{count} events"
    sentence = (
        f"Take over what {name} holds, with review merge PROJECT FILE: {what} of {reader} that are not in this record. "
        "Such a file is left where two computers wrote at once into a folder that is kept alike on both."
    )
    return Finding("warn", "review", sentence, f"{count} elsewhere")
