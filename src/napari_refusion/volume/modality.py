"""Modalities: what each is called, which place it has in a pair, and with which window it opens. One table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from napari_refusion.numerics.intensity import Window, percentile_window

CT_PRESETS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"brain": (0.0, 100.0), "bone": (-300.0, 1300.0), "soft": (-135.0, 215.0), "lung": (-1200.0, 200.0)}
)
"""Low and high in HU."""


@dataclass(frozen=True, slots=True)
class Modality:
    """One kind of image. Reading, pairing, windows, menus, help and worklists follow from its entry."""

    code: str
    """DICOM Modality (0008,0060)."""
    name: str
    """The word used in sentences."""
    window: Callable[[np.ndarray, str], Window]
    """Values of any shape and their unit -> the window that a volume opens with; ValueError for a constant one."""
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


def full_range(values: np.ndarray, _unit: str) -> Window:
    """Return the window from the smallest to the largest finite value."""
    return percentile_window(values, 0.0, 100.0)


def _of_ct(values: np.ndarray, unit: str) -> Window:
    return Window(*CT_PRESETS["brain"]) if unit == "HU" else full_range(values, unit)


def _of_uptake(values: np.ndarray, _unit: str) -> Window:
    return Window(0.0, percentile_window(values, 0.0, 99.5).high)


def _of_mri(values: np.ndarray, _unit: str) -> Window:
    return percentile_window(values, 0.5, 99.5)


_ALL: Final = (
    Modality(
        code="MR",
        name="MRI",
        window=_of_mri,
        place=2,
        is_anatomical=True,
        words=("mr", "mri", "t1", "t2", "t1w", "t2w", "t2star", "t2starw", "pd", "pdw", "flair", "mprage"),
        bids=("T1w", "T2w", "FLAIR"),
    ),
    Modality("CT", "CT", _of_ct, place=1, is_anatomical=True, words=("ct", "hu"), bids=("ct",)),
    Modality("PT", "PET", _of_uptake, place=0, is_functional=True, words=("pet", "fdg"), bids=("pet",)),
    Modality("NM", "SPECT", _of_uptake, place=0, is_functional=True, words=("spect",), bids=("spect",)),
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
