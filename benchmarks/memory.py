"""Memory and time of whole work, each in a process of its own: ``python -m benchmarks.memory [--slices 300]``.

A PET of 180 x 180 and a CT of 512 x 512 pixels are made, as many slices of each, and fused on the grid of the CT by
the mean, so that what is measured is all but the network, whose own memory `benchmarks.engine` measures:

* *fuse*: the command line's fusion with its coloured image and record,
* *files*: the same where every volume lies in a file (`numerics.room`),
* *examine*: the examination of that fusion.

Printed are the largest memory of the process and how much of it belongs to no file, in megabytes and in volumes of
float32 on the grid of the CT above what the imports take.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_refusion.numerics.room import LARGEST

SIDE = 512

IMPORTS = "import napari_refusion.cli.fuse, napari_refusion.session.fusion, torch, monai.networks.layers, nibabel"

EXAMINE = """
import sys
import napari_refusion as nr
from napari_refusion.evidence.examination import examine
from napari_refusion.evidence.examiner import start_examiner
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.filling import missing_slices
from napari_refusion.fusion.partial import new_partial
study = nr.pair(*(nr.read(path, modality=modality) for path, modality in zip(sys.argv[1:], ("CT", "PT"))))
engine = start_engine(engine="average")
partial = new_partial(study, "axial", engine.identity)
for slice in missing_slices(partial, engine):
    partial.put(slice.index, slice.image)
for _ in examine(start_examiner(engine), partial):
    pass
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a process took."""

    seconds: float
    peak: int
    """Bytes, its largest resident memory."""
    own: int
    """Bytes, the largest part of it that belongs to no file."""


def taken(command: list[str], largest: str = "1e9") -> Taken:
    """Return what a command took; arrays above `largest` megabytes lie in files."""
    start = time.monotonic()
    environment = {**os.environ, LARGEST: largest, "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    largest_of = {"VmHWM": 0, "RssAnon": 0}
    watch = threading.Thread(target=_watch, args=(child, largest_of))
    watch.start()
    said = child.stderr.read() if child.stderr is not None else b""
    child.wait()
    watch.join()
    if child.returncode:
        raise RuntimeError(said.decode())
    return Taken(time.monotonic() - start, largest_of["VmHWM"], largest_of["RssAnon"])


def _watch(child: "subprocess.Popen[bytes]", largest_of: dict[str, int]) -> None:
    """Keep what Linux tells about a process, bytes: its largest memory, and how much of it belongs to no file.

    The operating system's own account of a child that ended counts what its parent had before it began.
    """
    status = Path(f"/proc/{child.pid}/status")
    while child.returncode is None:
        try:
            lines = status.read_text().splitlines()
        except OSError:
            return
        for name, _, value in (line.partition(":") for line in lines):
            if name in largest_of:
                largest_of[name] = max(largest_of[name], int(value.split()[0]) * 1024)
        time.sleep(0.01)


def make_pair(folder: Path, slices: int) -> tuple[Path, Path]:
    """Write a CT and a PET of an ellipse with a hot spot, and return the files."""
    import nibabel

    paths = folder / "sub-1_ct.nii", folder / "sub-1_pet.nii"
    for path, side in zip(paths, (SIDE, 180), strict=True):
        places = (np.linspace(-1, 1, count) for count in (side, side, slices))
        x, y, z = np.meshgrid(*places, indexing="ij", sparse=True)
        body = (x**2 / 0.6 + y**2 / 0.4 < 1) & (np.abs(z) < 1)
        random = np.random.default_rng(side)
        noise = random.integers(-20, 20, (side, side, slices), dtype=np.int16)
        spot = 40 * np.exp(-((x - 0.2) ** 2 + (y - 0.1) ** 2 + z**2) / 0.003)
        data = np.where(body, 40, -1000) + noise if side == SIDE else np.maximum(0, 5 * body + noise / 20 + spot)
        affine = np.diag([500 / side, 500 / side, 2.0, 1.0])
        image = nibabel.Nifti1Image(data.astype(np.int16 if side == SIDE else np.float32), affine)
        image.header.set_xyzt_units("mm")
        image.to_filename(path)
    return paths


def measure(slices: int) -> tuple[Taken, dict[str, Taken]]:
    """Return what the imports take, and each piece of work."""
    with tempfile.TemporaryDirectory() as name:
        ct, pet = make_pair(Path(name), slices)
        base = taken([sys.executable, "-c", IMPORTS])
        fuse = [sys.executable, "-m", "napari_refusion.cli", "fuse", str(ct), str(pet), "-o", f"{name}/fused.nii"]
        fuse += ["--modality-a", "CT", "--modality-b", "PT", "--engine", "average", "--overwrite"]
        return base, {
            "fuse": taken(fuse),
            "files": taken(fuse, "50"),
            "examine": taken([sys.executable, "-c", EXAMINE, str(ct), str(pet)]),
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slices", type=int, default=300)
    slices = parser.parse_args().slices
    volume = SIDE * SIDE * slices * 4
    base, found = measure(slices)
    print(f"{SIDE} x {SIDE} x {slices}: a float32 volume has {volume / 1e6:.0f} MB, imports {base.peak / 1e6:.0f}")
    for what, one in found.items():
        sizes = "   ".join(
            f"{word} {value / 1e6:5.0f} MB ({(value - start) / volume:4.1f} volumes)"
            for word, value, start in (("peak", one.peak, base.peak), ("own", one.own, base.own))
        )
        print(f"  {what:8} {sizes}   {one.seconds:4.0f} s")


if __name__ == "__main__":
    main()
