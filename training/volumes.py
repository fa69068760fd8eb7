"""Slices of a pair of volumes, for training: read, aligned and windowed as in the plugin."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.slices import window_sources
from napari_refusion.io.open import open_volume
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from training.palette import values

FOREGROUND = 0.05
"""Share of a slice that must be brighter than 2 % in both sources."""


def volume_slices(first: Path, second: Path, uptake: str = "luminance") -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the axial slices of a pair of volumes, (2, P, L) in [0, 1], each with a name such as ``sub-1_T1w_017``.

    Slices with hardly anything in one of the sources are left out. The first source of the pair comes first, whichever
    was given first: PET or SPECT before CT before MRI.

    Parameters
    ----------
    first, second
        Files or DICOM folders.
    uptake
        What becomes of colours, ``luminance`` or ``palette``; see `palette.values`.

    Raises
    ------
    ValueError
        If a volume cannot be read, its colours belong to no known palette, the pair must not be fused, or no slice is
        left.
    """
    study = pair(_opened(first, uptake), _opened(second, uptake))
    try:
        study.check()
    except RefusedError as error:
        raise ValueError(f"{first} with {second}: {error}") from error
    first_source, second_source = window_sources(study)
    kept = [
        index
        for index, (a, b) in enumerate(zip(first_source, second_source, strict=True))
        if min((a > 0.02).mean(), (b > 0.02).mean()) >= FOREGROUND
    ]
    if not kept:
        raise ValueError(f"{first} and {second} have no slice in which both show something: check the pair.")
    for index in kept:
        yield f"{study.fixed.name}_{index:03}", np.stack([first_source[index], second_source[index]])


def _opened(path: Path, uptake: str) -> Volume:
    volume = open_volume(path)
    return replace(volume, data=values(volume, path, uptake)) if uptake == "palette" else volume
