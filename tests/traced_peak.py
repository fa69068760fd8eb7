"""The memory that a piece of work takes, without what other threads of the same process took meanwhile."""

import tracemalloc
from collections.abc import Callable


def traced_peak(work: Callable[[], object]) -> int:
    """Return the peak of bytes held during a piece of work: the least of five runs.

    Python counts the memory of all threads, and one that an earlier test left behind may be at work
    (384 MiB were once counted beside a volume of 18 KB). Whatever it takes only adds.
    """
    return min(_once(work) for _ in range(5))


def _once(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
