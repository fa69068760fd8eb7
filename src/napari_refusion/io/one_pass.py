"""A file read once, from front to back: header, voxels, hash and checksum come from the same pass over it.

A file on a network share is so fetched once, and neither it nor what it holds compressed lies in memory as a whole.
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, TypeAlias, cast

from napari_refusion.io.plausible import damaged
from napari_refusion.volume.finding import RefusedError, refuse

Digest: TypeAlias = Any
"""What `hashlib.sha256` returns; it carries no public type."""

Packing = Literal["", "gzip", "zlib"]
"""How the bytes after the offset are compressed; ``zlib`` takes a gzip stream as well."""

_PIECE: Final = 2**20
"""Bytes read at a time."""

MOST_SURPLUS: Final = 2**26
"""Bytes after the voxels of a compressed file before it is taken for a decompression bomb."""


class OnePass(io.RawIOBase):
    """Bytes that are read forwards only; the first `keep` of them can be read again."""

    def __init__(self, file: BinaryIO, keep: int = 0, digest: Digest = None) -> None:
        """Begin to read a file, and hash what is read where a digest is given."""
        super().__init__()
        self._read = getattr(file, "read1", file.read)  # one step at a time, so that an error takes nothing with it
        self._digest = digest
        self._error: Exception | None = None
        self._kept = self._next(keep) if keep else b""
        self._at = 0

    @property
    def first(self) -> bytes:
        """Return the first bytes, fewer than `keep` where there are no more."""
        return self._kept

    @property
    def error(self) -> Exception | None:
        """Return what stopped the reading, None where nothing did."""
        return self._error

    def readable(self) -> bool:
        """Return True, as every file that is read."""
        return True

    def seekable(self) -> bool:
        """Return True, although only forwards."""
        return True

    def tell(self) -> int:
        """Return how many bytes lie before the next one."""
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever holds bytes
        """Fill a buffer as far as there are bytes, and return how many there were."""
        piece = self._kept[self._at : self._at + len(buffer)]
        if len(piece) < len(buffer):
            piece += self._next(len(buffer) - len(piece))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte that was kept or lies ahead."""
        target = offset + (self._at if whence == io.SEEK_CUR else 0)
        if whence == io.SEEK_END or (target < self._at and self._at > len(self._kept)):
            raise io.UnsupportedOperation("a file that is read once cannot be gone back in")
        if target <= len(self._kept) and self._at <= len(self._kept):
            self._at = target
        while self._at < target and self.read(min(_PIECE, target - self._at)):
            pass
        return self._at

    def _next(self, count: int) -> bytes:
        """Return the next bytes of the file, fewer only at its end or before an error, which the next call raises."""
        if self._error is not None:
            raise self._error
        pieces: list[bytes] = []
        try:
            while count > 0 and (piece := self._read(min(count, _PIECE))):
                pieces.append(piece)
                count -= len(piece)
                if self._digest is not None:
                    self._digest.update(piece)
        except (OSError, EOFError, zlib.error) as error:
            self._error = error
            if not pieces:
                raise
        return b"".join(pieces)


class _Inflated(io.RawIOBase):
    """Bytes of one zlib or gzip stream in a file; what follows the stream is left alone."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._stream = zlib.decompressobj(wbits=47)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever holds bytes
        piece = b""
        while len(buffer) and not piece and not self._stream.eof:
            packed = self._stream.unconsumed_tail or self._file.read(_PIECE)
            if not packed:
                raise EOFError("the data end too early")
            piece = self._stream.decompress(packed, len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def unpacked(file: OnePass, packing: Packing, keep: int = 0) -> OnePass:
    """Return what a file holds from its present place on, decompressed, the first `keep` bytes of it kept."""
    if packing == "gzip":
        return OnePass(cast("BinaryIO", gzip.GzipFile(fileobj=file, mode="rb")), keep)
    return OnePass(cast("BinaryIO", _Inflated(cast("BinaryIO", file))), keep) if packing else file


@contextmanager
def opened_once(path: Path, keep: int, digest: Digest = None) -> Iterator[OnePass]:
    """Yield a file; where a digest is given, it holds on leaving all bytes of the file, those that nobody read, too."""
    with path.open("rb") as file:
        stream = OnePass(file, keep, digest)
        yield stream
        if digest is not None:
            drain(stream)


def drain(stream: OnePass) -> None:
    """Read a stream to its end, for its hash."""
    while stream.read(_PIECE):
        pass


def hash_whole(path: Path, digest: Digest) -> bytes:
    """Hash a file that is small, as the header of a pair, and return its first bytes; digest None only reads it."""
    with path.open("rb") as file:
        stream = OnePass(file, _PIECE, digest)
        drain(stream)
        return stream.first


def to_the_end(path: Path, stream: OnePass, declared: int, most: float = inf) -> tuple[int, bool]:
    """Read a stream to its end, where its checksum stands.

    Parameters
    ----------
    declared
        Bytes before and of the voxels.
    most
        Further bytes that are read; more of them in what is decompressed are a decompression bomb.

    Returns
    -------
        How many bytes it holds, and whether something else follows them.

    Raises
    ------
    RefusedError
        If it does not end soon after the bytes that were declared, or its checksum fails.
    """
    try:
        while stream.read(_PIECE):
            if stream.tell() > declared + most:
                value = f"{declared} bytes"
                sentence = f"Do not use it, for it declares {value} but does not end when decompressed: {path}"
                raise refuse("size", f"{sentence} Do not use it.", value)
    except gzip.BadGzipFile as error:
        # After a whole member, gzip looks for another one and calls anything else "not a gzipped file".
        if stream.tell() >= declared and "Not a gzipped file" in str(error):
            return stream.tell(), True
        raise damaged(path) from error
    except (EOFError, zlib.error) as error:
        raise damaged(path) from error
    return stream.tell(), False


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, 64 hexadecimal digits.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256() -> Digest:
    """Return a new digest."""
    return hashlib.sha256()


def not_decompressed(path: Path, stream: OnePass) -> RefusedError | None:
    """Return the error for compressed data that cannot be decompressed, None where that was not the fault."""
    return damaged(path) if isinstance(stream.error, EOFError | gzip.BadGzipFile | zlib.error) else None
