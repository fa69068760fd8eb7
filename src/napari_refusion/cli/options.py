"""The arguments and options of the command line, each with the help that is printed for it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from napari_refusion.fusion.engines import ENGINES
from napari_refusion.io.formats import names_of_formats
from napari_refusion.model.tasks import TASKS
from napari_refusion.numerics.colour_maps import FUSED_MAPS
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.modality import MODALITIES
from napari_refusion.volume.preset import PRESETS


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
        metavar="|".join((NO_COLOURS, *FUSED_MAPS)), help="Colours of PET or SPECT in the second, coloured result."
    ),
]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cpu-pytorch (nothing compiled), cuda ...")]
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
Identified = Annotated[
    bool, typer.Option("--identified", help="Name files and series in the record; they may name the patient.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing results.")]
