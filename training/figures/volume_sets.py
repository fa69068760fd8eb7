"""Slices of volumes to measure figures on: read, aligned and windowed as in the plugin, with the masks of tumours.

A patient is a folder with ``*_pet.nii.gz``, ``*_ct.nii.gz``, ``*_T1w.nii.gz`` and ``*_label-gtv_pet_mask.nii.gz``, as
made of the collection Soft-tissue-Sarcoma (Vallieres et al., TCIA 2015, DOI 10.7937/K9/TCIA.2015.7GO2GSKS).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.slices import window_sources
from napari_refusion.io.open import open_volume
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.align import align
from napari_refusion.volume.finding import RefusedError
from training.figures.sets import ImageSet, SourcePair, spread

PARTNERS: Final = (("PET-CT", "ct", "soft"), ("PET-MRI", "T1w", ""))
"""Name of a set of patients, what the second volume's file ends with, and its window: the preset for soft tissue, which
a reader of a trunk or limb chooses, not the plugin's default for CT, the brain."""

LARGE: Final = 40
"""Fewest pixels of a tumour in a slice that is measured."""

Sources = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Both windowed sources, (I, P, L) in [0, 1] each."""

MIDDLE: Final = 0.5
"""Part of a pair of volumes, around its middle, that slices are taken of: a template's ends hold hardly any brain."""


def find_patients(folder: Path) -> list[Path]:
    """Return the patients in a folder, the folder itself if it is one; empty if there are none."""
    candidates = [folder, *sorted(path for path in folder.glob("*/"))]
    return [path for path in candidates if any(path.glob("*_pet.nii.gz")) and any(path.glob("*_mask.nii.gz"))]


def patient_sets(patients: Sequence[Path], slices: int) -> list[ImageSet]:
    """Return PET with CT and PET with MRI of patients, up to `slices` slices of each tumour.

    Raises
    ------
    ValueError
        If a volume is missing or cannot be read, a pair must not be fused, or no slice shows enough of the tumour.
    """
    return [_patient_set(patients, *partner, slices) for partner in PARTNERS]


def _patient_set(patients: Sequence[Path], name: str, ending: str, window: str, slices: int) -> ImageSet:
    pairs: list[tuple[str, SourcePair]] = []
    files: list[Path] = []
    for patient in patients:
        pet, other, mask = (_only(patient, end) for end in ("pet", ending, "label-gtv_pet_mask"))
        study, sources = _windowed(pet, other, window)
        tumour = align(study.fixed, open_volume(mask)).volume.data > 0.5
        shown = np.flatnonzero(tumour.sum(axis=(1, 2)) >= LARGE)
        if not shown.size:
            raise ValueError(f"{mask}: no slice has {LARGE} pixels of the tumour; leave the patient out.")
        for index in (int(shown[place]) for place in spread(len(shown), slices)):
            pairs.append((f"{patient.name}_{index:03}", _slice(sources, index, tumour[index])))
        files += [pet, other, mask]
    return _set(name, pairs, files)


def volume_pair_set(text: str, slices: int) -> ImageSet:
    """Return slices of two volumes, given as ``FIRST,SECOND``, from the middle half of their grid.

    Raises
    ------
    ValueError
        If that is no pair of volumes, one cannot be read, or the pair must not be fused.
    """
    paths = [Path(part.strip()) for part in text.split(",")]
    if len(paths) != 2:
        raise ValueError(f"--data {text}: give two volumes as FIRST,SECOND, or a folder.")
    study, sources = _windowed(paths[0], paths[1], "")
    count = len(sources[0])
    middle = range(round(count * (1 - MIDDLE) / 2), max(round(count * (1 + MIDDLE) / 2), 1))
    indices = [middle[place] for place in spread(len(middle), slices)]
    name = f"{study.a.volume.name}+{study.b.volume.name}"
    return _set(name, [(f"{name}_{index:03}", _slice(sources, index, None)) for index in indices], paths)


def _windowed(first: Path, second: Path, window: str) -> tuple[Study, Sources]:
    """Return two volumes on one grid and their windowed slices; `window` is the second one's, the plugin's if empty."""
    study = pair(open_volume(first), open_volume(second), windows=("", window))
    try:
        study.check()
    except RefusedError as error:
        raise ValueError(f"{first} with {second}: {error}") from error
    return study, window_sources(study)


def _slice(sources: Sources, index: int, tumour: NDArray[np.bool_] | None) -> SourcePair:
    a, b = (volume[index].astype(np.float64) for volume in sources)
    return SourcePair(a, b, "medical", tumour)


def _set(name: str, pairs: Sequence[tuple[str, SourcePair]], files: Sequence[Path]) -> ImageSet:
    return ImageSet(name, tuple((label, partial(_known, pair)) for label, pair in pairs), tuple(files))


def _known(pair: SourcePair) -> SourcePair:
    return pair


def _only(patient: Path, ending: str) -> Path:
    """Return the volume of a patient whose name ends so."""
    found = sorted(patient.glob(f"*_{ending}.nii.gz"))
    if len(found) != 1:
        raise ValueError(f"{patient}: holds {len(found)} volumes *_{ending}.nii.gz instead of one.")
    return found[0]
