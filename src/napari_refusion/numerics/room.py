"""Room for volumes: in memory, or in a file that stands behind them where memory would be short."""

import errno
import os
import tempfile
from collections.abc import Sequence
from typing import Final

import numpy as np
import psutil
from numpy.typing import DTypeLike

SHARE: Final = 0.25
"""Of the memory that is free; a larger array gets a file. A pair and its result are at least four arrays."""

MOST: Final = 0.8
"""Of the memory that is free, for what works on one slice alone."""

LARGEST: Final = "NAPARI_REFUSION_LARGEST_ARRAY_MB"
"""Name of the environment variable that says in megabytes which arrays get a file, in place of `SHARE`."""


def room(shape: Sequence[int], dtype: DTypeLike = np.float32, share: float | None = None) -> np.ndarray:
    """Return an array of zeros, whose file disappears with it where it has one.

    What reads and writes such an array part by part needs only the memory of the parts. The file lies where temporary
    files do (``TMPDIR``), and its whole length is taken at once, so that a full disk is told now and not while voxels
    are written.

    Parameters
    ----------
    share
        Of the memory that is free, from which on it has a file; `SHARE` by default.

    Raises
    ------
    MemoryError
        If neither memory nor that disk has room for it.
    """
    kind = np.dtype(dtype)
    size = kind.itemsize * int(np.prod(shape, dtype=object))
    if size <= largest_in_memory(SHARE if share is None else share):
        return np.zeros(shape, kind)
    try:
        with tempfile.TemporaryFile(prefix="napari-refusion-") as file:
            _take(file.fileno(), size)
            return np.memmap(file, kind, "r+", shape=tuple(shape))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM):
            raise
        raise MemoryError(
            f"{size / 1e9:.1f} GB are needed, which fit neither into memory nor into {tempfile.gettempdir()}"
        ) from error


def largest_in_memory(share: float) -> int:
    """Return how many bytes an array may have that gets no file: a share of the memory that is free."""
    said = os.environ.get(LARGEST, "")
    return int(float(said) * 1e6) if said else int(share * psutil.virtual_memory().available)


def check_free(size: float) -> None:
    """Do nothing where so many bytes of memory are free, for what takes them by itself.

    Linux gives a program memory that is not there, and ends it when it is used.

    Raises
    ------
    MemoryError
        If they are not.
    """
    free = psutil.virtual_memory().available
    if size > free:
        raise MemoryError(f"{size / 1e9:.1f} GB are needed, and {free / 1e9:.1f} GB are free")


def _take(file: int, size: int) -> None:
    """Give a file its length, on the disk where the system can: a disk that is full later kills whoever writes."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.truncate(file, size)
