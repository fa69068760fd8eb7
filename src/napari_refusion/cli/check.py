"""The command ``napari-refusion check``."""

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from napari_refusion.cli import options
from napari_refusion.cli.listing import print_list
from napari_refusion.cli.printed import EXIT, print_findings, stops_in_words
from napari_refusion.cli.reading import Chosen, open_source, open_sources, paired
from napari_refusion.model.tasks import DEFAULT_TASK, TASKS
from napari_refusion.volume.finding import Finding, RefusedError, check_name, refuse, worst


def check(
    first: options.A,
    second: options.OptionalB = None,
    task: options.TaskOption = DEFAULT_TASK,
    modality_a: options.ModalityA = None,
    modality_b: options.ModalityB = None,
    series_a: options.SeriesA = None,
    series_b: options.SeriesB = None,
    volume_a: options.VolumeA = None,
    volume_b: options.VolumeB = None,
    reference: options.Reference = None,
    two_patients: options.TwoPatients = "",
) -> None:
    """Check two images or volumes and print what was found; of one folder or file list the series and volumes.

    Of a fused image, whether it is what its record says, and whether the sources that are named behind it are those
    that were fused. Exit status 0 ok, 1 warn, 2 block; of a list 2 where nothing can be read. One series or volume that
    is chosen of one folder is checked alone.
    """
    from napari_refusion.io.result_check import check_result, is_marked_result, is_recorded_result

    console = Console()
    others = tuple(second or ())
    # an image with two sources behind it can only be meant as a fused one, also where its record is lost
    is_result = is_recorded_result(first) or (first.is_file() and len(others) == 2)
    chosen = (modality_a, series_a, volume_a), (modality_b, series_b, volume_b)
    if not others and not is_result and not any(map(any, chosen)):
        is_result = is_marked_result(first)
    if not others and not is_result and not any(map(any, chosen)):
        with stops_in_words(console):
            raise typer.Exit(EXIT["ok" if print_list(console, first) else "block"])
    try:
        check_name("task", task, TASKS)
        if is_result:
            findings: Sequence[Finding] = check_result(first, open_sources(console, others, chosen))
        elif not others:
            findings = _check_alone(console, first, chosen)
        else:
            a, b = open_sources(console, (first, *others), chosen)
            findings = paired(console, (a, b), task, reference, two_patients).findings
    except RefusedError as error:
        findings = error.findings
    print_findings(console, findings)
    raise typer.Exit(EXIT[worst(findings)])


def _check_alone(console: Console, path: Path, chosen: tuple[Chosen, Chosen]) -> tuple[Finding, ...]:
    """Return what was found about the one volume that is chosen of A."""
    if any(chosen[1]):
        sentence = (
            "Name B as well where something of it is chosen (--series-b, --volume-b, --modality-b); where both lie in "
            "one folder, name the folder twice."
        )
        raise refuse("file", sentence, path.name)
    return open_source(console, path, *chosen[0]).findings
