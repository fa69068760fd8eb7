"""The colour maps of images that show function, one entry each, and where their colours are from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import palette_colours
from napari_refusion.numerics.difference import DIFFERENCE, difference_table

_LEVELS: Final = 256

Colours = NDArray[np.float32]
"""(256, 3) in [0, 1], the lowest value first."""


@dataclass(frozen=True, slots=True)
class ColourMap:
    """Which colour stands for which value."""

    title: str
    """As a menu calls it."""
    source: str
    """Where its colours are from."""
    lightness: Literal["rises", "falls", "goes up and down"]
    """What L* (CIE 15) does from the lowest value to the highest: only where it has one direction is an order seen."""
    make: Callable[[], np.ndarray]
    """Returns its `Colours`."""
    why_not_fused: str = ""
    """Why a fused image cannot be coloured with it, as the end of a sentence; empty where it can.

    There the hue must be that of the map and the chroma proportional to the value, on any brightness, or no value is
    read back from a pixel: see `headroom`.
    """

    @property
    def words(self) -> str:
        """What a reader may want to know of it."""
        brightness = {"rises": "brighter is more", "falls": "darker is more"}.get(
            self.lightness, "brightness goes up and down with the value: only the hue tells them apart"
        )
        return f"{self.title}: {brightness}. {self.source}"


def _grey(*, is_inverted: bool = False) -> np.ndarray:
    value = np.linspace(0.0, 1.0, _LEVELS, dtype=np.float32)
    return np.repeat((1 - value if is_inverted else value)[:, None], 3, axis=1)


def _hot() -> np.ndarray:
    value = np.linspace(0.0, 1.0, _LEVELS, dtype=np.float32)
    return np.stack([value * 8 / 3, value * 8 / 3 - 1, value * 4 - 3], axis=1)


def _rainbow() -> np.ndarray:
    value = np.linspace(0.0, 1.0, _LEVELS, dtype=np.float32)
    sector = (240 * (1 - value)[:, None] / 60 + np.array([5.0, 3.0, 1.0])) % 6
    pure = 1 - np.clip(np.minimum(sector, 4 - sector), 0, 1)
    coloured: np.ndarray = pure * np.minimum(value * 8, 1)[:, None]
    return coloured


def _of_dicom(name: str) -> np.ndarray:
    return palette_colours(np.linspace(0.0, 1.0, _LEVELS, dtype=np.float32), name)


def _listed(name: str) -> np.ndarray:
    lines = files("napari_refusion.numerics").joinpath("listed_colours.txt").read_text(encoding="ascii").splitlines()
    digits = next(line.split()[1] for line in lines if line.startswith(f"{name} "))
    return np.frombuffer(bytes.fromhex(digits), np.uint8).reshape(_LEVELS, 3).astype(np.float32) / 255


_DICOM: Final = "DICOM PS3.6 Annex B, {}, without its white upper fifth, where no hue is left"
_MATPLOTLIB: Final = "Matplotlib: van der Walt and Smith, bids.github.io/colormap"
_NO_HUE: Final = "it has no hue, so uptake could not be told from the brightness of the fused image"

COLOUR_MAPS: Final[Mapping[str, ColourMap]] = MappingProxyType(
    {
        "grey": ColourMap("Grey", "Black to white, evenly in sRGB", "rises", _grey, _NO_HUE),
        "grey_inverted": ColourMap(
            "Grey inverted",
            "White to black, evenly in sRGB, as PET is read on paper",
            "falls",
            partial(_grey, is_inverted=True),
            _NO_HUE,
        ),
        "hot": ColourMap(
            "Hot",
            "Red, green and blue rise one after the other over 3/8, 3/8 and 2/8 of the range (MATLAB, hot)",
            "rises",
            _hot,
        ),
        "rainbow": ColourMap(
            "Rainbow",
            "Hue from 240 (blue) to 0 degrees (red) at full saturation (HSV), from black within the first eighth",
            "goes up and down",
            _rainbow,
            "the chroma of its upper end, pure red, does not exist in sRGB on the white of a fused image; PET rainbow "
            "is like it",
        ),
        "hot_metal_blue": ColourMap(
            "Hot metal blue",
            _DICOM.format("Hot Metal Blue"),
            "goes up and down",
            partial(_of_dicom, "hot_metal_blue"),
        ),
        "hot_iron": ColourMap("Hot iron", _DICOM.format("Hot Iron"), "rises", partial(_of_dicom, "hot_iron")),
        "pet": ColourMap("PET rainbow", _DICOM.format("PET"), "goes up and down", partial(_of_dicom, "pet")),
        "pet_20_step": ColourMap(
            "PET 20 step", _DICOM.format("PET 20 Step"), "goes up and down", partial(_of_dicom, "pet_20_step")
        ),
        **{
            name: ColourMap(name.capitalize(), _MATPLOTLIB, "rises", partial(_listed, name))
            for name in ("viridis", "plasma", "inferno", "magma")
        },
        "cividis": ColourMap(
            "Cividis",
            "Nunez et al., PLoS One 2018;13:e0199239, doi:10.1371/journal.pone.0199239",
            "rises",
            partial(_listed, "cividis"),
            "its middle is grey, so uptake there has no hue",
        ),
    }
)
"""Name -> colour map, in the order of menus. Another map is one more entry."""

FUSED_MAPS: Final = tuple(name for name, one in COLOUR_MAPS.items() if not one.why_not_fused)
"""Names of those that a fused image is coloured with."""


@cache
def colour_table(name: str) -> Colours:
    """Return the colours of one of `COLOUR_MAPS`, or of ``difference`` (see `difference`), read-only.

    A palette of DICOM is used without its white upper end, so that a colour means the same here and in a coloured
    fused image.

    Raises
    ------
    ValueError
        For an unknown map.
    """
    if name == DIFFERENCE:
        return difference_table()
    if name not in COLOUR_MAPS:
        raise ValueError(f"Colour map {name!r} is not one of {', '.join(COLOUR_MAPS)}.")
    table = np.clip(COLOUR_MAPS[name].make(), 0.0, 1.0).astype(np.float32)
    table.setflags(write=False)
    return table
