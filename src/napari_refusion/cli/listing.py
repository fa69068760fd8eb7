"""What a folder or file holds, as a table: what ``check FOLDER`` prints."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

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

    with console.status(f"Looking into {path.name} ..."):
        found = list_path(path)
    console.print(_table(found))
    for one in found:
        if one.refusal:
            console.print(f"{escape(one.name)}: {escape(one.refusal)}", highlight=False, soft_wrap=True)
    if any(one.series for one in found):
        choose = "Choose a series with --series-a or --series-b (number, UID or description)"
        console.print(f"{choose}, a volume of it with --volume-a or --volume-b.", highlight=False, soft_wrap=True)
    return any(not one.refusal for one in found)


def _table(found: Sequence["Listed"]) -> Table:
    table = Table(
        "number",
        Column("description", overflow="fold"),
        "modality",
        Column("shape", no_wrap=True),
        Column("spacing in mm", no_wrap=True),
        "corrected",
        Column("volumes", overflow="fold"),
        "readable",
    )
    for one in found:
        spacing = " x ".join(f"{distance:.4g}" for distance in one.spacing) if one.spacing else ""
        volumes = "\n".join(f"{index}: {part}" for index, part in enumerate(one.parts)) if len(one.parts) > 1 else "1"
        table.add_row(
            escape(one.series),
            escape(one.name),
            modality_name(one.modality, one.modality),
            " x ".join(map(str, one.shape)) if any(one.shape) else "",
            spacing,
            CORRECTED[one.corrected],
            escape(volumes),
            "no" if one.refusal else "yes",
        )
    return table
