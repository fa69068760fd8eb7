"""The command line ``napari-refusion``: fuse, compare, check, weights, demo, review."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from napari_refusion.cli.compare import compare
from napari_refusion.cli.listing import print_list
from napari_refusion.cli.review import app as review_app
from napari_refusion.fusion.engines import DEFAULT_ENGINE, ENGINES
from napari_refusion.io.formats import names_of_formats
from napari_refusion.look import LEVELS
from napari_refusion.model.tasks import DEFAULT_TASK, TASKS
from napari_refusion.notice import NOT_FOR_DIAGNOSIS
from napari_refusion.numerics.colour import DEFAULT_PALETTE, PALETTES
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, RefusedError, blocking, check_name, refuse, worst
from napari_refusion.volume.modality import MODALITIES
from napari_refusion.volume.preset import PRESETS

if TYPE_CHECKING:
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.session.moves import Moves
    from napari_refusion.session.settings import FuseSettings
    from napari_refusion.study.study import Study
    from napari_refusion.volume.volume import Volume

app = typer.Typer(
    help=f"Fuse co-registered MRI, CT, PET and SPECT with ReFusion. {NOT_FOR_DIAGNOSIS}.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(review_app, name="review")
app.command()(compare)

EXIT = {"ok": 0, "warn": 1, "block": 2}
"""Level of the worst finding -> exit status of ``check``."""

MARKS = {level: f"[{look.signal.terminal}]{level}[/]" for level, look in LEVELS.items()}
"""Level of a finding as it is printed."""


class Side(StrEnum):
    """One of the two sources, as they are given."""

    a = "a"
    b = "b"


NO_COLOURS: Final = "none"
"""What is said for no coloured result."""

MODALITY_CODES: Final = "|".join(code for code, one in MODALITIES.items() if one.is_offered)

A = Annotated[Path, typer.Argument(metavar="A", help=f"{names_of_formats()} file or folder.")]
OptionalB = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[B]",
        help="The other one; without it, A is listed, or what is chosen of it is checked. Of a fused A: its sources.",
    ),
]
B = Annotated[Path, typer.Argument(metavar="B", help="The other source; the order of MRI, CT, PET does not matter.")]
TaskOption = Annotated[str, typer.Option(metavar="|".join(TASKS), help="What the images are.")]
ModalityA = Annotated[str | None, typer.Option(metavar=MODALITY_CODES, help="Modality of A if not in its file.")]
ModalityB = Annotated[str | None, typer.Option(metavar=MODALITY_CODES, help="The same for B.")]
SeriesA = Annotated[
    str | None, typer.Option(metavar="NUMBER|UID|DESCRIPTION", help="Series of A, where its folder holds several.")
]
SeriesB = Annotated[str | None, typer.Option(metavar="NUMBER|UID|DESCRIPTION", help="The same for B.")]
VolumeA = Annotated[
    str | None,
    typer.Option(
        metavar="K|mean|sum|MM:SS-MM:SS", help="Volume of A, from 0, where it holds several; or its frames together."
    ),
]
VolumeB = Annotated[str | None, typer.Option(metavar="K|mean|sum|MM:SS-MM:SS", help="The same for B.")]
TwoPatients = Annotated[
    str,
    typer.Option(metavar="REASON", help="Why images whose files name two patients are paired all the same; recorded."),
]
Reference = Annotated[Side | None, typer.Option(help="Grid of the result; the finer anatomical source by default.")]
Output = Annotated[Path, typer.Option("-o", "--output", help=".nii.gz or .nii for volumes, .png for images.")]
WeightsOption = Annotated[str, typer.Option("--weights", help="Installed name or file; those of the task by default.")]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="|".join(ENGINES),
        help=f"What fuses: {', '.join(f'{name} ({entry.description})' for name, entry in ENGINES.items())}.",
    ),
]
WindowA = Annotated[
    str, typer.Option(metavar="WINDOW", help=f"{', '.join(PRESETS)}, header, LOW,HIGH or p1,p99 for A.")
]
WindowB = Annotated[str, typer.Option(metavar="WINDOW", help="The same for B.")]
AxisOption = Annotated[str, typer.Option(metavar="|".join(AXES), help="Direction of the slices that are fused.")]
ColourOption = Annotated[
    str,
    typer.Option(
        metavar="|".join((NO_COLOURS, *PALETTES)), help="Colours of PET or SPECT in the second, coloured result."
    ),
]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda ...")]
Dicom = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="New folder for DICOM as well, if both sources are DICOM. Names patient and study."
    ),
]
Registration = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="DICOM Spatial Registration that says how A and B lie to each other; recorded."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing results.")]


@app.command()
def fuse(
    first: A,
    second: B,
    output: Output,
    weights: WeightsOption = "",
    engine: EngineOption = DEFAULT_ENGINE,
    task: TaskOption = DEFAULT_TASK,
    modality_a: ModalityA = None,
    modality_b: ModalityB = None,
    series_a: SeriesA = None,
    series_b: SeriesB = None,
    volume_a: VolumeA = None,
    volume_b: VolumeB = None,
    reference: Reference = None,
    window_a: WindowA = "",
    window_b: WindowB = "",
    axis: AxisOption = "axial",
    colour: ColourOption = DEFAULT_PALETTE,
    device: DeviceOption = "auto",
    dicom: Dicom = None,
    registration: Registration = None,
    two_patients: TwoPatients = "",
    overwrite: Overwrite = False,
) -> None:
    """Fuse two images or volumes of one patient and write the result with its provenance."""
    from napari_refusion.io.fused_files import fused_files
    from napari_refusion.session.settings import FuseSettings

    palette = DEFAULT_PALETTE if colour == NO_COLOURS else colour
    console = Console(stderr=True)
    with _stops_in_words(console):
        settings = FuseSettings(task, weights, axis, _grid(reference), palette, device, engine)
        files = fused_files(output, with_colour=colour != NO_COLOURS)
        files.check(overwrite, keep=(first, second))
        opened = (
            _open(console, first, modality_a, series_a, volume_a),
            _open(console, second, modality_b, series_b, volume_b),
        )
        read = tuple(path for volume in opened for path in volume.origin.read)
        files.check(overwrite, keep=read)
        _check_dicom(dicom, opened)
        moves = _moves(registration, opened, reference)
        fused, study = _fuse(console, opened, (window_a, window_b), settings, moves, two_patients)
        written = files.write(fused, overwrite, keep=(first, second, *read))
        objects = _export(fused, study, dicom)
        for target in (*written, *objects):
            console.print(f"wrote {target}", highlight=False, soft_wrap=True)
        if fused.legend is not None and files.with_colour:
            console.print(f"colours: {fused.legend.in_words()}", highlight=False, soft_wrap=True)


@app.command()
def check(
    first: A,
    second: OptionalB = None,
    task: TaskOption = DEFAULT_TASK,
    modality_a: ModalityA = None,
    modality_b: ModalityB = None,
    series_a: SeriesA = None,
    series_b: SeriesB = None,
    volume_a: VolumeA = None,
    volume_b: VolumeB = None,
    reference: Reference = None,
    two_patients: TwoPatients = "",
) -> None:
    """Check two images or volumes and print what was found; of one folder or file list the series and volumes.

    Of a fused image, whether it is what its record says, and whether the sources that are named behind it are those
    that were fused. Exit status 0 ok, 1 warn, 2 block; of a list 2 where nothing can be read. One series or volume that
    is chosen of one folder is checked alone.
    """
    from napari_refusion.io.result_check import check_result, is_recorded_result

    console = Console()
    others = tuple(second or ())
    is_result = is_recorded_result(first)
    chosen = (modality_a, series_a, volume_a), (modality_b, series_b, volume_b)
    if not others and not is_result and not any(map(any, chosen)):
        with _stops_in_words(console):
            raise typer.Exit(EXIT["ok" if print_list(console, first) else "block"])
    try:
        check_name("task", task, TASKS)
        if is_result:
            findings: Sequence[Finding] = check_result(first, _open_each(console, others, chosen))
        elif not others:
            findings = _check_alone(console, first, chosen)
        else:
            a, b = _open_each(console, (first, *others), chosen)
            findings = _pair(console, (a, b), task, reference, two_patients).findings
    except RefusedError as error:
        findings = error.findings
    _print_findings(console, findings)
    raise typer.Exit(EXIT[worst(findings)])


@app.command()
def weights() -> None:
    """List the installed weights."""
    from napari_refusion.model.tasks import installed_weights
    from napari_refusion.model.weights import load_weights

    table = Table(Column("name", no_wrap=True), "sources", Column("dev-test: Qabf, VIF, SSIM", no_wrap=True), "SHA-256")
    for name, path in installed_weights().items():
        found = load_weights(path)
        sets = dict.fromkeys(key.rsplit(" ", 1)[0] for key in found.metrics)
        figures = "\n".join(
            " ".join([f"{one}:", *(_figure(found.metrics, f"{one} {key}") for key in ("qabf", "vif", "ssim_sum"))])
            for one in sets
        )
        table.add_row(name, " + ".join(found.sources), figures, found.sha256[:12])
    Console().print(table)


def _figure(metrics: Mapping[str, float], name: str) -> str:
    """Return a figure with three decimals, a dash where a weights file does not carry it."""
    return f"{metrics[name]:.3f}" if name in metrics else "-"


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Folder for the picture and the volume.")] = Path("demo"),
) -> None:
    """Fuse the bundled MRI/PET pair and show it in napari; without a display, save a picture of the same window."""
    from napari_refusion.widgets.demo import run_demo

    console = Console(stderr=True)
    with _stops_in_words(console):
        for sentence in run_demo(output):
            console.print(sentence, highlight=False, soft_wrap=True)


def _check_dicom(folder: Path | None, opened: Sequence["Volume"]) -> None:
    """Refuse before the work what could not be written as DICOM after it."""
    if folder is None:
        return
    from napari_refusion.io.dicom.export.objects import check_patient, read_reference
    from napari_refusion.io.whole_folder import check_folder

    check_folder(folder)
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


def _export(fused: "Fused", study: "Study", folder: Path | None) -> tuple[Path, ...]:
    if folder is None:
        return ()
    from napari_refusion.io.dicom.export.objects import export_dicom, possible_kinds, read_reference

    a, b = (read_reference(side.source.origin) for side in study.sides)
    return export_dicom(fused, (a, b), folder, kinds=possible_kinds(fused, (a, b)))


def _open(
    console: Console, path: Path, modality: str | None, series: str | None, volume: str | None = None
) -> "Volume":
    from napari_refusion.io.open import open_volume

    with console.status(f"Reading {path.name} ..."):
        return open_volume(path, modality, series, volume)


def _open_each(
    console: Console, paths: Sequence[Path], chosen: Sequence[tuple[str | None, str | None, str | None]]
) -> tuple["Volume", ...]:
    """Return up to two volumes, each by its modality, series and volume.

    Raises
    ------
    RefusedError
        If more are named, or one cannot be read.
    """
    if len(paths) > len(chosen):
        raise refuse("output", f"Name two images or volumes at most, not {len(paths)}.", str(len(paths)))
    return tuple(_open(console, path, *one) for path, one in zip(paths, chosen, strict=False))


def _check_alone(
    console: Console, path: Path, chosen: tuple[tuple[str | None, ...], tuple[str | None, ...]]
) -> tuple[Finding, ...]:
    """Return what was found about the one volume that is chosen of A."""
    if any(chosen[1]):
        sentence = (
            "Name B as well where something of it is chosen (--series-b, --volume-b, --modality-b); where both lie in "
            "one folder, name the folder twice."
        )
        raise refuse("file", sentence, path.name)
    return _open(console, path, *chosen[0]).findings


def _pair(
    console: Console, opened: tuple["Volume", "Volume"], task: str, reference: Side | None, two_patients: str
) -> "Study":
    from napari_refusion.study.pairing import pair

    with console.status("Aligning and checking the pair ..."):
        return pair(*opened, task=task, reference=_grid(reference) or None, two_patients=two_patients)


def _moves(registration: Path | None, opened: tuple["Volume", "Volume"], reference: Side | None) -> "Moves":
    """Return what a registration file says, by the keys of the sources."""
    if registration is None:
        return {}
    from napari_refusion.io.dicom.spatial_registration import moves_of

    first, second = moves_of(registration, *opened, _grid(reference) or None)
    keys = {(Side.a, Side.b): first, (Side.b, Side.a): second}
    return {(moving, fixed): move for (moving, fixed), move in keys.items() if move is not None}


def _grid(reference: Side | None) -> Literal["first", "second", ""]:
    """Return whose grid the result is on, empty for automatic."""
    if reference is None:
        return ""
    return "first" if reference is Side.a else "second"


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
        for volume, side, window in zip(opened, Side, windows, strict=True)
    )
    session = FusionSession()
    session.moves = moves
    with FusionProgress(console, partial(_print_findings, console, quiet=True)).of(session):
        session.fuse(Request(first, second, settings, two_patients=reason_of(two_patients)))
    fused = session.fused()
    assert session.partial is not None
    return fused, session.partial.study


def _print_findings(console: Console, findings: Iterable[Finding], *, quiet: bool = False) -> None:
    """Print findings as a table; `quiet` leaves out what is ok, and the table if nothing is left."""
    table = Table("level", "checked", "value", "finding")
    for finding in findings:
        if not (quiet and finding.level == "ok"):
            table.add_row(MARKS[finding.level], *map(escape, (finding.rule, finding.value, finding.sentence)))
    if table.row_count or not quiet:
        console.print(table)


@contextmanager
def _stops_in_words(console: Console) -> Iterator[None]:
    """Turn a refusal into its sentence with exit status 2, and Ctrl+C into one with 130."""
    try:
        yield
    except RefusedError as error:
        for finding in blocking(error.findings):
            console.print(f"{MARKS['block']} {escape(finding.sentence)}", highlight=False, soft_wrap=True)
        raise typer.Exit(EXIT["block"]) from error
    except KeyboardInterrupt as error:
        console.print("Stopped; no partly written file is left.")
        raise typer.Exit(130) from error


if __name__ == "__main__":
    app()
