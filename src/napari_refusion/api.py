"""The five words of a notebook: `read`, `check`, `pair`, `fuse`, `write`; see `napari_refusion`."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from napari_refusion.fusion.engines import DEFAULT_ENGINE
from napari_refusion.fusion.fuse import Fused, Steps, fuse_volume
from napari_refusion.fusion.preparation import plan_fusion
from napari_refusion.io.choice import VolumeChoice
from napari_refusion.io.fused_files import fused_files
from napari_refusion.io.given_path import GivenPath, GivenPaths
from napari_refusion.io.open import open_volume
from napari_refusion.model.tasks import DEFAULT_TASK
from napari_refusion.numerics.colour import DEFAULT_PALETTE
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import Given
from napari_refusion.study.pairing import pair as pair_volumes
from napari_refusion.study.study import Study
from napari_refusion.volume.finding import Finding, RefusedError, refuse
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume

__all__ = ["check", "fuse", "pair", "read", "write"]


def read(
    path: GivenPaths,
    modality: str | None = None,
    series: str | int | None = None,
    volume: VolumeChoice = None,
) -> Volume:
    """Return the volume in a file or a DICOM folder, in (Inferior, Posterior, Left) order with its affine to RAS+ mm.

    Its arrays can only be read: what is fused of them is recorded with the hash of the file. To change voxels, change a
    copy and take `volume.with_data(copy, name, volume.modality, volume.unit)`, which came from no file.

    Parameters
    ----------
    path
        NIfTI, MGH, NRRD, MetaImage, PNG, TIFF, JPEG, a DICOM file, a folder, zip archive or list of DICOM files, a
        DICOMDIR.
    modality
        ``MR``, ``CT``, ``PT``, ``NM`` or ``OT`` where the file does not say it; chooses among the series of a folder.
    series
        Series Number, Series Instance UID or Series Description, to choose among several series of a DICOM folder.
    volume
        Which of several volumes of a file or series: its number from 0, ``mean`` or ``sum`` of its frames, or the mean
        of those in a span of time, ``02:00-05:00``.

    Raises
    ------
    RefusedError
        If it cannot be read without doubt; its `findings` say why, and what to do.
    """
    named = None if modality is None else str(modality)
    opened = open_volume(path, named, None if series is None else str(series).strip(), volume)
    for array in (opened.data, opened.affine):
        array.setflags(write=False)
    return opened


def check(
    first: Volume,
    second: Volume,
    task: str = DEFAULT_TASK,
    reference: Given | None = None,
    *,
    two_patients: str = "",
) -> tuple[Finding, ...]:
    """Return everything that is noticed about two volumes that are to be fused, as `pair` would.

    Each finding has a `level` (``ok``, ``warn`` or ``block``), a `sentence`, and the `value` that was measured.
    """
    try:
        return pair(first, second, task, reference=reference, two_patients=two_patients).findings
    except RefusedError as error:
        return error.findings


def pair(
    first: Volume,
    second: Volume,
    task: str = DEFAULT_TASK,
    *,
    windows: Sequence[Window | str] = ("", ""),
    reference: Given | None = None,
    moves: tuple[RigidMove | None, RigidMove | None] | GivenPath = (None, None),
    two_patients: str = "",
) -> Study:
    """Return two volumes as a study: in the order of the weights, on one grid, windowed and checked.

    Parameters
    ----------
    task
        ``medical``, ``infrared_visible``, ``multi_focus`` or ``multi_exposure``.
    windows
        Of the first and the second volume: a preset (`volume.preset.PRESETS`, as ``brain`` or ``suv5``), ``header``,
        ``LOW,HIGH`` in the volume's unit, percentiles ``p1,p99``, or empty for its own, see
        `volume.window.choose_window`.
    reference
        Whose grid to use, ``first`` or ``second``; by default the anatomical one with the thinner slices.
    moves
        Registrations that were accepted, of the first and the second volume, see `volume.rigid`; or a DICOM Spatial
        Registration file that says how the two lie to each other.
    two_patients
        Why volumes whose files name two patients are paired all the same; it stands in the record. Empty forbids it.

    Raises
    ------
    RefusedError
        For an unknown task, reference or window, or volumes that cannot be overlaid. What forbids fusing is a blocking
        finding of the study: `fuse` refuses it.
    """
    for one in (first, second):
        if not isinstance(one, Volume):
            value = repr(one) if isinstance(one, str | PathLike) else type(one).__name__
            raise refuse("file", f"Read what is to be paired first, with nr.read: {value} is no volume.", value)
    if isinstance(moves, str | PathLike):
        from napari_refusion.io.dicom.spatial_registration import moves_of

        moves = moves_of(moves, first, second, reference)
    return pair_volumes(
        first, second, task, windows=windows, reference=reference, moves=moves, two_patients=two_patients
    )


def fuse(
    study: Study,
    *,
    weights: str = "",
    axis: str = "axial",
    device: str = "auto",
    engine: str = DEFAULT_ENGINE,
    palette: str = DEFAULT_PALETTE,
    progress: Steps = iter,
) -> Fused:
    """Return the study fused slice by slice: the raw output of the engine, in [0, 1], with the record of its making.

    Parameters
    ----------
    weights
        Name of installed weights or a file; those of the task by default.
    axis
        Direction of the slices, ``axial``, ``coronal`` or ``sagittal``.
    device
        ``auto``, ``cpu``, ``cpu-pytorch`` (nothing compiled), ``cuda``, ``mps``.
    engine
        What fuses: ``refusion``, or a plain rule to compare with, ``average``, ``maximum`` or ``laplacian``.
    palette
        Colours of a functional source, as ``hot_metal_blue`` or ``viridis``: one of `numerics.colour_maps.FUSED_MAPS`.
    progress
        Wraps the iteration over the slices, as ``tqdm`` or ``rich.progress.track`` do.

    Raises
    ------
    RefusedError
        If a finding of the study forbids it, or for an unknown weights file, axis, device, engine or palette.
    """
    if not isinstance(study, Study):
        raise refuse("file", f"Pair two volumes first, with nr.pair: {type(study).__name__} is no study.")
    if not callable(progress):
        raise refuse("file", f"Give a function that wraps an iteration as progress, as tqdm: {progress!r} is none.")
    named = "" if weights is None else str(weights)
    fused = fuse_volume(plan_fusion(study, named, axis, str(device), engine), study, palette, progress)
    fused.volume.data.setflags(write=False)  # its record says how these very voxels were made
    return fused


def write(fused: Fused, path: GivenPath, overwrite: bool = False, *, identified: bool = False) -> tuple[Path, ...]:
    """Write a fused volume, beside it a coloured one where it has colours, and its record; return the files.

    Parameters
    ----------
    path
        Ends in ``.nii.gz`` or ``.nii``, for a single slice also in ``.png``.
    identified
        Whether the record names files and series, which may be the patient's name; else it calls sources by their
        modality, and by their hash.

    Raises
    ------
    RefusedError
        If a file is there and `overwrite` is not given, is one of the files that were fused, or cannot be written;
        nothing half-written is left.
    """
    if not isinstance(fused, Fused):
        raise refuse("file", f"Fuse a study first, with nr.fuse: {type(fused).__name__} is no fused volume.")
    files = fused_files(path)
    files.check(overwrite, keep=fused.sources)
    return files.write(fused, overwrite, keep=fused.sources, identified=identified)
