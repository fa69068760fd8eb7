"""Small cohorts on the disk: BIDS trees and tables of pairs, a fraction of a second for each case."""

from collections.abc import Sequence
from pathlib import Path

import nibabel
import numpy as np

from napari_refusion.batch.case import Job
from napari_refusion.batch.cases import BatchCase, listed
from napari_refusion.batch.recipe import Recipe
from napari_refusion.session.settings import FuseSettings
from tests.small_pair import blob

SHAPE = (12, 14, 4)
"""Voxels of each image, right to left first."""

PLAIN = Recipe(FuseSettings(engine="maximum"))
"""By a rule: no network is loaded."""


def write_image(path: Path, seed: int, shape: tuple[int, int, int] = SHAPE) -> Path:
    """Write an image of a ball with noise of its own, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(blob(shape, seed), np.diag([4.0, 4.0, 4.0, 1.0]))
    image.header.set_xyzt_units("mm")
    nibabel.save(image, path)
    return path


def write_subject(root: Path, label: str, seed: int = 0, suffixes: Sequence[str] = ("pet", "T1w")) -> Path:
    """Write a subject of a BIDS tree without sessions, and return its folder."""
    for place, suffix in enumerate(suffixes):
        kind = "anat" if suffix in ("T1w", "T2w", "FLAIR") else suffix
        write_image(root / f"sub-{label}" / kind / f"sub-{label}_{suffix}.nii.gz", 2 * seed + place)
    return root / f"sub-{label}"


def write_tree(root: Path, labels: Sequence[str]) -> Path:
    """Write a BIDS tree with one PET and one MRI of each subject, and return its folder."""
    for seed, label in enumerate(labels):
        write_subject(root, label, seed)
    return root


def corrupt(image: Path) -> None:
    """Cut a file in half."""
    image.write_bytes(image.read_bytes()[: image.stat().st_size // 2])


def only_job(root: Path, output: Path, recipe: Recipe = PLAIN) -> Job:
    """Return the one case of a tree as a job."""
    (case,) = listed(root).cases
    return Job(case, recipe, output)


def names(cases: Sequence[BatchCase]) -> list[str]:
    """Return what cases are called."""
    return [case.name for case in cases]
