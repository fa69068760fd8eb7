"""Sample files that nibabel and pydicom bring along; none where an installation left them out."""

from collections.abc import Iterator
from pathlib import Path

import nibabel
import pydicom

LARGEST = 70_000
"""Bytes; larger ones only cost time."""


def of_nibabel(endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents."""
    yield from _files(Path(nibabel.__file__).parent / "tests" / "data", endings)


def of_pydicom() -> Iterator[tuple[str, bytes]]:
    """Yield names and contents."""
    yield from _files(Path(pydicom.__file__).parent / "data" / "test_files", (".dcm",))


def _files(folder: Path, endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.glob("*")):
        if path.is_file() and path.name.endswith(endings) and path.stat().st_size <= LARGEST:
            yield path.name, path.read_bytes()
