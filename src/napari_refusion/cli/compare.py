"""The command ``napari-refusion compare``: the difference of two images of one modality, which are not fused."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from napari_refusion.cli import options
from napari_refusion.cli.printed import print_findings, say, stops_in_words
from napari_refusion.cli.reading import told_apart
from napari_refusion.notice import DESCRIPTION
from napari_refusion.volume.finding import refuse

if TYPE_CHECKING:
    from napari_refusion.fusion.difference import Difference

ENDINGS: Final = (".nii.gz", ".nii")
"""In which a difference is written."""

Before = Annotated[Path, typer.Argument(metavar="A", help="The image that is subtracted, as the earlier PET.")]
After = Annotated[Path, typer.Argument(metavar="B", help="The other image of the same modality and unit.")]
Output = Annotated[Path, typer.Option("-o", "--output", help=".nii.gz or .nii for B minus A.")]
Modality = Annotated[str | None, typer.Option(metavar="CT|PT|NM", help="Modality of both, if not in their files.")]
Series = Annotated[
    str | None, typer.Option(metavar="NUMBER|UID|DESCRIPTION", help="Series, where a folder holds several.")
]
Volume = Annotated[
    str | None, typer.Option(metavar="K|mean|sum|MM:SS-MM:SS", help="Volume, where a file or series holds several.")
]


def compare(
    first: Before,
    second: After,
    output: Output,
    modality: Modality = None,
    series_a: Series = None,
    series_b: Series = None,
    volume_a: Volume = None,
    volume_b: Volume = None,
    two_patients: options.TwoPatients = "",
    identified: options.Identified = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Write the difference of two PET, two SPECT or two CT (B minus A, in their unit), which are not fused."""
    from napari_refusion.fusion.difference import difference_of
    from napari_refusion.io.open import open_volume
    from napari_refusion.study.pairing import pair

    console = Console(stderr=True)
    with stops_in_words(console):
        _check(output, (first, second), overwrite)
        before = open_volume(first, modality, series_a, volume_a)
        opened = told_apart(before, open_volume(second, modality, series_b, volume_b))
        study = pair(*opened, two_patients=two_patients)
        difference = difference_of(study)
        written = _write(difference, output, overwrite, identified)
    # that two of a kind are compared and not fused was followed already
    print_findings(console, [one for one in study.findings if one.rule != "comparison"], quiet=True)
    for line in (difference.words, *(f"wrote {path}" for path in written)):
        say(console, line)


def _check(output: Path, sources: tuple[Path, Path], overwrite: bool) -> None:
    """Refuse before the work what could not be written after it."""
    from napari_refusion.io.formats import ending
    from napari_refusion.io.fused_files import fused_files

    if ending(output) not in ENDINGS:
        raise refuse("output", f"Name a file that ends in .nii.gz or .nii for the difference, not {output}.")
    fused_files(output).check(overwrite, sources)


def _write(difference: "Difference", output: Path, overwrite: bool, identified: bool) -> tuple[Path, ...]:
    """Write a difference and its record; return the files."""
    from napari_refusion.io.fused_files import fused_files, write_recorded

    described = f"{DESCRIPTION}, difference"
    files, record = fused_files(output), difference.record(identified=identified)
    keep, stale = difference.sources, files.stale([output])
    return write_recorded({output: difference.volume}, files.provenance, record, overwrite, described, keep, stale)
