"""What decoding compressed DICOM in a child process costs: ``python -m benchmarks.decoding_child [--slices 300]``.

One series of CT slices is written for each way of compression. Each is opened as the program does it, and with its
pixels decoded in one child for the whole series, which has limits of memory and time: what is compressed goes to it and
the stored numbers come back through pipes, one image after the other. Both in turn, the medians of several runs, with
the child started anew for each series, and with one that was started before. Seconds of the processor are counted, of
both processes, for nothing runs at the same time: other work on the computer does not count.
"""

import argparse
import os
import pickle
import resource
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Final, cast
from unittest import mock

import numpy as np
from pydicom import dcmread
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from benchmarks.reading import write_series
from napari_refusion.io.dicom import values
from napari_refusion.io.dicom.decode import decoded
from napari_refusion.io.dicom.slice import Slice
from napari_refusion.io.dicom.stored import Stored

SYNTAXES: Final = {"RLE": RLELossless, "JPEG-LS": JPEGLSLossless, "JPEG 2000": JPEG2000Lossless}
MEMORY: Final = 2**31
"""Bytes of address space that the child may take."""
PATIENCE: Final = 10.0
"""Seconds that one image may take."""
_HEAD: Final = 32
"""Bytes before the numbers of an image: their type, and how many bytes they are."""


class Child:
    """A process that decodes images, and whose answers are never taken for more than numbers."""

    def __init__(self) -> None:
        """Start it."""
        command = [sys.executable, "-m", "benchmarks.decoding_child", "--child"]
        self._running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def decoded(self, content: bytes, images: Sequence[Slice], stored: Stored) -> Iterator[tuple[Slice, np.ndarray]]:
        """Yield what `decode.decoded` does of a file with one image."""
        question = pickle.dumps((content, images, stored))
        into, out = cast("IO[bytes]", self._running.stdin), cast("IO[bytes]", self._running.stdout)
        into.write(len(question).to_bytes(8, "little") + question)
        into.flush()
        if not select.select([out], [], [], PATIENCE)[0]:
            raise TimeoutError
        head = out.read(_HEAD)
        answer = bytearray(int.from_bytes(head[8:16], "little"))
        view = memoryview(answer)
        while view:
            view = view[out.readinto(view) :]  # type: ignore[attr-defined]
        dtype = np.dtype(head[:8].decode().strip())
        yield images[0], np.frombuffer(answer, dtype).reshape(stored.rows, stored.columns)

    def spent(self) -> float:
        """Return the seconds of the processor that it took so far."""
        fields = Path(f"/proc/{self._running.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """End it."""
        cast("IO[bytes]", self._running.stdin).close()
        self._running.wait(PATIENCE)


def serve() -> None:
    """Decode what comes until nothing comes any more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    into, out = sys.stdin.buffer, sys.stdout.buffer
    while head := into.read(8):
        content, images, stored = pickle.loads(into.read(int.from_bytes(head, "little")))
        ((_, pixels),) = decoded(content, images, stored)
        answer = np.ascontiguousarray(pixels)
        out.write(answer.dtype.str.ljust(8).encode() + answer.nbytes.to_bytes(8, "little") + bytes(_HEAD - 16))
        out.write(answer.data)
        out.flush()


@contextmanager
def by(child: Child) -> Iterator[None]:
    """Have the pixels of series decoded by a child."""
    with mock.patch.object(values, "decoded", child.decoded):
        yield


def write_compressed(plain: Path, folder: Path, syntax: str) -> None:
    """Write a series compressed."""
    folder.mkdir()
    for file in sorted(plain.iterdir()):
        image = dcmread(file)
        image.compress(syntax, generate_instance_uid=False)
        image.save_as(folder / file.name)


def compare(folder: Path, runs: int) -> tuple[float, float, float]:
    """Return the median seconds of opening a series here, by a child of its own, and by one that runs already."""
    from napari_refusion.io.open import open_volume

    def anew() -> None:
        next(folder.iterdir()).touch()  # or the list of an unchanged folder would be remembered
        open_volume(folder)

    def by_one(child: Child) -> float:
        before = child.spent() + time.process_time()
        with by(child):
            anew()
        return child.spent() + time.process_time() - before

    rounds = []
    for _ in range(runs + 1):
        start = time.process_time()
        anew()
        here = time.process_time() - start
        child = Child()
        first = by_one(child)
        rounds.append((here, first, by_one(child)))
        child.end()
    here, own, other = (statistics.median(times) for times in zip(*rounds[1:], strict=True))
    return here, own, other


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        serve()
        return
    with tempfile.TemporaryDirectory() as name:
        plain = write_series(Path(name) / "plain", given.slices, given.side, 0.0)
        for kind, syntax in SYNTAXES.items():
            write_compressed(plain, Path(name) / kind, syntax)
            here, own, other = compare(Path(name) / kind, given.runs)
            more = partial(lambda now, before: f"{now:.2f} s ({now / before - 1:+.0%})", before=here)
            print(f"| {kind} | {here:.2f} s | {more(own)} | {more(other)} |", flush=True)


if __name__ == "__main__":
    main()
