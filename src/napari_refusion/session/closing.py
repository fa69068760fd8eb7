"""Closing a reader's file, also where something in it cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.record.chain_end import KEPT
from napari_refusion.volume.finding import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_refusion.record.store import Store


def close_store(store: Store, rescue: Callable[[int], Path | None]) -> str:
    """Close a reader's file, and return what the reader must know, empty if all is well.

    Parameters
    ----------
    rescue
        Called where something cannot be written, with how many things that were said are not on the disk; returns a
        file that is not there yet for the whole review, None to lose them.
    """
    try:
        store.close()
    except RefusedError as error:
        told = _rescued(store, rescue, str(error).removesuffix(KEPT))
        store.close(discard=True)
        return told
    return ""


def _rescued(store: Store, rescue: Callable[[int], Path | None], why_not: str) -> str:
    count = len(store.unsaved)
    lost = "The last entry is lost" if count == 1 else f"The last {count} entries are lost"
    chosen = rescue(count)
    if chosen is None:
        return f"{lost}, for no other place was chosen. {why_not}"
    try:
        store.save_elsewhere(chosen)
    except RefusedError as error:
        return f"{lost}. {error}"
    return f"The whole review is saved in {chosen}: replace the old file with it."
