"""The folder of a saved session: its images and its record appear together, the record last, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import nibabel
import numpy as np

from napari_refusion.io.boundary import decoding
from napari_refusion.io.fused_files import FILES
from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.io.sealed import sealed
from napari_refusion.io.whole_files import together, unwritable
from napari_refusion.io.write import save_volume
from napari_refusion.io.write_json import as_json
from napari_refusion.notice import DESCRIPTION as FUSED
from napari_refusion.notice import RESEARCH_ONLY
from napari_refusion.session.saved.record import RECORD, is_session, read_record
from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.finding import RefusedError, refuse
from napari_refusion.volume.volume import Volume

if TYPE_CHECKING:
    from napari_refusion.session.saved.content import SavedSession
    from napari_refusion.session.saved.layer import StoredArray

FUSED_RECORD: Final = "fused.json"
"""Name of the record of the fused image."""

DESCRIPTION: Final = f"napari-refusion session. {RESEARCH_ONLY}"
"""Header field ``descrip`` of voxels that are no fused image."""


@dataclass(frozen=True, slots=True, eq=False)
class SessionFiles:
    """What is written beside the record of a session."""

    volumes: Mapping[str, Volume] = field(default_factory=dict)
    """Name of a NIfTI file -> what it holds."""
    fused: str = ""
    """Which of them is the fused image; empty for none."""
    fused_record: Mapping[str, Any] | None = None
    """How that was made, as it is written beside a fused image."""


def write_session(
    folder: GivenPath, saved: SavedSession, files: SessionFiles, keep: Iterable[Path] = (), overwrite: bool = False
) -> tuple[Path, ...]:
    """Write a session into a folder, which is made, and return its files, the record last.

    Parameters
    ----------
    saved
        What it holds; the hashes of its files are filled in.
    keep
        Files and folders that were read: they are never replaced, and nothing is written into them.
    overwrite
        Whether a session that is there is replaced; other files never are.

    Raises
    ------
    RefusedError
        If a session is there and `overwrite` is not given, if the folder holds another file of one of the names, or
        cannot be written. What was there is then still there.
    """
    folder = given_path(folder)
    former = _former(folder, overwrite)
    is_new = not os.path.lexists(folder)  # False also where it cannot be looked for
    _make(folder)
    records = [] if files.fused_record is None else [FUSED_RECORD]
    paths = {name: folder / name for name in (*files.volumes, *records, RECORD)}
    _check_names(folder, paths, former)
    stale = [folder / name for name in former if name not in paths and (folder / name).is_file()]
    try:
        with together(list(paths.values()), bool(former), keep, stale) as temporary:
            _write(saved, files, paths, {name: temporary[path] for name, path in paths.items()})
    except BaseException:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
        raise
    return tuple(paths.values())


def _write(saved: SavedSession, files: SessionFiles, paths: Mapping[str, Path], temporary: Mapping[str, Path]) -> None:
    """Write everything that will be at `paths` to temporary places."""
    for name, volume in files.volumes.items():
        save_volume(volume, paths[name], temporary[name], FUSED if name == files.fused else DESCRIPTION)
    hashes = {name: sha256_of(temporary[name]) for name in files.volumes}
    if files.fused_record is not None:
        record = {**files.fused_record, FILES: {files.fused: hashes[files.fused]}}
        temporary[FUSED_RECORD].write_text(as_json(sealed(record), paths[FUSED_RECORD]), encoding="utf-8", newline="\n")
        hashes[FUSED_RECORD] = sha256_of(temporary[FUSED_RECORD])
    content = asdict(replace(saved, files=hashes))
    temporary[RECORD].write_text(as_json(content, paths[RECORD]), encoding="utf-8", newline="\n")


def _check_names(folder: Path, paths: Mapping[str, Path], former: tuple[str, ...]) -> None:
    """Refuse to replace a file that is not of the former session."""
    strangers = [name for name, path in paths.items() if path.exists() and name not in former]
    if strangers:
        words = f"Choose an empty folder: {', '.join(strangers)} is there already and not of a session, in {folder}"
        raise refuse("session", words, strangers[0])


def _former(folder: Path, overwrite: bool) -> tuple[str, ...]:
    """Return the files of the session that a folder holds, the record last; refuse to replace it unasked."""
    if not is_session(folder):
        return ()
    if not overwrite:
        raise refuse("session", f"Choose another folder, or replace the session that is there: {folder}", folder.name)
    try:
        return (*read_record(folder).files, RECORD)
    except RefusedError as error:
        words = f"Choose another folder: the session that is there is damaged or of a later version: {folder}"
        raise refuse("session", words, folder.name) from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except (OSError, ValueError) as error:
        remedy = f"{getattr(error, 'strerror', '') or error}: choose another place"
        raise unwritable(folder, remedy) from error


def check_files(folder: GivenPath, saved: SavedSession) -> None:
    """Refuse a session of which a file is missing or is not the one that was saved.

    Raises
    ------
    RefusedError
        The sentence names the file.
    """
    folder = given_path(folder)
    for name, digest in saved.files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            words = f"Copy the whole folder of the session again: {name} is missing in {folder}"
            raise refuse("session", words, name)
        with decoding(path):
            found = sha256_of(path)
        if found != digest:
            words = f"Copy the whole folder of the session again: {name} is not the file that was saved (SHA-256 "
            raise refuse("session", f"{words}{found[:12]} and not {digest[:12]}): {path}", found)


def stored_volume(data: np.ndarray, *, rgb: bool = False, affine: np.ndarray = IPL_TO_RAS) -> Volume:
    """Return an array of a layer, of two or three dimensions and perhaps colours, as it is written.

    Parameters
    ----------
    affine
        (4, 4) to RAS+ mm, for other programs: a session has its own, in double precision.
    """
    spatial = data.ndim - rgb
    whole = data.reshape((1,) * (3 - spatial) + data.shape)
    if rgb and data.dtype.kind == "u":
        return Volume(whole.astype(np.float32) / np.iinfo(data.dtype).max, affine)
    return Volume(whole.astype(np.float32), affine)


def is_kept(data: np.ndarray, stored: StoredArray) -> bool:
    """Return whether every value of an array comes back as it is."""
    if stored.rgb:
        full = np.iinfo(data.dtype).max if data.dtype.kind == "u" else 1
        steps = data.astype(np.float64) * (255 / full)
        return bool(np.abs(steps - np.round(steps)).max(initial=0) < 1e-4)
    with np.errstate(over="ignore"):
        single = data.astype(np.float32)
        return bool(np.array_equal(single.astype(data.dtype), data, equal_nan=data.dtype.kind == "f"))


def read_array(folder: GivenPath, stored: StoredArray) -> np.ndarray:
    """Return an array of a session as its layer had it; `check_files` has looked at the file before.

    Raises
    ------
    RefusedError
        If it cannot be read, or is of another shape.
    """
    path = given_path(folder) / stored.file
    spatial = stored.shape[:-1] if stored.rgb else stored.shape
    expected = (1,) * (3 - len(spatial)) + tuple(spatial)
    with decoding(path):
        image: Any = nibabel.load(path)
        is_coloured = image.header.get_data_dtype().names is not None
        if tuple(image.shape) != expected or is_coloured != stored.rgb:
            words = f"Copy the whole folder of the session again: {stored.file} holds {image.shape}, not {expected}"
            raise refuse("session", f"{words}: {path}", str(image.shape))
        data = np.asarray(image.dataobj)
        if stored.rgb:
            levels = np.stack([data[colour] for colour in "RGB"], axis=-1)
            whole = levels if stored.dtype == "uint8" else (levels / np.float32(255)).astype(stored.dtype)
        else:
            whole = data.astype(stored.dtype)
        return np.ascontiguousarray(whole.reshape(stored.shape))
