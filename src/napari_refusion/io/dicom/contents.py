"""The content of DICOM files, hashed as it is read."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from napari_refusion.io.dicom.slice import SEND_AGAIN
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.volume.finding import RefusedError, refuse

Source = bytes | BinaryIO
"""A whole file, or an open one, of which only the wanted frames are read."""


def contents(files: Sequence[Path], digest: Any) -> Iterator[tuple[Path, bytes]]:  # noqa: ANN401 - hashlib has no type
    """Yield the content of each file, in order; the next one is read and hashed meanwhile, and no more are held."""

    def read(path: Path) -> bytes:
        content = path.read_bytes()
        digest.update(content)
        return content

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(read, files[0])
        for path, following in zip(files, [*files[1:], None], strict=True):
            try:
                content = coming.result()
            except OSError as error:
                raise unreadable(path, error) from error
            if following is not None:
                coming = reader.submit(read, following)
            yield path, content


def opened(files: Sequence[Path], digest: Any) -> Iterator[tuple[Path, BinaryIO]]:  # noqa: ANN401 - as above
    """Yield each multi-frame file, open: where it holds several volumes, each of these reads its own frames only."""
    for path in files:
        try:
            if len(files) > 1:
                digest.update(path.read_bytes())
            file = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from error
        with file:
            yield path, file


def hash_of_one(path: Path) -> str:
    """Return the hash of a file that holds all frames; its other volumes need not read all of it again."""
    try:
        state = path.stat()
        return _hashed(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        raise unreadable(path, error) from error


@lru_cache(maxsize=16)
def _hashed(path: Path, _size: int, _changed: int) -> str:
    return sha256_of(path)


def unreadable(path: Path, error: BaseException) -> RefusedError:
    """Return the refusal of a file that cannot be opened or decoded."""
    return refuse("pixels", f"{path.name} cannot be read ({type(error).__name__}: {str(error)[:120]}). {SEND_AGAIN}")
