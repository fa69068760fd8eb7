"""Sets of axial slices of volumes, read, aligned and windowed by the package: bodies with tumours, and MRI with MRI."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.open import open_volume
from napari_refusion.numerics.intensity import Window, rescale_to_window
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.align import align
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import volume_window
from training.pack.encoding import LeftOut, PackedImage, PlannedSet, codes, packed
from training.pack.pictures import brightness
from training.pack.reading import Channel
from training.volumes import FOREGROUND

PET: Final = Channel("PET", 0.0, 20.0, root=True)
"""SUV; a step is 0.035 at SUV 1 and 0.11 at SUV 10."""

CT: Final = Channel("CT", -190.0, 310.0, root=False)
"""HU; a soft-tissue window with a margin, in steps of 2."""

TUMOUR: Final = Channel("tumour", 0.0, 1.0, root=False)

HELD_OUT: Final = ("STS_048", "STS_029")
"""Patients with a sarcoma who are held out of training."""

CONTRASTS: Final = ("T1w", "T2w", "FLAIR")
"""MRI contrasts in the order in which they are paired."""


def body_sets(data: Path, every: int = 1) -> Iterator[PlannedSet]:
    """Yield the sets of sarcomas: PET with CT on the CT's grid, PET and CT with T1 on the T1's grid."""
    folder = data / "petctmr/train"
    mri = brightness("MRI")
    yield PlannedSet("body-ct", "medical", (PET, CT, TUMOUR), body_images(folder, "ct", every), HELD_OUT)
    yield PlannedSet("body-mr", "medical", (PET, CT, mri, TUMOUR), body_images(folder, "T1w", every), HELD_OUT)


def body_images(folder: Path, grid: str, every: int) -> Iterator[PackedImage | LeftOut]:
    """Yield every n-th slice of all patients on the grid of their CT (``ct``) or T1 (``T1w``); see `patient_slices`."""
    for patient in sorted(path for path in folder.iterdir() if path.is_dir()):
        try:
            yield from patient_slices(patient, grid, every)
        except RefusedError as error:
            yield LeftOut(f"{patient.name} on the grid of {grid}: {error}")


def patient_slices(patient: Path, grid: str, every: int = 1) -> Iterator[PackedImage]:
    """Yield every n-th slice of a patient of those that show something in PET and in the anatomical volume.

    Raises
    ------
    ValueError
        If a file is missing, holds values that are not finite, or PET is not in SUV or CT not in HU.
    RefusedError
        If the package refuses a volume or the pair.
    """
    pet, ct, mask = (_opened(patient / f"{patient.name}_{name}.nii.gz") for name in ("pet", "ct", "label-gtv_pet_mask"))
    for volume, unit in ((pet, "SUVbw"), (ct, "HU")):
        if volume.unit != unit:
            raise ValueError(f"{volume.name}: is in {volume.unit or 'no known unit'}, a pack needs {unit}: convert it.")
    study = _paired(pet, ct if grid == "ct" else _opened(patient / f"{patient.name}_T1w.nii.gz"))
    tumour = align(study.fixed, mask).volume.grey >= 0.5
    if grid == "ct":
        window = Window(CT.low, CT.high)
        channels = [codes(study.a.volume.grey, PET), codes(study.b.volume.grey, CT)]
    else:
        window = volume_window(study.b.volume)
        mri = codes(rescale_to_window(study.b.volume.grey, window), brightness("MRI"))
        channels = [codes(study.a.volume.grey, PET), codes(align(study.fixed, ct).volume.grey, CT), mri]
    stack = np.stack([*channels, codes(tumour, TUMOUR)], axis=1)
    sources = rescale_to_window(study.a.volume.grey, volume_window(pet)), rescale_to_window(study.b.volume.grey, window)
    for index in shown(*sources)[::every]:
        yield packed(f"{patient.name}_{index:03}", stack[index])


def mr_set(data: Path) -> PlannedSet:
    """Return the set of pairs of MRI contrasts of one patient, none of them held out."""
    channels = brightness("first MRI"), brightness("second MRI")
    return PlannedSet("mr", "medical", channels, mr_images(data / "mr_pairs/train"), ())


def mr_images(folder: Path) -> Iterator[PackedImage | LeftOut]:
    """Yield the slices of all pairs of contrasts of all patients, each volume in the package's window."""
    for patient in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = {name: patient / f"{patient.name}_{name}.nii.gz" for name in CONTRASTS}
        for first, second in itertools.combinations([name for name, file in files.items() if file.is_file()], 2):
            given = _opened(files[first]), _opened(files[second])
            try:
                study = _paired(*given)
            except RefusedError as error:
                yield LeftOut(f"{patient.name}, {first} with {second}: {error}")
                continue
            sources = [rescale_to_window(side.volume.grey, side.window) for side in study.sides]
            stack = np.stack([codes(source, brightness("MRI")) for source in sources], axis=1)
            for index in shown(*sources):
                yield packed(f"{patient.name}_{first}_{second}_{index:03}", stack[index])


def shown(a: NDArray[np.float32], b: NDArray[np.float32]) -> list[int]:
    """Return the slices, of (I, P, L) in [0, 1], in which both sources have foreground as in `training.volumes`."""
    shares = ((source > 0.02).mean(axis=(1, 2)) for source in (a, b))
    return [index for index, share in enumerate(np.minimum(*shares)) if share >= FOREGROUND]


def _paired(first: Volume, second: Volume) -> Study:
    """Return two volumes on one grid, or raise `RefusedError` if they must not be fused."""
    study = pair(first, second)
    study.check()
    return study


def _opened(path: Path) -> Volume:
    """Return a volume all of whose values are finite."""
    volume = open_volume(path)
    if not np.isfinite(volume.data).all():
        raise ValueError(f"{path}: holds non-finite values (NaN or infinite): repair the file first.")
    return volume
