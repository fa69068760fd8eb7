"""Modalities: what each is called, which place it has in a pair, and with which window it opens. One table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from napari_refusion.numerics.intensity import full_window
from napari_refusion.volume.chosen_window import FULL_RANGE, ChosenWindow, Purpose
from napari_refusion.volume.ct_window import ct_window
from napari_refusion.volume.mri_window import mri_window
from napari_refusion.volume.uptake_window import count_window, uptake_window

if TYPE_CHECKING:
    from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True)
class Modality:
    """One kind of image. Reading, pairing, windows, menus, help and worklists follow from its entry."""

    code: str
    """DICOM Modality (0008,0060)."""
    name: str
    """The word used in sentences."""
    window: Callable[[Volume, Purpose], ChosenWindow]
    """Volume and what it is for -> the window that it opens with; ValueError for a constant one."""
    place: int | None = None
    """Its place in a medical pair: the one with the smaller number comes first. None: the order is not known."""
    is_functional: bool = False
    """Whether it shows function; colours and missed uptake belong to it."""
    is_anatomical: bool = False
    """Whether its grid is preferred: function is smooth and loses nothing on it."""
    words: tuple[str, ...] = ()
    """Whole words of a file name that speak of it, lower case."""
    bids: tuple[str, ...] = ()
    """Suffixes of BIDS file names, the best image for a pair first."""
    is_offered: bool = True
    """Whether a user may say that an image is one."""


def full_range(volume: Volume, _purpose: Purpose) -> ChosenWindow:
    """Return the window from the smallest to the largest finite value, see `intensity.full_window`."""
    return ChosenWindow(full_window(volume.grey), FULL_RANGE)


_ALL: Final = (
    Modality(
        code="MR",
        name="MRI",
        window=mri_window,
        place=2,
        is_anatomical=True,
        words=(
            *("mr", "mri", "t1", "t2", "t1w", "t2w", "t2star", "t2starw", "pd", "pdw", "flair", "mprage", "mp2rage"),
            *("t1c", "t1ce", "t1gd", "dwi", "adc", "dti", "swi", "unit1", "t1map", "t2map", "t2starmap", "pdmap"),
            *("bold", "sbref", "asl", "inplanet1", "inplanet2", "megre", "mese"),
        ),
        bids=("T1w", "T2w", "FLAIR"),
    ),
    Modality("CT", "CT", ct_window, place=1, is_anatomical=True, words=("ct", "hu"), bids=("ct",)),
    Modality(
        "PT", "PET", uptake_window, place=0, is_functional=True, words=("pet", "fdg", "suv", "suvbw"), bids=("pet",)
    ),
    Modality("NM", "SPECT", count_window, place=0, is_functional=True, words=("spect",), bids=("spect",)),
    Modality("OT", "other", full_range, is_offered=False),
)

MODALITIES: Final[Mapping[str, Modality]] = MappingProxyType({one.code: one for one in _ALL})
"""Code -> modality, in the order of menus. Another modality is one more entry."""


def pair_place(code: str) -> int:
    """Return the place of a modality in a medical pair; an unknown one comes last."""
    places = {one.code: one.place for one in MODALITIES.values() if one.place is not None}
    return places.get(code, max(places.values()))


def modality_name(code: str, otherwise: str = "") -> str:
    """Return the word for a modality's code, `otherwise` for one that is not known."""
    return MODALITIES[code].name if code in MODALITIES else otherwise
