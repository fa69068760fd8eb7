"""What a folder or file holds, as a table: what ``check FOLDER`` prints."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Column, Table

from napari_refusion.cli.printed import say, shown
from napari_refusion.volume.modality import modality_name

if TYPE_CHECKING:
    from napari_refusion.io.listing import Listed

CORRECTED = {True: "yes", False: "no", None: ""}
"""Whether PET was corrected for attenuation -> what the table says."""


def print_list(console: Console, path: Path) -> bool:
    """Print every series and volume at a path, the likely one first; return whether one of them can be read.

    Raises
    ------
    RefusedError
        If there is nothing that is read.
    """
    from napari_refusion.io.listing import list_path

    with console.status(shown(f"Looking into {path.name} ...")):
        found = list_path(path)
    console.print(_table(found))
    for one in found:
        if one.refusal:
            say(console, f"{one.name}: {one.refusal}")
        elif len(one.parts) > 1:
            say(console, _volumes(one))
    for one in _told_by_uid(found):
        size = "x".join(map(str, one.shape))
        say(console, f"UID of {one.name}, {size}: {one.uid}")
    if any(one.series for one in found):
        choose = "Choose a series with --series-a or --series-b (number, UID or description)"
        say(console, f"{choose}, a volume of it with --volume-a or --volume-b.")
    return any(not one.refusal for one in found)


def _told_by_uid(found: Sequence["Listed"]) -> list["Listed"]:
    """Return the series that only their UID tells from another one: an examination may use a number twice."""
    numbers = [one.series for one in found]
    return [one for one in found if one.uid not in ("", one.series) and numbers.count(one.series) > 1]


def _table(found: Sequence["Listed"]) -> Table:
    table = Table(
        Column("number", overflow="fold"),
        Column("description", overflow="fold"),
        "modality",
        Column("shape", no_wrap=True),
        Column("mm", no_wrap=True),
        "AC",
        "volumes",
        caption="Shape and voxel size from head to foot, front to back, right to left. AC: corrected for attenuation.",
        caption_justify="left",
    )
    for one in found:
        table.add_row(
            shown(one.series),
            shown(one.name.removesuffix(f" (series {one.series})")),
            modality_name(one.modality, one.modality),
            "x".join(map(str, one.shape)) if any(one.shape) else "",
            "x".join(f"{distance:.3g}" for distance in one.spacing) if one.spacing else "",
            CORRECTED[one.corrected],
            "refused" if one.refusal else str(len(one.parts)),
        )
    return table


def _volumes(one: "Listed") -> str:
    """Return the volumes of a series with the numbers by which they are chosen."""
    parts = "; ".join(f"{index}: {part}" for index, part in enumerate(one.parts))
    return f"Volumes of {one.name}: {parts}"
