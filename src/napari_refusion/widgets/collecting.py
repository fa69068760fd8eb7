"""Importing without collections of garbage, for which the window stands still."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no garbage for a while; what was imported counts as old afterwards.

    Imports make so many objects that Python looks through all of them several times, 0.2 s each, and then once more;
    the window stands still meanwhile.
    """
    if not gc.isenabled() or gc.get_freeze_count():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        # to and from where nothing is collected: into the oldest generation, without looking through them
        gc.freeze()
        gc.unfreeze()
        gc.enable()
