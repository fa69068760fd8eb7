"""Pairs known to be in register and well windowed, of patients that the medical weights were not trained on.

They are what the limits of the review are calibrated on, and what errors are planted in. Half of the patients are in
one fold, half in the other, so that limits from one fold can be tried on the other.

Single slices of the Whole Brain Atlas are read as uptake where they are coloured, as a scanner's file would hold them;
volumes are opened, aligned and windowed as in the plugin. `--data` is a folder with ``mif``, ``volumes`` and
``petctmr`` as described in `training/README.md`.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.examination import body_slices
from napari_refusion.evidence.measures import foreground
from napari_refusion.fusion.slices import window_sources
from napari_refusion.io.open import open_volume
from napari_refusion.io.picture.read import read_image
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.volume import Volume
from training.palette import values

FOLDS: Final = {
    "Palz": 0,
    "CT16": 0,
    "SPECT36": 0,
    "SPECT11": 0,
    "PsafA": 1,
    "P21": 1,
    "CT37": 1,
    "SPECT9": 1,
    "SPECTX": 1,
}
"""Patient of single slices, the dev-test and the validation ones -> fold."""

VOLUMES: Final = (
    ("aanlib/alzT1_pet_scalar.nii.gz", "aanlib/alzT1_mr.nii.gz", "PT", 0, False),
    ("aanlib/c16_ct8bit.nii.gz", "aanlib/c16_mr.nii.gz", "CT", 0, False),
    ("mni2mm/spm_PET.nii", "mni2mm/spm_T1.nii", "PT", 0, True),
    ("mni2mm/derived_scct_HU.nii.gz", "mni2mm/spm_T1.nii", "CT", 0, True),
    ("mni2mm/spm_SPECT.nii", "mni2mm/spm_T1.nii", "NM", 1, True),
    ("mni3mm_pet/FDOPA_f18.nii", "mni2mm/spm_T1.nii", "PT", 1, True),
    ("mni3mm_pet/D2_RACLOPRIDE_c11.nii", "mni2mm/spm_T2.nii", "PT", 1, True),
    ("mni2mm/clinical_scct_cormack.nii", "mni2mm/spm_T2.nii", "CT", 1, True),
)
"""First and second source, modality of the first, fold, whether they are templates: means of many people.

Patients of stacks are in the fold of their single slices."""

BODIES: Final = {"STS_003": 0, "STS_019": 1, "STS_035": 0}
"""Patient with PET, CT and MRI of a leg or the trunk, the dev-test ones -> fold; PET with CT, and PET with MRI."""

_MODALITIES: Final = {"PET": "PT", "SPECT": "NM", "CT": "CT"}


@dataclass(frozen=True, slots=True, eq=False)
class GoodCase:
    """The slices of one patient, or of one pair of volumes."""

    name: str
    fold: int
    modality: str
    """Of the first source; the second is MRI, or CT beside the PET of a body."""
    slices: tuple[str, ...]
    a: NDArray[np.float32]
    """(n, P, L) windowed first source in [0, 1]."""
    b: NDArray[np.float32]
    """(n, P, L) windowed second source in [0, 1]."""
    study: Study | None = None
    """Both volumes; None for single slices, which are no volume even where they are of one patient."""
    is_template: bool = False
    """Whether both are means of many people, smoother than any patient."""
    is_body: bool = False
    """Whether it is a patient's leg or trunk."""

    @property
    def affine(self) -> NDArray[np.float64]:
        """Return indices to RAS+ mm, (4, 4)."""
        return self.study.fixed.affine if self.study else IPL_TO_RAS

    def body(self) -> list[int]:
        """Return the indices of its slices that are judged, see `examination.body_slices`."""
        sizes = [np.count_nonzero(foreground(*both)) for both in zip(self.a, self.b, strict=True)]
        return np.flatnonzero(body_slices(np.array(sizes))).tolist()

    def single(self, index: int) -> tuple[Volume, Volume]:
        """Return both windowed sources of a slice as volumes of one slice, as images without a place are opened."""
        return (
            Volume(self.a[index : index + 1], IPL_TO_RAS, self.modality, name="first", is_photograph=True),
            Volume(self.b[index : index + 1], IPL_TO_RAS, "MR", name="second", is_photograph=True),
        )


def good_cases(data: Path) -> Iterator[GoodCase]:
    """Yield the cases below a folder, single slices first.

    Raises
    ------
    ValueError
        If one of their files is missing or cannot be read.
    """
    yield from _single_slices(data / "mif")
    for first, second, modality, fold, is_template in VOLUMES:
        both = data / "volumes" / first, data / "volumes" / second
        yield replace(_volumes(*both, (modality, "MR"), fold), is_template=is_template)
    for patient, fold in BODIES.items():
        folder = data / "petctmr/devtest" / patient
        for other, modality in (("ct", "CT"), ("T1w", "MR")):
            both = folder / f"{patient}_pet.nii.gz", folder / f"{patient}_{other}.nii.gz"
            case = _volumes(*both, ("PT", modality), fold)
            yield replace(case, name=f"{case.name}+{modality}", is_body=True)


def chosen(cases: Sequence[GoodCase], each: int) -> list[tuple[GoodCase, int]]:
    """Return `each` slices of the body of each modality, evenly from all its cases."""
    found = []
    for modality in sorted({case.modality for case in cases}):
        own = [(case, index) for case in cases if case.modality == modality for index in case.body()]
        found += [own[place] for place in np.linspace(0, len(own) - 1, each).round().astype(int)]
    return found


def _single_slices(folder: Path) -> Iterator[GoodCase]:
    """Yield the patients of `FOLDS` by the manifest (columns split, task, name, patient)."""
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        raise ValueError(f"{manifest}: no such list of image pairs.")
    with manifest.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["patient"] in FOLDS]
    for patient, task in sorted({(row["patient"], row["task"]) for row in rows}):
        own = [row for row in rows if (row["patient"], row["task"]) == (patient, task)]
        kind = task.removeprefix("MRI-")
        names = tuple(sorted(row["name"] for row in own))
        sides = [
            np.stack([_read(folder / own[0]["split"] / task / side / f"{name}.png") for name in names])
            for side in (kind, "MRI")
        ]
        yield GoodCase(patient, FOLDS[patient], _MODALITIES[kind], names, sides[0], sides[1])


def _read(path: Path) -> NDArray[np.float32]:
    """Return an image, (P, L): its uptake where it is coloured."""
    return values(read_image(path), path, "palette")[0]


def _volumes(first: Path, second: Path, modalities: tuple[str, str], fold: int) -> GoodCase:
    """Return a pair of volumes as the plugin fuses it, the CT of a body in the window of soft tissue."""
    window = "soft" if modalities[1] == "CT" else ""
    study = pair(open_volume(first, modalities[0]), open_volume(second, modalities[1]), windows=("", window))
    a, b = window_sources(study)
    slices = tuple(f"{index:03}" for index in range(len(a)))
    name = first.name.partition(".")[0]
    return GoodCase(name, fold, modalities[0], slices, a, b, study)
