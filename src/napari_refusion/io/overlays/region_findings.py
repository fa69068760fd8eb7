"""What is said of the regions of an RT Structure Set that could not be filled as they were drawn."""

from collections.abc import Iterator, Sequence

from napari_refusion.io.overlays.belonging import listed
from napari_refusion.io.overlays.region_contours import OFF, Filled
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume

Told = Sequence[tuple[str, Filled]]
"""Name and outcome of each region."""


def findings_of(name: str, source: Volume, told: Told) -> list[Finding]:
    """Return the findings about all regions of a file, one for each thing that happened."""
    return [*_left_out(name, told), *_planes(name, source, told), *_drawn(name, source, told)]


def _finding(rule: str, sentence: str, count: int, of: str) -> Iterator[Finding]:
    if count:
        yield Finding("warn", rule, sentence, f"{count} {of}")


def _left_out(name: str, told: Told) -> Iterator[Finding]:
    """Yield which regions and which contours are not there."""
    rule = "volume of interest"
    opened = [(title, one.contours.other) for title, one in told if one.contours.other]
    kinds = sorted({kind for _, kinds in opened for kind in kinds})
    titles = listed(title for title, _ in opened)
    yield from _finding(
        rule,
        f"Close them where they were drawn if regions are meant: contours of {titles} in {name} enclose nothing "
        f"({', '.join(kinds)}) and were left out.",
        sum(len(kinds) for _, kinds in opened),
        "contours",
    )
    damaged = [(title, one.contours.damaged) for title, one in told if one.contours.damaged]
    yield from _finding(
        rule,
        f"Export {name} again: contours of {listed(title for title, _ in damaged)} are damaged and were left out.",
        sum(count for _, count in damaged),
        "contours",
    )
    empty = [title for title, one in told if one.voi is None and not _was_said(one)]
    yield from _finding(
        rule,
        f"Look at {name} where it was drawn: left out {listed(empty)}, for no voxel lies in them here.",
        len(empty),
        "left out",
    )


def _was_said(region: Filled) -> bool:
    """Return whether it was said why a region is empty: all of its contours are open or damaged."""
    return not region.contours.closed and bool(region.contours.other or region.contours.damaged)


def _planes(name: str, source: Volume, told: Told) -> Iterator[Finding]:
    """Yield how the planes of the contours and the slices of the source differ."""
    tilted = [title for title, one in told if one.tilted]
    yield from _finding(
        "orientation",
        f"Open the series that {name} was drawn on: contours of {listed(tilted)} lie across the slices of "
        f"{source.title} and were left out.",
        sum(one.tilted for _, one in told),
        "contours",
    )
    astray = [title for title, one in told if one.astray]
    yield from _finding(
        "position",
        f"Open the series that {name} was drawn on if they count: planes of contours of {listed(astray)} have no "
        f"slice of {source.title} of their own and were left out.",
        sum(one.astray for _, one in told),
        "planes",
    )
    gaps = [title for title, one in told if one.gaps]
    yield from _finding(
        "missing slice",
        f"Volumes of {listed(gaps)} in {name} are too small if they were drawn on every other slice only: slices of "
        f"{source.title} between their contours have none and stay empty.",
        sum(one.gaps for _, one in told),
        "slices",
    )
    far = max((one.off for _, one in told), default=0.0)
    if far > OFF:
        sentence = (
            f"Compare the outlines of {name} with {source.title}: their planes lie up to {far:.2f} slices beside the "
            "slices that they were filled on."
        )
        yield Finding("warn", "position", sentence, f"{far:.2f} slices")


def _drawn(name: str, source: Volume, told: Told) -> Iterator[Finding]:
    """Yield what is odd about contours that were filled."""
    crossing = [title for title, one in told if one.crossing]
    yield from _finding(
        "volume of interest",
        f"Look at the outlines of {listed(crossing)} in {name}: contours cross or lie on one another, and what "
        "lies within an even number of them is left out.",
        sum(one.crossing for _, one in told),
        "planes",
    )
    cut = [title for title, one in told if one.cut]
    yield from _finding(
        "overlap",
        f"Volumes of {listed(cut)} in {name} are too small: their contours reach beyond the image of {source.title}.",
        sum(one.cut for _, one in told),
        "planes",
    )
