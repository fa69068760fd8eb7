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

LARGEST: Final = "NAPARI_REFUSION_LARGEST_ARRAY_MB"
"""Name of the environment variable that says in megabytes which arrays get a file, in place of `SHARE`."""


def room(shape: Sequence[int], dtype: DTypeLike = np.float32) -> np.ndarray:
    """Return an array of zeros, whose file disappears with it where it has one.

    What reads and writes such an array part by part needs only the memory of the parts. The file lies where temporary
    files do (``TMPDIR``), and its whole length is taken at once, so that a full disk is told now and not while voxels
    are written.

    Raises
    ------
    MemoryError
        If neither memory nor that disk has room for it.
    """
    kind = np.dtype(dtype)
    size = kind.itemsize * int(np.prod(shape, dtype=object))
    if size <= largest_in_memory():
        return np.zeros(shape, kind)
    try:
        with tempfile.TemporaryFile(prefix="napari-refusion-") as file:
            _take(file.fileno(), size)
            return np.memmap(file, kind, "r+", shape=tuple(shape))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise MemoryError(f"{size} bytes fit neither into memory nor into {tempfile.gettempdir()}") from error


def largest_in_memory() -> int:
    """Return how many bytes an array may have that gets no file."""
    said = os.environ.get(LARGEST, "")
    return int(float(said) * 1e6) if said else int(SHARE * psutil.virtual_memory().available)


def _take(file: int, size: int) -> None:
    """Give a file its length, on the disk where the system can: a disk that is full later kills whoever writes."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.truncate(file, size)
