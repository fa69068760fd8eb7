"""Time and memory of reading: ``python -m benchmarks.reading [--slices 300] [--side 512] [--folder FOLDER]``.

Two series of CT slices are written, half a voxel apart, unless the folder has them. Printed are

* *time*: opening one of them (listing the folder included) against a plain loop of pydicom over the same files:
  dcmread, pixel_array and rescale to float32, stacked; both in turn, the medians of several runs;
* *memory*: the peak of reading and pairing both, in float32 volumes for each source, as tracemalloc counts it and as
  the resident set grows beyond what the imports take.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

SPACING = 0.7
"""mm between pixels; slices are 1 mm apart."""


def write_series(folder: Path, slices: int, side: int, shift: float) -> Path:
    """Write a noisy ball as a CT series, its first voxel so many mm from the origin, unless the folder has it."""
    if folder.is_dir() and len(list(folder.iterdir())) == slices:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    series, frame, random = generate_uid(), generate_uid(entropy_srcs=["frame"]), np.random.default_rng(int(shift * 10))
    rows, columns = np.ogrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    for k, z in enumerate(np.linspace(-1, 1, slices).tolist()):
        ball = (rows**2 + columns**2 + z**2 < 0.8) * 1000 + random.integers(0, 100, (side, side))
        image = _slice(k, ball.astype(np.int16), shift)
        image.SeriesInstanceUID, image.FrameOfReferenceUID = series, frame
        image.save_as(folder / f"{k:04d}.dcm", enforce_file_format=True)
    return folder


def _slice(k: int, values: np.ndarray, shift: float) -> Dataset:
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, generate_uid()
    image.StudyInstanceUID, image.PatientID = generate_uid(entropy_srcs=["study"]), "BENCHMARK"
    image.Modality, image.SeriesNumber, image.InstanceNumber = "CT", 1 + int(10 * shift), k + 1
    image.SeriesDescription, image.ImageType = "ball", ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.ImagePositionPatient, image.ImageOrientationPatient = [shift, shift, k + shift], [1, 0, 0, 0, 1, 0]
    image.PixelSpacing, image.SliceThickness = [SPACING, SPACING], 1
    image.Rows, image.Columns = values.shape
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 1
    image.RescaleSlope, image.RescaleIntercept, image.RescaleType = 1, -1024, "HU"
    image.PixelData = values.tobytes()
    return image


def plain(folder: Path) -> np.ndarray:
    """Return a series as pydicom reads it, (slice, row, column): what opening is compared with."""
    read = []
    for path in sorted(folder.iterdir()):
        image = dcmread(path)
        values = image.pixel_array * float(image.RescaleSlope) + float(image.RescaleIntercept)
        read.append(values.astype(np.float32))
    return np.stack(read)


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def time_ratio(folder: Path, runs: int) -> tuple[float, float]:
    """Return the median seconds of opening a series and of the plain loop, run in turn after one of each."""
    from napari_refusion.io.open import open_volume

    def anew() -> None:
        next(folder.iterdir()).touch()  # or the list of an unchanged folder would be remembered
        open_volume(folder)

    pairs = [(seconds(anew), seconds(lambda: plain(folder))) for _ in range(runs + 1)][1:]
    return statistics.median(ours for ours, _ in pairs), statistics.median(theirs for _, theirs in pairs)


def memory(first: Path, second: Path, traced: bool) -> float:
    """Return the peak of reading and pairing two series, in MB: traced, or as the resident set grew."""
    from napari_refusion.io.open import open_volume
    from napari_refusion.study.pairing import pair

    small, other = (open_volume(sorted(folder.iterdir())[0]) for folder in (first, second))
    pair(small, other)  # imports what pairing needs
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if traced:
        tracemalloc.start()
    pair(open_volume(first), open_volume(second))
    if traced:
        return tracemalloc.get_traced_memory()[1] / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--memory", choices=["traced", "resident"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp())
    size = f"{given.slices}x{given.side}"
    first, second = (
        write_series(folder / f"{name}-{size}", given.slices, given.side, shift)
        for name, shift in (("one", 0.0), ("two", SPACING / 2))
    )
    if given.memory:  # in a process of its own: the resident set only grows
        print(json.dumps(memory(first, second, given.memory == "traced")))
        return
    ours, theirs = time_ratio(first, given.runs)
    print(f"time: {ours:.2f} s to open, {theirs:.2f} s for pydicom alone: {ours / theirs:.2f} times")
    volume = given.slices * given.side**2 * 4 / 2**20
    for kind in ("traced", "resident"):
        words = [sys.executable, "-m", "benchmarks.reading", "--memory", kind, "--folder", str(folder)]
        words += ["--slices", str(given.slices), "--side", str(given.side)]
        peak = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        print(f"memory, {kind}: {peak:.0f} MB, {peak / volume / 2:.2f} float32 volumes for each source")


if __name__ == "__main__":
    main()
