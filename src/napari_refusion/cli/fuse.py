"""The command ``napari-refusion fuse``."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from napari_refusion.cli import options
from napari_refusion.cli.printed import print_findings, say, stops_in_words
from napari_refusion.cli.reading import grid_of, moves_in, open_pair
from napari_refusion.fusion.engines import DEFAULT_ENGINE
from napari_refusion.model.tasks import DEFAULT_TASK
from napari_refusion.numerics.colour import DEFAULT_PALETTE
from napari_refusion.volume.finding import refuse

if TYPE_CHECKING:
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.session.moves import Moves
    from napari_refusion.session.settings import FuseSettings
    from napari_refusion.study.study import Study
    from napari_refusion.volume.volume import Volume


def fuse(
    first: options.A,
    second: options.B,
    output: options.Output,
    weights: options.WeightsOption = "",
    engine: options.EngineOption = DEFAULT_ENGINE,
    task: options.TaskOption = DEFAULT_TASK,
    modality_a: options.ModalityA = None,
    modality_b: options.ModalityB = None,
    series_a: options.SeriesA = None,
    series_b: options.SeriesB = None,
    volume_a: options.VolumeA = None,
    volume_b: options.VolumeB = None,
    reference: options.Reference = None,
    window_a: options.WindowA = "",
    window_b: options.WindowB = "",
    axis: options.AxisOption = "axial",
    colour: options.ColourOption = DEFAULT_PALETTE,
    device: options.DeviceOption = "auto",
    dicom: options.Dicom = None,
    registration: options.Registration = None,
    two_patients: options.TwoPatients = "",
    identified: options.Identified = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Fuse two images or volumes of one patient and write the result with its provenance."""
    from napari_refusion.io.fused_files import fused_files
    from napari_refusion.io.write import check_picture
    from napari_refusion.session.settings import FuseSettings

    palette = DEFAULT_PALETTE if colour == options.NO_COLOURS else colour
    console = Console(stderr=True)
    with stops_in_words(console):
        settings = FuseSettings(task, weights, axis, grid_of(reference), palette, device, engine)
        files = fused_files(output, with_colour=colour != options.NO_COLOURS)
        files.check(overwrite, keep=(first, second))
        chosen = (modality_a, series_a, volume_a), (modality_b, series_b, volume_b)
        opened = open_pair(console, first, second, chosen)
        read = tuple(path for volume in opened for path in volume.origin.read)
        files.check(overwrite, keep=read)
        check_picture(output, opened)
        _check_dicom(dicom, opened, (files.grey, files.colour, files.provenance))
        moves = moves_in(registration, opened, reference)
        fused, study = _fuse(console, opened, (window_a, window_b), settings, moves, two_patients)
        for target in files.write(fused, overwrite, keep=(first, second, *read), identified=identified):
            say(console, f"wrote {target}")
        for target in _export(console, fused, study, dicom):
            say(console, f"wrote {target}")
        if fused.legend is not None and files.with_colour:
            say(console, f"colours: {fused.legend.in_words()}")


def _check_dicom(folder: Path | None, opened: Sequence["Volume"], results: Sequence[Path]) -> None:
    """Refuse before the work what could not be written as DICOM after it."""
    if folder is None:
        return
    from napari_refusion.io.dicom.export.objects import check_patient, read_reference
    from napari_refusion.io.whole_folder import check_folder

    check_folder(folder)
    if folder.resolve() in [result.resolve() for result in results]:
        sentence = f"Name another folder for the DICOM objects; a file of the result will be called so: {folder}"
        raise refuse("output", sentence, str(folder))
    for volume in opened:
        _check_outside(folder, volume)
    first, second = (read_reference(volume.origin) for volume in opened)
    check_patient(first, second)


def _check_outside(folder: Path, volume: "Volume") -> None:
    """Refuse a new folder inside a source's: its objects would count as further series of the examination."""
    source = volume.origin.opened
    if source is not None and source.is_dir() and folder.resolve().is_relative_to(source.resolve()):
        sentence = f"Choose a folder outside the source {source.name} for the DICOM objects, not {folder}."
        raise refuse("output", sentence, str(folder))


def _export(console: Console, fused: "Fused", study: "Study", folder: Path | None) -> tuple[Path, ...]:
    if folder is None:
        return ()
    from napari_refusion.io.dicom.export.blending import blending_obstacle
    from napari_refusion.io.dicom.export.objects import export_dicom, possible_kinds, read_reference

    a, b = (read_reference(side.source.origin) for side in study.sides)
    if obstacle := blending_obstacle(fused, (a, b)):
        say(console, f"blending.dcm is not written. {obstacle}")
    return export_dicom(fused, (a, b), folder, kinds=possible_kinds(fused, (a, b)))


def _fuse(
    console: Console,
    opened: tuple["Volume", "Volume"],
    windows: tuple[str, str],
    settings: "FuseSettings",
    moves: "Moves",
    two_patients: str,
) -> tuple["Fused", "Study"]:
    """Return the fused volume and the study that it was made of."""
    from napari_refusion.cli.fusion_progress import FusionProgress
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.session.source import OpenedVolume, Request, Source
    from napari_refusion.study.pairing import reason_of

    first, second = (
        Source(OpenedVolume(volume, side), window=window)
        for volume, side, window in zip(opened, options.Side, windows, strict=True)
    )
    session = FusionSession()
    session.moves = moves
    with FusionProgress(console, partial(print_findings, console, quiet=True)).of(session):
        session.fuse(Request(first, second, settings, two_patients=reason_of(two_patients)))
    fused = session.fused()
    assert session.partial is not None
    return fused, session.partial.study
