"""Names and colours of labels: the table that BIDS puts beside a label map, ``*_dseg.tsv``.

Source: Brain Imaging Data Structure 1.10, "Imaging data type: derivatives", "Common image-derived labels".
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from napari_refusion.io.boundary import decoding
from napari_refusion.io.formats import ending
from napari_refusion.io.overlays.overlay import Colour
from napari_refusion.volume.finding import refuse

MOST_BYTES: Final = 2**22
"""Of a table; one of ten thousand labels has less than a megabyte."""

_NONE: Final = "n/a"
"""Where BIDS has no value."""


@dataclass(frozen=True, slots=True)
class Label:
    """One row of the table."""

    name: str
    colour: Colour | None = None


def table_of(path: Path) -> Path:
    """Return where the table of a label map lies: the same name with the ending ``.tsv``."""
    suffix = ending(path)
    return path.with_name(f"{path.name[: -len(suffix)] if suffix else path.name}.tsv")


def read_labels(path: Path) -> dict[int, Label]:
    """Return label -> its name and colour, from the table beside a label map; nothing where there is none.

    Raises
    ------
    RefusedError
        If the table is no table of labels, or names one label twice.
    """
    table = table_of(path)
    if not table.is_file():
        return {}
    with decoding(table):
        with table.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise refuse("size", f"Shorten the table of labels: it has more than {MOST_BYTES} bytes: {table}")
        rows = list(csv.DictReader(StringIO(content.decode("utf-8-sig")), delimiter="\t"))
    found: dict[int, Label] = {}
    for row in rows:
        number = _number(table, row.get("index") or "")
        if number in found:
            raise refuse("volume of interest", f"Name each label once: {number} is twice in {table}", str(number))
        name = (row.get("name") or "").strip()
        found[number] = Label("" if name == _NONE else name, _colour((row.get("color") or "").strip()))
    return found


def as_table(labels: Mapping[int, Label]) -> str:
    """Return the text of the table of some labels."""
    written = StringIO()
    rows = csv.writer(written, delimiter="\t", lineterminator="\n")
    rows.writerow(("index", "name", "color"))
    for number, label in labels.items():
        colour = _NONE if label.colour is None else "#" + "".join(f"{round(one * 255):02x}" for one in label.colour)
        rows.writerow((number, " ".join(label.name.split()) or _NONE, colour))
    return written.getvalue()


def _number(table: Path, word: str) -> int:
    try:
        return int(word)
    except ValueError as error:
        sentence = f"Give every label its number in the column index: it reads '{word[:20]}' in {table}"
        raise refuse("volume of interest", sentence, word[:20]) from error


def _colour(word: str) -> Colour | None:
    """Return a colour from six hexadecimal digits behind a ``#``."""
    digits = word.removeprefix("#")
    if len(digits) != 6 or not all(one in "0123456789abcdefABCDEF" for one in digits):
        return None
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue
