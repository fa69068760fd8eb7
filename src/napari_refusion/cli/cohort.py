"""The command ``napari-refusion cohort``: many cases, in the manner of BIDS apps."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from napari_refusion.batch.workers import RETRIES, Workers
from napari_refusion.cli import options
from napari_refusion.cli.printed import EXIT, say, stops_in_words
from napari_refusion.cli.reading import grid_of
from napari_refusion.fusion.engines import DEFAULT_ENGINE
from napari_refusion.model.tasks import DEFAULT_TASK
from napari_refusion.numerics.colour import DEFAULT_PALETTE
from napari_refusion.numerics.colour_maps import FUSED_MAPS
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.batch.cases import Listed
    from napari_refusion.batch.participants import Participants


class Level(StrEnum):
    """What is done."""

    participant = "participant"
    group = "group"


Input = Annotated[
    Path, typer.Argument(metavar="INPUT", help="BIDS tree, folder with a folder for each case, or table of pairs.")
]
Output = Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder of the results, a BIDS derivative.")]
LevelArgument = Annotated[Level, typer.Argument(help="participant: fuse each case; group: a page of all cases.")]
Chosen = Annotated[
    list[str] | None, typer.Option("--participant-label", help="Only this participant, or these: 01,02.")
]
Sessions = Annotated[list[str] | None, typer.Option("--session-id", help="The same for sessions.")]
Filters = Annotated[
    Path | None, typer.Option("--bids-filter-file", metavar="FILE", help="JSON that says which images of a tree.")
]
Count = Annotated[int, typer.Option("--nprocs", min=0, help="Cases at a time; 0 for one on each processor or GPU.")]
Memory = Annotated[int, typer.Option("--mem-mb", min=0, help="Memory of all cases at a time; of a scheduler, of each.")]
Work = Annotated[Path | None, typer.Option("--work-dir", metavar="FOLDER", help="For what workers keep meanwhile.")]
Scheduler = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Dask scheduler that is running, in place of own processes.")
]
Retries = Annotated[int, typer.Option(min=0, help="How often a case is tried again whose worker was killed.")]
ReportsOnly = Annotated[bool, typer.Option("--reports-only", help="Write the pages anew, and fuse nothing.")]
StopFirst = Annotated[
    bool, typer.Option("--stop-on-first-crash", help="Stop at the first case that is refused or fails.")
]

Colour = Annotated[str, typer.Option(metavar="|".join(FUSED_MAPS), help="Colours of PET or SPECT.")]

_MOST_SAID: Final = 3
"""Files that are named of those that could not be written, and cases of earlier runs."""


def cohort(
    place: Input,
    output: Output,
    level: LevelArgument,
    participant_label: Chosen = None,
    session_id: Sessions = None,
    bids_filter_file: Filters = None,
    nprocs: Count = 0,
    mem_mb: Memory = 0,
    work_dir: Work = None,
    scheduler: Scheduler = "",
    retries: Retries = RETRIES,
    reports_only: ReportsOnly = False,
    stop_on_first_crash: StopFirst = False,
    weights: options.WeightsOption = "",
    engine: options.EngineOption = DEFAULT_ENGINE,
    task: options.TaskOption = DEFAULT_TASK,
    reference: options.Reference = None,
    window_a: options.WindowA = "",
    window_b: options.WindowB = "",
    volume_a: options.VolumeA = None,
    volume_b: options.VolumeB = None,
    axis: options.AxisOption = "axial",
    colour: Colour = DEFAULT_PALETTE,
    device: options.DeviceOption = "auto",
    identified: options.Identified = False,
) -> None:
    """Fuse, examine and draw many cases with nobody watching; what is done already is not done again.

    A and B are the first and the second source of each case: PET, SPECT or CT, and the other one. Exit status 0 if all
    cases are fused, 1 if some are not and the pages say why, 2 if nothing could be done.
    """
    from napari_refusion.batch.bids_filter import bids_choice
    from napari_refusion.batch.cases import listed
    from napari_refusion.batch.derivative import check_derivative
    from napari_refusion.batch.participants import Participants
    from napari_refusion.batch.recipe import Recipe
    from napari_refusion.session.settings import FuseSettings

    console = Console(stderr=True)
    with stops_in_words(console):
        found = listed(place, bids_choice(_labels(participant_label), _labels(session_id), bids_filter_file))
        if reports_only or level is Level.group:
            check_derivative(output, place)
        if level is Level.group:
            raise typer.Exit(_group(console, found, output))
        if reports_only:
            raise typer.Exit(_pages(console, found, output))
        settings = FuseSettings(task, weights, axis, grid_of(reference), colour, device, engine)
        volumes = (volume_a or "").strip(), (volume_b or "").strip()
        recipe = Recipe(settings, (window_a, window_b), volumes, identified).prepared()
        begun = Participants.begin(found, recipe, place, output)
        workers = Workers(nprocs, scheduler, mem_mb, retries, work_dir)
        raise typer.Exit(_run(console, begun, workers, stop_on_first_crash))


def _labels(given: list[str] | None) -> list[str]:
    """Return labels that are given one by one, or several behind one option."""
    return [label for one in given or () for label in one.replace(",", " ").split()]


def _run(console: Console, begun: "Participants", workers: Workers, stop_first: bool) -> int:
    """Run the cases that are not done, say how each ended, and return the exit status."""
    counts, unwritten = Counter(one.status for one in begun.known), list[Finding]()
    if begun.known:
        say(console, f"{len(begun.known)} of {len(begun.listed.cases)} cases are done already")
    for finding in begun.listed.left_out:
        say(console, finding.sentence)
    with closing(begun.run(workers)) as running:
        for outcome in running:
            if isinstance(outcome, Finding):
                unwritten.append(outcome)
                continue
            counts[outcome.status] += 1
            say(console, f"{outcome.case}: {outcome.sentence or f'fused in {outcome.seconds:.1f} s'}")
            if stop_first and outcome.status != "fused":
                break
    ended = ", ".join(f"{count} {status}" for status, count in counts.items()) or "no case"
    left = len(begun.listed.left_out)
    _say_unwritten(console, unwritten)
    say(console, f"{ended}{f', {left} left out' if left else ''}: {begun.output}")
    return 0 if counts["fused"] == len(begun.listed.cases) and not left and not unwritten else EXIT["warn"]


def _say_unwritten(console: Console, unwritten: Sequence[Finding]) -> None:
    """Say which files about cases are not written: on a full disk that may be all, so that a few stand for many."""
    for finding in unwritten[:_MOST_SAID]:
        say(console, finding.sentence)
    if unwritten:
        count = f"{len(unwritten)} file{'' if len(unwritten) == 1 else 's'}"
        say(console, f"Then run the same command again, which goes on from here: {count} could not be written.")


def _pages(console: Console, found: "Listed", output: Path) -> int:
    from napari_refusion.batch.pages import write_pages

    pages = write_pages(found.cases, output, anew=True)
    _say_unwritten(console, pages.unwritten)
    say(console, f"wrote {len(pages.written)} page{'' if len(pages.written) == 1 else 's'}: {output}")
    return EXIT["warn"] if pages.unwritten else 0


def _group(console: Console, found: "Listed", output: Path) -> int:
    """Write what is known of all cases, and return the exit status."""
    from napari_refusion.batch.gathered import gather
    from napari_refusion.batch.group import write_group

    cohort = gather(found, output)
    written, unwritten = write_group(cohort, output)
    for path in written:
        say(console, f"wrote {path}")
    _say_unwritten(console, unwritten)
    counts = cohort.counts
    say(console, ", ".join(f"{count} {status}" for status, count in counts.items()))
    for sentence in (*filter(None, [cohort.unlike]), *cohort.same):
        say(console, sentence)
    if cohort.earlier:
        say(console, _about_earlier([name for name, _ in cohort.earlier]))
    return 0 if counts["fused"] == sum(counts.values()) and not unwritten else EXIT["warn"]


def _about_earlier(names: Sequence[str]) -> str:
    """Return what lies in the output and is no case that is asked for."""
    more = f" and {len(names) - _MOST_SAID} more" if len(names) > _MOST_SAID else ""
    reason = "for the input has no such case now, or it was not asked for"
    return f"Kept from earlier runs and not counted, {reason}: {', '.join(names[:_MOST_SAID])}{more}"
