"""How a volume of interest is drawn by a click: one table. Another method is one more entry.

Voxels are those of the source's own grid, and only those with a finite value. A contour grows within the ball of the
search radius about the click; that it reached the ball's border, or brighter uptake, is a warning.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.lesion.contours import above, fraction, gradient_edge
from napari_refusion.lesion.guards import guard_contour, guard_sphere
from napari_refusion.lesion.search import RADIUS, Search, search
from napari_refusion.lesion.units import SUV_UNITS
from napari_refusion.lesion.voi import VolumeOfInterest, voi_of
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.finding import Finding, check_name, refuse
from napari_refusion.volume.probe import unit_of
from napari_refusion.volume.volume import Volume

LARGEST: Final = 1000.0
"""mm; no search and no sphere is larger."""


@dataclass(frozen=True, slots=True)
class Method:
    """A way to draw."""

    title: str
    """As a menu calls it."""
    words: str
    """As table and report call what was drawn, with ``{amount}`` and the source's ``{unit}``."""
    draw: Callable[[Search, float], NDArray[np.bool_]]
    """Returns which voxels of the searched box it takes."""
    amounts: tuple[float, ...] = ()
    """What is offered for its number, the default first; empty for a method without one."""
    label: str = ""
    """What the number is, with its unit."""
    source: str = ""
    """Where method and numbers are from."""
    is_contour: bool = True
    """Whether it grows from the hot spot near the click; a sphere does not."""
    in_suv: bool = False
    """Whether the numbers offered are SUV, and make no sense in another unit."""


def _whole(found: Search, _diameter: float) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = np.isfinite(found.values)
    return inside


_EANM: Final = "Boellaard et al., Eur J Nucl Med Mol Imaging 2015;42:328-354, doi:10.1007/s00259-014-2961-x"

METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "isocontour": Method(
            "Isocontour", "isocontour {amount} %", fraction, (41.0, 50.0), "of the maximum (%)", f"41 and 50 %: {_EANM}"
        ),
        "threshold": Method(
            "Fixed threshold",
            "threshold {amount} {unit}",
            above,
            (2.5, 4.0),
            "threshold (SUV)",
            "2.5: Ilyas et al., Eur J Nucl Med Mol Imaging 2018;45:1142-1154, doi:10.1007/s00259-018-3953-z; "
            "4.0: Barrington et al., J Nucl Med 2021;62:332-337",
            in_suv=True,
        ),
        "gradient": Method(
            "Gradient edge",
            "gradient edge",
            gradient_edge,
            source="Geets et al., Eur J Nucl Med Mol Imaging 2007;34:1427-1438, doi:10.1007/s00259-006-0363-4",
        ),
        "sphere": Method(
            "Sphere", "sphere of {amount} mm", _whole, (30.0, 10.0, 20.0), "diameter (mm)", is_contour=False
        ),
    }
)
"""Name -> method, in the order of menus; the first is what one click on uptake does."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A volume of interest, and what was noticed when it was drawn."""

    voi: VolumeOfInterest
    findings: tuple[Finding, ...]


def draw(
    volume: Volume,
    point: NDArray[np.float64],
    method: str = "isocontour",
    amount: float | None = None,
    *,
    radius: float = RADIUS,
) -> Drawn:
    """Return the volume of interest that a click on a source gives.

    Parameters
    ----------
    volume
        The source where it lies in the patient, on its own grid: never resampled, and never a fused image.
    point
        The click, (3,) RAS+ mm.
    method
        One of `METHODS`.
    amount
        Its number: percent, a value in the source's unit, or the diameter in mm; by default the first offered.
    radius
        mm about the click, within which a contour grows.

    Raises
    ------
    RefusedError
        If nothing can be drawn there, with what to do.
    """
    check_name("volume of interest", method, METHODS, "method")
    known = METHODS[method]
    number = _number(volume, known, amount)
    size = _size(radius, "search radius") if known.is_contour else _size(number, "diameter") / 2
    found = search(volume, np.asarray(point, np.float64), size, climbs=known.is_contour)
    inside = known.draw(found, number)
    words = known.words.format(amount=in_figures(number), unit=unit_of(volume))
    guards = guard_contour if known.is_contour else guard_sphere
    cut = voi_of(inside, volume.affine, words)
    first, second, third = (end.start + at for end, at in zip(found.ball.box, cut.corner, strict=True))
    voi = replace(cut, corner=(first, second, third), grid=volume.grid)
    return Drawn(voi, guards(found, inside, unit_of(volume)))


def _number(volume: Volume, known: Method, amount: float | None) -> float:
    """Return the number of a method as given, or its default; refuse one that makes no sense."""
    if volume.is_photograph:
        sentence = "Draw volumes of interest on images of a patient: pixels of a photograph have no size."
        raise refuse("volume of interest", sentence)
    if amount is None and known.in_suv and volume.unit not in SUV_UNITS:
        offered = " and ".join(f"{one:g}" for one in known.amounts)
        sentence = f"Give a threshold in {unit_of(volume)}: those offered, {offered}, are SUV, and the source is not."
        raise refuse("volume of interest", sentence, unit_of(volume))
    number = float(amount if amount is not None else next(iter(known.amounts), 0.0))
    if known.amounts and not (np.isfinite(number) and number > 0):
        sentence = f"Give a number above 0 for {known.title}, not {number:g}."
        raise refuse("volume of interest", sentence, f"{number:g}")
    return number


def _size(size: float, name: str) -> float:
    if not 0 < size <= LARGEST:
        sentence = f"Choose a {name} above 0 and up to {LARGEST:g} mm, not {size:g} mm."
        raise refuse("volume of interest", sentence, f"{size:g} mm")
    return size
