"""Writing results: whole or not at all, and never over something by accident.

Everything is written to a temporary file in the same folder, forced to the disk, and then renamed over its final
name. A crash, a full disk or Ctrl+C therefore leaves either the old file or the new one, never half of one.
"""

import errno
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.formats import ending
from napari_refusion.io.nifti.write import ALIGNED, save_labels, save_nifti
from napari_refusion.notice import DESCRIPTION
from napari_refusion.replacing import replacing, replacing_together, temporary_beside
from napari_refusion.volume.finding import RefusedError, refuse
from napari_refusion.volume.volume import Volume

REMEDIES: Final = {
    errno.ENOSPC: "the disk is full: make room or choose another place",
    errno.EDQUOT: "your disk quota is used up: make room or choose another place",
    errno.EACCES: "you have no permission to write there: choose another folder or ask for it",
    errno.EPERM: "you have no permission to write there: choose another folder or ask for it",
    errno.EROFS: "that disk is read-only: choose another folder",
    errno.ENOENT: "its folder does not exist: create it first",
    errno.ENOTDIR: "its folder is not a folder: choose another place",
    errno.ENAMETOOLONG: "its name is too long: choose a shorter one",
}
"""Number of a system's error -> what it means and what to do."""


@contextmanager
def atomic(path: Path, overwrite: bool = False, keep: Iterable[Path] = ()) -> Iterator[Path]:
    """Yield a temporary path to write to; on leaving, it becomes `path`, or disappears if anything went wrong.

    Parameters
    ----------
    path
        Where the result is to be; the temporary file lies in the same folder and has the same suffixes.
    overwrite
        Whether an existing file may be replaced.
    keep
        Files that are never replaced, whatever `overwrite` says: the sources.

    Raises
    ------
    RefusedError
        If the file exists, is one of `keep`, or cannot be written; the sentence says why.
    """
    check_target(path, overwrite, keep)
    with _in_words(path), replacing(path, ending(path), overwrite) as temporary:
        yield temporary


@contextmanager
def together(
    paths: Sequence[Path], overwrite: bool = False, keep: Iterable[Path] = (), stale: Sequence[Path] = ()
) -> Iterator[dict[Path, Path]]:
    """Yield a temporary path for each of several files; on leaving all of them appear or none, the last one last.

    Parameters
    ----------
    paths
        Where the results are to be, in one folder; the last one is the record of the others.
    overwrite
        Whether existing files may be replaced.
    keep
        Files that are never replaced, see `atomic`.
    stale
        Files of a former result that this one lacks; they disappear where `overwrite` allows it.

    Raises
    ------
    RefusedError
        See `atomic`, for any of `paths` and `stale`.
    """
    sources = tuple(keep)
    for path in (*paths, *stale):
        check_target(path, overwrite, sources)
    with (
        _in_words(paths[0]),
        replacing_together({path: ending(path) for path in paths}, overwrite, stale) as temporary,
    ):
        yield temporary


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Turn what the system says against a result into a refusal that names it."""
    try:
        yield
    except FileExistsError as error:
        raise _exists(Path(error.filename or path)) from error
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, f"{error.strerror or error}: choose another place")
        raise unwritable(path, remedy) from error


def research_only(check_failed: str = "") -> str:
    """Return the description of a fused image, with what failed behind it."""
    return f"{DESCRIPTION}. {check_failed}" if check_failed else DESCRIPTION


def write_volume(
    volume: Volume,
    path: Path,
    overwrite: bool = False,
    description: str = DESCRIPTION,
    code: int = ALIGNED,
    keep: Iterable[Path] = (),
) -> None:
    """Write a volume in the format that the file's suffix names: `write_nifti` or `write_png`."""
    if ending(path) == ".png":
        write_png(volume, path, overwrite, description, keep)
    else:
        write_nifti(volume, path, overwrite, description, code, keep)


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


def save_label_map(labels: NDArray[np.int32], volume: Volume, path: Path, temporary: Path) -> None:
    """Write numbers of labels, (I, P, L) on the grid of a volume, to a temporary place; they will be at `path`.

    Raises
    ------
    RefusedError
        If NIfTI cannot hold them.
    """
    _check_nifti(volume, path)
    save_labels(labels, volume, temporary, DESCRIPTION)


def write_nifti(
    volume: Volume,
    path: Path,
    overwrite: bool = False,
    description: str = DESCRIPTION,
    code: int = ALIGNED,
    keep: Iterable[Path] = (),
) -> None:
    """Write a volume as NIfTI-1, see `nifti.write.save_nifti`.

    Parameters
    ----------
    path
        Ends in ``.nii`` or ``.nii.gz``.
    description, code
        See `nifti.write.save_nifti`.
    keep
        Files that are never replaced, see `atomic`.

    Raises
    ------
    RefusedError
        See `atomic`; also for another suffix and for more than 32767 voxels along an axis.
    """
    _check_nifti(volume, path)
    with atomic(path, overwrite, keep) as temporary:
        save_nifti(volume, temporary, description, code)


def _check_nifti(volume: Volume, path: Path) -> None:
    """Refuse a volume that NIfTI cannot hold, and another ending."""
    if ending(path) not in (".nii", ".nii.gz"):
        raise _unknown_ending(path)
    if max(volume.shape) > np.iinfo(np.int16).max:
        sentence = f"Crop the volume: NIfTI holds at most 32767 voxels along an axis, so this cannot be written: {path}"
        raise refuse("output", sentence)


def write_png(
    volume: Volume,
    path: Path,
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
    if 1 not in volume.shape:
        count = f"{volume.shape[0]} slices"
        raise refuse("output", f"Write a volume as .nii.gz: a picture cannot hold {count}: {path}", count)
    plane = np.take(volume.data, 0, axis=volume.shape.index(1))
    low, high = float(plane.min()), float(plane.max())
    if not (low >= 0.0 and high <= 1.0):
        value = f"{low:g} to {high:g}"
        sentence = f"Apply a window first: a picture holds brightness from 0 to 1, not {value}: {path}"
        raise refuse("output", sentence, value)
    return plane


def write_json(content: Mapping[str, Any], path: Path, overwrite: bool = False, keep: Iterable[Path] = ()) -> None:
    """Write named values (a provenance) as UTF-8 JSON; NaN and other things that JSON lacks are refused."""
    text = as_json(content, path)
    with atomic(path, overwrite, keep) as temporary:
        temporary.write_text(text, encoding="utf-8")


def as_json(content: Mapping[str, Any], path: Path) -> str:
    """Return named values as the text of a JSON file that will be at `path`.

    Raises
    ------
    RefusedError
        If they hold NaN or another thing that JSON lacks.
    """
    try:
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        sentence = f"Report this: the record holds what JSON cannot ({error}), so this cannot be written: {path}"
        raise refuse("output", sentence, str(path)) from error


def check_target(path: Path, overwrite: bool, keep: Iterable[Path]) -> None:
    """Refuse a target that must not be written over, or whose folder is missing.

    Callers ask this before work whose result could not be kept.

    Raises
    ------
    RefusedError
        If the file exists, is one of `keep` or lies in a folder of them, is a folder, or has no folder to lie in that
        can be written.
    """
    sources = tuple(keep)
    try:
        if path.is_dir():
            raise refuse("output", f"Name a file in this folder: {path}", str(path))
        if not path.parent.is_dir():
            remedy = REMEDIES[errno.ENOTDIR if path.parent.exists() else errno.ENOENT]
            raise unwritable(path, remedy)
        for source in sources:
            if path.exists() and source.exists() and path.samefile(source):
                raise refuse(
                    "output",
                    f"Choose another name: one of the sources, or of the files read, is never overwritten: {path}",
                )
            if source.is_dir() and path.resolve().is_relative_to(source.resolve()):
                raise refuse("output", f"Choose a folder outside the source {source} for the result, not {path}.")
        if path.exists() and not overwrite:
            raise _exists(path)
        # permissions do not tell: a disk can be read-only, a share can refuse
        trial = temporary_beside(path)
        trial.touch()
        trial.unlink()
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, str(error.strerror or error))
        raise unwritable(path, remedy) from error


def _exists(path: Path) -> RefusedError:
    """Return the error for a result that is there already."""
    return refuse("output", f"Add --overwrite to replace it, or choose another name; this already exists: {path}")


def unwritable(path: Path, remedy: str) -> RefusedError:
    """Return the error for a place that cannot be written, with the remedy first and the path last.

    Parameters
    ----------
    remedy
        What is wrong and, behind a colon, what to do, as in `REMEDIES`.
    """
    wrong, _, action = remedy.rpartition(": ")
    sentence = f"{action[:1].upper()}{action[1:]}: {wrong}, so this cannot be written: {path}"
    return refuse("output", sentence, str(path))


def _unknown_ending(path: Path) -> RefusedError:
    """Return the error for a format that is not written."""
    found = ending(path) or "no ending"
    return refuse("output", f"Name it .nii.gz, .nii or, for one slice, .png; it has {found}: {path}", found)
