"""A reader's list of lesions: a frozen value; a change gives a new one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.measured import PLACE, Measured, in_cell
from napari_refusion.lesion.measures import MEASURES, heading
from napari_refusion.lesion.voi import VolumeOfInterest
from napari_refusion.volume.finding import refuse


@dataclass(frozen=True, slots=True, eq=False)
class Lesions:
    """Lesions in the order in which they were added."""

    items: tuple[Lesion, ...] = ()
    last: int = 0
    """The highest number that was ever given in this case; the next lesion gets the next one."""

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Lesion]:
        return iter(self.items)

    def numbered(self, number: int) -> Lesion:
        """Return the lesion with a number.

        Raises
        ------
        RefusedError
            If there is none.
        """
        for one in self.items:
            if one.number == number:
                return one
        known = ", ".join(str(one.number) for one in self.items) or "none"
        raise refuse(
            "volume of interest", f"Choose a lesion of the list ({known}): there is no lesion {number}.", str(number)
        )

    def added(self, voi: VolumeOfInterest, source: str, name: str = "", site: str = "", group: str = "") -> "Lesions":
        """Return the list with one more lesion, last.

        Parameters
        ----------
        source
            SHA-256 of the source's files.
        name, site, group
            As `Lesion` has them.
        """
        number = self.last + 1
        return Lesions((*self.items, Lesion(number, voi, source, name, site, group=group)), number)

    def replaced(self, lesion: Lesion) -> "Lesions":
        """Return the list with a lesion in the place of the one with its number."""
        before = self.numbered(lesion.number)
        return Lesions(tuple(lesion if one is before else one for one in self.items), self.last)

    def renamed(self, number: int, name: str) -> "Lesions":
        """Return the list with a lesion called otherwise; an empty name gives ``Lesion 1``."""
        return self.replaced(replace(self.numbered(number), name=" ".join(name.split())))

    def removed(self, number: int) -> "Lesions":
        """Return the list without a lesion; its number is not given again."""
        gone = self.numbered(number)
        return Lesions(tuple(one for one in self.items if one is not gone), self.last)


def table(lesions: Sequence[Lesion], measured: Sequence[Measured]) -> tuple[tuple[str, ...], ...]:
    """Return the headings, with units, and a line for each lesion: for the panel, the report and a TSV file.

    Parameters
    ----------
    measured
        One for each lesion. Where their units differ, each unit has columns of its own.
    """
    columns = {
        (name, one.unit if "{unit}" in MEASURES[name].unit else ""): heading(name, one.unit)
        for one in measured
        for name in one.values
    }
    order = sorted(columns, key=lambda column: list(MEASURES).index(column[0]))
    measures = (columns[one] for one in order)
    headings = ("Number", "Lesion", "Site", "Method", "Source", *measures, "Voxels", PLACE)
    lines = []
    for lesion, one in zip(lesions, measured, strict=True):
        cells = (
            in_cell(one.values[name]) if name in one.values and unit in ("", one.unit) else "" for name, unit in order
        )
        words = (str(lesion.number), lesion.title, lesion.site, lesion.voi.method, one.source)
        lines.append((*words, *cells, str(one.voxels), one.rows()[PLACE]))
    return (headings, *lines)


def tab_separated(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines to paste into a spreadsheet; tabs and line ends within a cell become blanks."""
    return "\n".join("\t".join(" ".join(one.split()) for one in row) for row in rows)
