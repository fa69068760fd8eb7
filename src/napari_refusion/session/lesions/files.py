"""Lesions as files: a table, label maps, and DICOM objects, for each source that some are drawn on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from napari_refusion.io.overlays.label_map import write_label_map
from napari_refusion.io.spreadsheet import table_cells
from napari_refusion.io.whole_folder import whole_folder
from napari_refusion.io.workbook import write_workbook
from napari_refusion.lesion.lesions import tab_separated, table
from napari_refusion.lesion.measured import PLACE, Measured
from napari_refusion.lesion.shared import common
from napari_refusion.replacing import rename
from napari_refusion.session.follow_up.matching import is_of_baseline
from napari_refusion.session.lesions.codes import dicom_rows
from napari_refusion.volume.finding import check_name, refuse
from napari_refusion.volume.rigid import is_displaced

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.shown import Shown
    from napari_refusion.volume.volume import Volume

SHOWN: Final = "Shown by the fused image (%)"

TYPED: Final = ("Key image", "Comment")
"""Headings of what the reader ticked and typed beside names and sites."""

WORDS: Final = ("Lesion", "Site", "Method", "Source", PLACE, *TYPED)
"""Headings of columns that hold no numbers, whatever is typed in them."""

Files = Iterator[tuple["Path", ...]]
"""Yields the files once they are there."""

Secret = tuple[str, str]
"""The key of a project, hexadecimal, and what stands for a patient whose files name none."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnOn:
    """The lesions of one source, with what it holds in them."""

    volume: Volume
    word: str
    """What to call the source in names of files: its modality, which does not say who the patient is."""
    lesions: tuple[Lesion, ...]
    measured: tuple[Measured, ...]
    marks: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    """Number of a lesion -> what tells it from those of every other reader; none outside of a review."""


def with_marks(drawn: Iterable[DrawnOn], marks: Mapping[int, str]) -> tuple[DrawnOn, ...]:
    """Return lesions with their marks in the record of a review, see `record.lesions_said`."""
    return tuple(replace(one, marks=marks) for one in drawn)


def lesion_rows(
    drawn: Sequence[DrawnOn], shown: Mapping[int, Shown | None], *, identified: bool = True
) -> tuple[tuple[str, ...], ...]:
    """Return headings and a line for each lesion, by number, with how much the fused image shows and what was typed.

    Parameters
    ----------
    identified
        Whether sources are called by name, which a file may have from the patient, else by their modality.
    """
    every = {
        lesion.number: (lesion, measured if identified else replace(measured, source=one.word))
        for one in drawn
        for lesion, measured in zip(one.lesions, one.measured, strict=True)
    }
    order = sorted(every)
    headings, *lines = table([every[number][0] for number in order], [every[number][1] for number in order])
    cells = [in_percent(shown[number]) if number in shown else "" for number in order]
    typed = [("yes" if one.is_key else "", one.comment) for one in (every[number][0] for number in order)]
    whole = ((*line, share, *words) for line, share, words in zip(lines, cells, typed, strict=True))
    return ((*headings, SHOWN, *TYPED), *whole)


def in_percent(shown: Shown | None) -> str:
    """Return how much the fused image shows of a lesion as a cell."""
    if shown is None:
        return "outside"
    return "no contrast" if shown.share is None else f"{100 * shown.share:.0f}"


def write_lesions(
    kinds: Sequence[str],
    drawn: Sequence[DrawnOn],
    rows: Sequence[Sequence[str]],
    folder: Path,
    secret: Secret | None = None,
) -> Files:
    """Yield the files of lesions in a new folder, which appears whole or not at all.

    Parameters
    ----------
    kinds
        Some of `WRITERS`.
    rows
        Of the table, see `lesion_rows`.
    secret
        Hides the patient in DICOM objects; None for identified ones.

    Raises
    ------
    RefusedError
        If there is no lesion, or one of the kinds cannot be written.
    """
    for kind in kinds:
        check_name("output", kind, WRITERS, "output of lesions")
    if not drawn:
        raise refuse(
            "volume of interest", "Draw a lesion first: there is none that counts, to be written.", "0 lesions"
        )
    with whole_folder(folder) as temporary:
        names = [
            path.relative_to(temporary) for kind in kinds for path in WRITERS[kind](drawn, rows, temporary, secret)
        ]
    yield tuple(folder / name for name in names)


def possible_kinds(drawn: Sequence[DrawnOn]) -> tuple[str, ...]:
    """Return which kinds can be written of all these lesions: DICOM objects name the images of a series."""
    in_dicom = all(one.volume.origin.series_uid and not is_displaced(one.volume) for one in drawn)
    return tuple(kind for kind in WRITERS if kind != "dicom" or in_dicom)


def _table(
    _drawn: Sequence[DrawnOn], rows: Sequence[Sequence[str]], folder: Path, _secret: Secret | None
) -> list[Path]:
    path = folder / "lesions.tsv"
    lines = table_cells(rows, WORDS)
    path.write_text(tab_separated(lines) + "\n", encoding="utf-8", newline="\n")
    write_workbook(rows, workbook := path.with_suffix(".xlsx"), "Lesions", WORDS)
    return [path, workbook]


def _label_maps(
    drawn: Sequence[DrawnOn], _rows: Sequence[Sequence[str]], folder: Path, _secret: Secret | None
) -> list[Path]:
    """Write the label maps of all sources; lesions that share voxels are in several of them."""
    found: list[Path] = []
    for one in drawn:
        for place, part in enumerate(_apart(one.lesions), 1):
            name = f"lesions_{_in_name(one.word)}{f'_{place}' if place > 1 else ''}_dseg.nii.gz"
            found += write_label_map(part, one.volume, folder / name)
    return found


def _dicom(drawn: Sequence[DrawnOn], _rows: Sequence[Sequence[str]], folder: Path, secret: Secret | None) -> list[Path]:
    from napari_refusion.io.dicom.export import lesions as dicom
    from napari_refusion.io.dicom.export.identity import Pseudonym
    from napari_refusion.io.dicom.export.reference import read_reference

    found: list[Path] = []
    for one in drawn:
        listed = [
            dicom.Measured(_tracked(lesion, one.marks), dicom_rows(measured), one.marks.get(lesion.number, ""))
            for lesion, measured in zip(one.lesions, one.measured, strict=True)
        ]
        pseudonym = None
        if secret is not None and one.volume.origin.series_uid:
            patient = read_reference(one.volume.origin).patient.strip() or secret[1]
            pseudonym = Pseudonym(patient, bytes.fromhex(secret[0]))
        own = folder / _in_name(one.word)
        for path in dicom.export_lesions(listed, one.volume, own, pseudonym=pseudonym):
            found.append(folder / f"{path.stem}_{own.name}{path.suffix}")
            rename(path, found[-1])
        own.rmdir()
    return found


def _tracked(lesion: Lesion, marks: Mapping[int, str]) -> Lesion:
    """Return a lesion that is tracked by its mark unless a baseline has it, too: two readers may call both new."""
    return lesion if lesion.number not in marks or is_of_baseline(lesion.group) else replace(lesion, group="")


Writer = Callable[[Sequence[DrawnOn], Sequence[Sequence[str]], "Path", "Secret | None"], list["Path"]]

WRITERS: Final[Mapping[str, Writer]] = MappingProxyType({"table": _table, "label map": _label_maps, "dicom": _dicom})
"""Kind -> what writes it into a folder."""


def _apart(lesions: Sequence[Lesion]) -> list[list[Lesion]]:
    """Return lesions in as few groups as they come to, in none of which two share a voxel."""
    groups: list[list[Lesion]] = []
    for lesion in lesions:
        for members in groups:
            if not any(common(lesion.voi, one.voi) for one in members):
                members.append(lesion)
                break
        else:
            groups.append([lesion])
    return groups


def _in_name(word: str) -> str:
    return "_".join(word.split())
