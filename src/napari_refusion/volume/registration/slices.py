"""The self-test of single slices and photographs: where one fits the other best in its plane.

A slice is compared over its foreground, and beyond its edge lies background; what volumes are compared by (`probe`)
needs a body with air around it, which a round slice near the top of the head fills in any position.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.levels import VOXEL, averaged, averaged_volume, factors_for, levels, shades
from napari_refusion.volume.registration.position import AS_GIVEN, Position, about, rotation, shift_in_words
from napari_refusion.volume.registration.probe import FEWEST_POINTS, FOREGROUND, Probe
from napari_refusion.volume.registration.sentences import better, fits, sides_unconfirmed, too_little
from napari_refusion.volume.volume import Volume

MARGIN: Final = 0.005
"""By which share the NMI of another position must be higher to be reported.

On 136 dev-test slices of the Whole Brain Atlas: aligned, 6 % warned, most of them round slices near the top of the
head; mirrored left to right, 90 % warned; shifted by 16 pixels, 93 % front to back and 99 % left to right."""

SIDES_MARGIN: Final = 0.001
"""The same for the mirrored position."""

SIDES_CONFIRMED: Final = 0.004
"""By which share the mirrored NMI must be lower to confirm the sides."""

SIDES_LEAD: Final = 1.25
"""How much more mirroring must gain than a shift to be named as the fault: a near symmetric head that was shifted is
brought back by either, by mirroring up to 1.13 times as well."""

SHIFTS: Final = (8.0, 16.0)
"""mm along each axis. 4 mm cannot be judged: aligned pairs gain up to 1 % by it."""

ROTATIONS: Final = (3.0, 8.0)
"""Degrees."""


def slice_findings(a: Volume, b: Volume, covered: NDArray[np.bool_]) -> list[Finding]:
    """Return whether slice a fits b best at its position in the files, against mirroring, shifts, rotations and turns.

    Parameters
    ----------
    a, b
        Two volumes of one slice on one grid, all voxels finite; b the anatomical one.
    covered
        (1, P, L), where both have data.
    """
    probe = _probe(a, b, covered)
    if probe is None:
        return [too_little(a, b)]
    unit = "pixels" if a.is_photograph else "mm"
    here, beside, mirrored = (max(map(probe.nmi, some)) for some in ((AS_GIVEN,), _beside(probe), _mirrored(probe)))
    others = [(probe.nmi(position), position.words) for position in _elsewhere(probe, unit)]
    there, words = max(others, key=lambda scored: scored[0])
    if mirrored > max(here, beside) * (1 + SIDES_MARGIN) and mirrored - here > SIDES_LEAD * (there - here):
        return [better("laterality", a, b, "mirrored left to right", mirrored, here)]
    if there > here * (1 + MARGIN):
        return [better("registration", a, b, words, there, here)]
    found = [
        fits(a, b, f"{len(others)} other positions tried; shifts under {SHIFTS[0]:g} {unit} are not detected", here)
    ]
    if mirrored > max(here, beside) * (1 - SIDES_CONFIRMED):
        found.append(sides_unconfirmed(a, b, mirrored, here))
    return found


def _probe(a: Volume, b: Volume, covered: NDArray[np.bool_]) -> Probe | None:
    """Return two slices averaged, smoothed and in grey levels; None if they share too little foreground."""
    factors = factors_for(a, VOXEL)
    spacing = np.array(a.spacing) * factors
    everywhere = np.ones([size // factor for size, factor in zip(a.shape, factors, strict=True)], dtype=np.bool_)
    plain_a, plain_b = (shades(averaged_volume(one, factors), everywhere, one, plain=True) for one in (a, b))
    known = averaged(covered, factors) > 0.99
    places = np.argwhere((plain_b > FOREGROUND) & known)
    others = np.argwhere((plain_a > FOREGROUND) & known)
    if len(places) < FEWEST_POINTS or not len(others):
        return None
    return Probe(
        levels=levels(plain_a),
        spacing=spacing,
        points=places.astype(np.float32),
        point_levels=levels(plain_b[tuple(places.T)]),
        middle_a=others.mean(axis=0) * spacing,
        middle_b=places.mean(axis=0) * spacing,
        span=(0, known.shape[2] - 1),
        beyond=0,
    )


def _beside(probe: Probe) -> Iterator[Position]:
    """Yield a one voxel to either side: the freedom that the mirrored positions have, too."""
    for step in (-1, 1):
        yield AS_GIVEN.shifted(2, step * probe.spacing[2])


def _mirrored(probe: Probe) -> Iterator[Position]:
    """Yield a mirrored left to right, about the middle of the grid and so that the two foregrounds meet."""
    matrix, width = np.diag([1.0, 1.0, -1.0]), probe.spacing[2]
    meeting = round((probe.middle_a[2] + probe.middle_b[2]) / width)
    for total in {middle + step for middle in (probe.levels.shape[2] - 1, meeting) for step in (-1, 0, 1)}:
        yield Position(matrix, np.array([0.0, 0.0, total * width]))


def _elsewhere(probe: Probe, unit: str) -> Iterator[Position]:
    """Yield a shifted along its axes, rotated, mirrored front to back, rows and columns exchanged."""
    for axis, distance, sign in product((1, 2), SHIFTS, (-1, 1)):
        steps = round(distance / probe.spacing[axis])
        if 0 < 2 * steps < probe.levels.shape[axis]:
            amount = sign * steps * probe.spacing[axis]
            yield Position(np.eye(3), np.eye(3)[axis] * amount, shift_in_words(axis, amount, unit))
    for degrees, sign in product(ROTATIONS, (-1, 1)):
        words = f"rotated by {degrees:g} degrees"
        yield about(probe.middle_b, probe.middle_b, rotation(0, sign * degrees), words)
    yield about(probe.middle_a, probe.middle_b, np.diag([1.0, -1.0, 1.0]), "mirrored front to back")
    yield about(probe.middle_a, probe.middle_b, np.eye(3)[[0, 2, 1]], "with rows and columns exchanged")
