"""What weights shall reach before they are shipped: a row for each demand, with its bounds, by task."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

from training.figures.catalogue import FIGURES
from training.tables import Row


class Wanted(NamedTuple):
    """One demand."""

    words: str
    images: str
    """Name of the set it is measured on."""
    value: Callable[[Row], float]
    """What is judged, of the means over the set."""
    least: float = -math.inf
    most: float = math.inf

    def is_met(self, value: float) -> bool:
        """Return whether a value is within the bounds; NaN is not."""
        return self.least <= value <= self.most

    @property
    def is_free(self) -> bool:
        """Whether there is no bound but what other weights reach."""
        return math.isinf(self.least) and math.isinf(self.most)

    @property
    def bounds(self) -> str:
        """The bounds in words, empty without one."""
        if self.is_free:
            return ""
        if math.isinf(self.most):
            return f"from {self.least:g}"
        return f"to {self.most:g}" if math.isinf(self.least) else f"{self.least:g} to {self.most:g}"


def _one(figure: str, row: Row) -> float:
    return row[figure]


def _hidden(row: Row) -> float:
    """Return the largest share hidden of the four kinds of lesions."""
    known = [value for name, value in row.items() if name.startswith("hidden") and not math.isnan(value)]
    return max(known, default=math.nan)


def _shown_in_b(row: Row) -> float:
    """Return the mean part shown of bright and dark lesions in the second source."""
    return (row["shown_bright_b"] + row["shown_dark_b"]) / 2


def _beyond(figure: str, row: Row) -> float:
    """Return by how much a figure exceeds that of the sources."""
    return row[figure] - row[f"{figure}_sources"]


def _plain(images: str, figure: str, least: float = -math.inf, most: float = math.inf) -> Wanted:
    return Wanted(FIGURES[figure].meaning, images, partial(_one, figure), least, most)


def _identity(images: str, side: str) -> list[Wanted]:
    slope, bias = f"identity_slope_{side}", f"identity_bias_{side}"
    return [_plain(images, slope, 0.98, 1.02), _plain(images, bias, -0.01, 0.01)]


def _faint(images: str) -> list[Wanted]:
    """Return what is beside the demands, without a bound: weights may show strong lesions and drop faint ones."""
    return [_plain(images, "faint_hidden_a"), _plain(images, "faint_hidden_b")]


def _brain(images: str, in_a: float, in_b: float, qabf: float, vif: float) -> list[Wanted]:
    return [
        _plain(images, "contrast_transfer", in_a),
        Wanted("lesions in b, part shown, both signs", images, _shown_in_b, in_b),
        Wanted("lesions hidden, worst kind", images, _hidden, most=0.005),
        *_faint(images),
        _plain(images, "qabf", qabf),
        _plain(images, "vif", vif),
        *_identity(images, "a"),
        *_identity(images, "b"),
        _plain(images, "noise_gain", most=0.85),
        _plain(images, "swapping", most=0.5),
        Wanted("saturated beyond the sources", images, partial(_beyond, "saturated"), most=0.01),
        _plain(images, "above_both", most=0.05),
    ]


def _body(images: str, planted: float, real: float) -> list[Wanted]:
    return [
        _plain(images, "contrast_transfer", planted),
        Wanted("lesions hidden, worst kind", images, _hidden, most=0.005),
        *_faint(images),
        _plain(images, "tumour_removal", real),
        *_identity(images, "a"),
        *_identity(images, "b"),
        _plain(images, "noise_gain", most=0.85),
        _plain(images, "swapping", most=0.5),
    ]


SMOOTH: Final = "spm_PET+spm_T1"
"""The set of two templates, both smooth and without black air."""

WANTED: Final[Mapping[str, tuple[Wanted, ...]]] = MappingProxyType(
    {
        "medical": (
            *_brain("MRI-CT", 0.75, 0.72, 0.68, 0.52),
            *_brain("MRI-PET", 0.70, 0.78, 0.745, 0.72),
            *_brain("MRI-SPECT", 0.70, 0.82, 0.755, 0.73),
            *_body("PET-CT", 0.65, 0.72),
            *_body("PET-MRI", 0.68, 0.80),
            Wanted("saturated beyond the sources", SMOOTH, partial(_beyond, "saturated"), most=0.0),
            _plain(SMOOTH, "above_both", most=0.05),
            Wanted("darkest tenth beyond the sources", SMOOTH, partial(_beyond, "dark_level"), most=0.004),
            Wanted("lesions hidden, worst kind", SMOOTH, _hidden, most=0.005),
            *_identity(SMOOTH, "a"),
            *_identity(SMOOTH, "b"),
            _plain(SMOOTH, "noise_gain", most=0.85),
            _plain(SMOOTH, "swapping", most=0.5),
        ),
        "multi_exposure": (
            _plain("meif", "mef_ssim", 0.965),
            _plain("meif", "highlights_kept", 0.85),
            _plain("meif", "blown", most=0.02),
            _plain("meif", "swapping", most=0.5),
        ),
        "multi_focus": (
            _plain("mfif", "vif", 1.30),
            _plain("mfif", "qabf", 0.74),
            _plain("mfif", "halo"),  # no more than the authors' weights, which stand beside it
            _plain("mfif", "swapping", most=0.5),
        ),
        "infrared_visible": (
            *(_plain("ivif", figure) for figure in ("vif", "qabf", "ssim_sum")),  # none below the authors' weights
            _plain("ivif", "targets_kept", 0.65),
            *_faint("ivif"),
            _plain("ivif", "flat_noise", most=1.03),
            _plain("ivif", "swapping", most=0.5),
        ),
    }
)
"""Demands by task, from the project's plan for weights that serve a reader."""
