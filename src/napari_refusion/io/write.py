"""Volumes to files; the ending says which kind."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.formats import ending
from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.io.nifti.write import save_labels, save_nifti
from napari_refusion.io.whole_files import atomic
from napari_refusion.notice import DESCRIPTION
from napari_refusion.volume.finding import RefusedError, refuse
from napari_refusion.volume.volume import Volume


def research_only(check_failed: str = "") -> str:
    """Return the description of a fused image, with what failed behind it."""
    return f"{DESCRIPTION}. {check_failed}" if check_failed else DESCRIPTION


def write_volume(
    volume: Volume,
    path: GivenPath,
    overwrite: bool = False,
    description: str = DESCRIPTION,
    keep: Iterable[Path] = (),
) -> None:
    """Write a volume in the format that the file's suffix names: `write_nifti` or `write_png`."""
    path = given_path(path)
    if ending(path) == ".png":
        write_png(volume, path, overwrite, description, keep)
    else:
        write_nifti(volume, path, overwrite, description, keep)


def save_volume(volume: Volume, path: Path, temporary: Path, description: str = DESCRIPTION) -> None:
    """Write a volume that will be at `path` to a temporary place, as `write_volume` does.

    Raises
    ------
    RefusedError
        If the format of `path` cannot hold it.
    """
    if ending(path) == ".png":
        _save_png(volume, path, temporary, description)
    else:
        _check_nifti(volume, path)
        save_nifti(volume, temporary, description)


def save_label_map(
    labels: NDArray[np.int32], volume: Volume, path: Path, temporary: Path, description: str = DESCRIPTION
) -> None:
    """Write numbers of labels, (I, P, L) on the grid of a volume, to a temporary place; they will be at `path`.

    Parameters
    ----------
    description
        See `nifti.write.save_labels`.

    Raises
    ------
    RefusedError
        If NIfTI cannot hold them.
    """
    _check_nifti(volume, path)
    save_labels(labels, volume, temporary, description)


def write_nifti(
    volume: Volume,
    path: GivenPath,
    overwrite: bool = False,
    description: str = DESCRIPTION,
    keep: Iterable[Path] = (),
) -> None:
    """Write a volume as NIfTI-1, see `nifti.write.save_nifti`.

    Parameters
    ----------
    path
        Ends in ``.nii`` or ``.nii.gz``.
    description
        See `nifti.write.save_nifti`.
    keep
        Files that are never replaced, see `atomic`.

    Raises
    ------
    RefusedError
        See `atomic`; also for another suffix and for more than 32767 voxels along an axis.
    """
    path = given_path(path)
    _check_nifti(volume, path)
    with atomic(path, overwrite, keep) as temporary:
        save_nifti(volume, temporary, description)


def _check_nifti(volume: Volume, path: Path) -> None:
    """Refuse a volume that NIfTI cannot hold, and another ending."""
    if ending(path) not in (".nii", ".nii.gz"):
        raise _unknown_ending(path)
    if max(volume.shape) > np.iinfo(np.int16).max:
        sentence = f"Crop the volume: NIfTI holds at most 32767 voxels along an axis, so this cannot be written: {path}"
        raise refuse("output", sentence)


def check_picture(path: Path, grids: Sequence[Volume]) -> None:
    """Refuse before the work to write a volume as a picture, on whichever of these grids it will lie.

    Raises
    ------
    RefusedError
        If `path` ends in ``.png`` and none of the volumes is one slice.
    """
    if ending(path) == ".png" and all(1 not in volume.shape for volume in grids):
        count = f"{grids[0].shape[0]} slices"
        raise refuse("output", f"Write a volume as .nii.gz: a picture cannot hold {count}: {path}", count)


def write_png(
    volume: Volume,
    path: GivenPath,
    overwrite: bool = False,
    description: str = DESCRIPTION,
    keep: Iterable[Path] = (),
) -> None:
    """Write a volume of one slice as an 8-bit PNG, grey or RGB, as it is seen on the screen.

    Parameters
    ----------
    volume
        One slice along one axis; values in [0, 1].
    path
        Ends in ``.png``.
    description
        PNG text entry ``Description``.
    keep
        Files that are never replaced, see `atomic`.

    Raises
    ------
    RefusedError
        See `atomic`; also for more than one slice, for values outside [0, 1], NaN among them, and for another suffix.
    """
    path = given_path(path)
    if ending(path) != ".png":
        raise _unknown_ending(path)
    with atomic(path, overwrite, keep) as temporary:
        _save_png(volume, path, temporary, description)


def _save_png(volume: Volume, path: Path, temporary: Path, description: str) -> None:
    """Write the one slice of a volume that will be at `path` to a temporary place."""
    from PIL import Image, PngImagePlugin

    text = PngImagePlugin.PngInfo()
    text.add_text("Description", description)
    plane = _only_slice(volume, path)
    Image.fromarray(np.round(plane * 255).astype(np.uint8)).save(temporary, format="PNG", pnginfo=text)


def _only_slice(volume: Volume, path: Path) -> np.ndarray:
    """Return the one slice of a volume, values in [0, 1]; refuse several slices and other values."""
    check_picture(path, [volume])
    plane = np.take(volume.data, 0, axis=volume.shape.index(1))
    low, high = float(plane.min()), float(plane.max())
    if not (low >= 0.0 and high <= 1.0):
        value = f"{low:g} to {high:g}"
        sentence = f"Apply a window first: a picture holds brightness from 0 to 1, not {value}: {path}"
        raise refuse("output", sentence, value)
    return plane


def _unknown_ending(path: Path) -> RefusedError:
    """Return the error for a format that is not written."""
    found = ending(path) or "no ending"
    return refuse("output", f"Name it .nii.gz, .nii or, for one slice, .png; it has {found}: {path}", found)
