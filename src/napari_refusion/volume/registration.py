"""Registration self-test: whether one volume fits the other better elsewhere than where the files place it.

Nothing in a fusion network notices a shifted or mirrored source, so positions are judged before it. The measure is the
normalised mutual information NMI = (H(A) + H(B)) / H(A, B), 1 to 2, which needs no common contrast (Studholme, Hill and
Hawkes 1999, Pattern Recognition 32:71-86). Nothing is moved for the reader: a better position is only reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume

VOXEL: Final = 2.0
"""mm; both volumes are averaged to about this. At 4 mm the sides of half of the real pairs could not be determined."""

BINS: Final = 32
"""Grey levels of each volume in the joint histogram."""

POINTS: Final = 80_000
"""Voxels sampled, at most; three times as many change NMI ratios by 0.0005 at most."""

FEWEST_POINTS: Final = 1_500
"""Below it (60 square cm of one slice) round slices near the top of the head fit in any position."""

FOREGROUND: Final = 0.05
"""Share of the grey range above which a voxel is not background."""

SIDES_MARGIN: Final = 0.001
"""By which share the mirrored NMI must be higher to be reported.

Measured on 20 real volume pairs: aligned -2.6 to +0.03 %, mirrored +0.14 to +2.6 % except where a symmetric template
takes part (see `registration_findings`)."""

SIDES_CONFIRMED: Final = 0.004
"""By which share the mirrored NMI must be lower to confirm the sides: mirrored pairs that go unseen reach 0.33 %."""

SIDES_LEAD: Final = 1.25
"""How much more mirroring must gain than a shift to be named as the fault: a near symmetric head that was shifted is
brought back by either, by mirroring up to 1.13 times as well."""

POSITION_MARGIN: Final = 0.001
"""The same for shifts, rotations and turns of volumes: aligned pairs gained -5.8 to +0.04 %."""

SLICE_MARGIN: Final = 0.005
"""The same for a single slice, where less tells positions apart.

On 136 dev-test slices of the Whole Brain Atlas: aligned, 6 % warned, most of them round slices near the top of the
head; mirrored left to right, 90 % warned; shifted by 16 pixels, 93 % front to back and 99 % left to right."""

SHIFTS: Final = (8.0, 16.0)
"""mm along each axis. 4 mm cannot be judged: aligned pairs gain up to 1 % by it."""

ROTATIONS: Final = (3.0, 8.0)
"""Degrees about each axis."""

DIRECTIONS: Final = (("head", "feet"), ("front", "back"), ("patient's right", "patient's left"))
"""Where smaller and larger indices of (I, P, L) lie."""


@dataclass(frozen=True, slots=True)
class _Position:
    """A position of volume a: the point x of b, in mm along (I, P, L), meets a at ``matrix @ x + offset``."""

    words: str
    """What was done to a (``shifted by 8 mm towards the head``)."""
    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Probe:
    """Two volumes made ready for many values of NMI."""

    levels: NDArray[np.int64]
    """(I, P, L) grey levels of a, 0 to BINS - 1."""
    spacing: NDArray[np.float64]
    """(3,) mm."""
    points: NDArray[np.float32]
    """(N, 3) indices of foreground voxels of b."""
    point_levels: NDArray[np.int64]
    """(N,) grey levels of b there."""
    middle_a: NDArray[np.float64]
    """(3,) mm along (I, P, L) from the first voxel, middle of the foreground of a."""
    middle_b: NDArray[np.float64]
    """(3,) mm, middle of the foreground of b."""
    length: str
    """The word for millimetres: photographs are in pixels."""

    def nmi(self, position: _Position) -> float:
        """Return the NMI of b with a in a position; outside its grid a is background."""
        matrix = position.matrix / self.spacing[:, None] * self.spacing
        offset = (position.offset / self.spacing)[:, None]
        # einsum, since a product this narrow is slowed four times by the threads of the linear algebra library.
        at = np.einsum("ij,nj->in", matrix.astype(np.float32), self.points) + offset.astype(np.float32)
        plane, row, column = np.rint(at).astype(np.int64)
        planes, rows, columns = self.levels.shape
        inside = (plane >= 0) & (plane < planes) & (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        flat = np.where(inside, (plane * rows + row) * columns + column, 0)
        return _nmi(np.where(inside, self.levels.ravel()[flat], 0), self.point_levels)


def registration_findings(a: Volume, b: Volume, covered: NDArray[np.bool_]) -> list[Finding]:
    """Return whether a fits b best at its position in the files, against mirroring, shifts, rotations and turns.

    On 20 real volume pairs (tests/volume/test_registration.py): aligned, no warning in 20; mirrored left to right, a
    warning in 15; shifted by 16 mm, in 20 along each axis; by 8 mm, in 20, 20 and 18. The five that go unseen mirrored
    contain a template made symmetric, whose sides nothing can tell: the finding then says that they are not confirmed.

    Parameters
    ----------
    a, b
        Two volumes on one grid, all voxels finite; b the anatomical one.
    covered
        (I, P, L), where both have data.
    """
    probe = _probe(a, b, covered)
    if probe is None:
        sentence = f"{a.title} and {b.title} overlap too little to test their alignment: compare outlines."
        return [Finding("warn", "registration", sentence)]
    here, beside, mirrored = (max(map(probe.nmi, some)) for some in (_still(), _beside(probe), _mirrored(probe)))
    others = [(probe.nmi(position), position.words) for position in _elsewhere(probe)]
    there, words = max(others, key=lambda scored: scored[0])
    margin = SLICE_MARGIN if a.shape[0] == 1 else POSITION_MARGIN
    if mirrored > max(here, beside) * (1 + SIDES_MARGIN) and mirrored - here > SIDES_LEAD * (there - here):
        return [_better("laterality", a, b, "mirrored left to right", mirrored, here)]
    if there > here * (1 + margin):
        return [_better("registration", a, b, words, there, here)]
    sentence = (
        f"{a.title} fits {b.title} best at its position in the files ({len(others)} other positions tried; shifts "
        f"under {SHIFTS[0]:g} {probe.length} are not detected)."
    )
    found = [Finding("ok", "registration", sentence, f"NMI {here:.3f}")]
    if mirrored > max(here, beside) * (1 - SIDES_CONFIRMED):
        sentence = f"{a.title} fits {b.title} almost as well mirrored: this test cannot confirm left and right."
        found.append(Finding("ok", "laterality", sentence, f"NMI {mirrored:.3f} and {here:.3f}"))
    return found


def _better(rule: str, a: Volume, b: Volume, words: str, there: float, here: float) -> Finding:
    """Return the warning that another position fits better."""
    remedy = (
        "check left and right of both against the examination before you fuse them"
        if rule == "laterality"
        else "compare outlines, and register the volumes first if they disagree"
    )
    sentence = f"{a.title} {words} fits {b.title} better (NMI {there:.3f} instead of {here:.3f}): {remedy}."
    return Finding("warn", rule, sentence, f"NMI {there:.3f} > {here:.3f}")


def _still() -> Iterator[_Position]:
    """Yield the position in the files."""
    yield _Position("", np.eye(3), np.zeros(3))


def _beside(probe: _Probe) -> Iterator[_Position]:
    """Yield a one voxel to either side: the freedom that the mirrored positions have, too."""
    for step in (-1, 1):
        yield _Position("", np.eye(3), np.array([0.0, 0.0, step * probe.spacing[2]]))


def _mirrored(probe: _Probe) -> Iterator[_Position]:
    """Yield a mirrored left to right, about the middle of the grid and so that the two foregrounds meet."""
    matrix, width = np.diag([1.0, 1.0, -1.0]), probe.spacing[2]
    meeting = round((probe.middle_a[2] + probe.middle_b[2]) / width)
    for total in {middle + step for middle in (probe.levels.shape[2] - 1, meeting) for step in (-1, 0, 1)}:
        yield _Position("", matrix, np.array([0.0, 0.0, total * width]))


def _elsewhere(probe: _Probe) -> Iterator[_Position]:
    """Yield a shifted along its axes, rotated about them, mirrored along the other two, rows and columns exchanged."""
    shape, volume = probe.levels.shape, probe.levels.shape[0] > 1
    for axis, distance, sign in product(range(3), SHIFTS, (-1, 1)):
        steps = round(distance / probe.spacing[axis])
        if 0 < 2 * steps < shape[axis]:
            offset = np.zeros(3)
            offset[axis] = sign * steps * probe.spacing[axis]
            words = f"shifted by {abs(offset[axis]):.0f} {probe.length} towards the {DIRECTIONS[axis][sign < 0]}"
            yield _Position(words, np.eye(3), offset)
    for axis, degrees, sign in product(range(3) if volume else (0,), ROTATIONS, (-1, 1)):
        yield _about_middle(probe, f"rotated by {degrees:g} degrees", _rotation(axis, sign * degrees), moved=False)
    yield _about_middle(probe, "mirrored front to back", np.diag([1.0, -1.0, 1.0]))
    yield _about_middle(probe, "with rows and columns exchanged", np.eye(3)[[0, 2, 1]])
    if volume:
        yield _about_middle(probe, "mirrored head to foot", np.diag([-1.0, 1.0, 1.0]))


def _about_middle(probe: _Probe, words: str, matrix: NDArray[np.float64], moved: bool = True) -> _Position:
    """Return a turned about the middle of b, or (`moved`) turned with its middle brought to that of b."""
    middle = probe.middle_a if moved else probe.middle_b
    return _Position(words, matrix, middle - matrix @ probe.middle_b)


def _rotation(axis: int, degrees: float) -> NDArray[np.float64]:
    """Return the rotation about an array axis, (3, 3)."""
    matrix, (first, second) = np.eye(3), [other for other in range(3) if other != axis]
    angle = np.radians(degrees)
    matrix[first, first] = matrix[second, second] = np.cos(angle)
    matrix[second, first], matrix[first, second] = np.sin(angle), -np.sin(angle)
    return matrix


def _probe(a: Volume, b: Volume, covered: NDArray[np.bool_]) -> _Probe | None:
    """Return the two volumes averaged, smoothed and in grey levels; None if they share too little foreground."""
    factors = [min(size, max(1, round(VOXEL / step))) for size, step in zip(a.shape, a.spacing, strict=True)]
    spacing = np.array(a.spacing) * factors
    grey_a, grey_b = (_grey(volume, factors) for volume in (a, b))
    known = _averaged(covered, factors) > 0.99
    foreground_a = (grey_a > FOREGROUND) & known
    flat = np.flatnonzero((grey_b > FOREGROUND) & known)
    if len(flat) < FEWEST_POINTS or not foreground_a.any():
        return None
    if len(flat) > POINTS:
        flat = flat[np.linspace(0, len(flat) - 1, POINTS).astype(np.int64)]
    places = np.column_stack(np.unravel_index(flat, grey_b.shape))
    return _Probe(
        levels=_levels(grey_a),
        spacing=spacing,
        points=places.astype(np.float32),
        point_levels=_levels(grey_b[tuple(places.T)]),
        middle_a=_middle(foreground_a) * spacing,
        middle_b=places.mean(axis=0) * spacing,
        length="pixels" if a.is_photograph else "mm",
    )


def _middle(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean index of the voxels of a mask, (3,); a list of them would take more memory than a volume."""
    counts = [mask.sum(axis=tuple(other for other in range(3) if other != axis)) for axis in range(3)]
    return np.array([np.arange(len(count)) @ count / count.sum() for count in counts])


def _grey(volume: Volume, factors: list[int]) -> NDArray[np.float32]:
    """Return a volume averaged, smoothed by one voxel, 0 at its minimum, 1 at its foreground's 99.5th percentile."""
    from scipy.ndimage import gaussian_filter

    # The brightest channel rises with a colour's strength; PET and SPECT palettes are not monotonic in luminance.
    data = _averaged(volume.data.max(axis=3) if volume.is_rgb else volume.data, factors)
    low, top = data.min(), data.max()
    if low == top:
        return np.zeros_like(data)
    high = np.percentile(data[data > low + 0.02 * (top - low)], 99.5)
    # Smoothed, since positions are looked up in the nearest voxel.
    sigmas = [float(size > 1) for size in data.shape]
    return np.asarray(gaussian_filter(np.clip((data - low) / (high - low), 0.0, 1.0), sigmas), dtype=np.float32)


def _averaged(data: np.ndarray, factors: list[int]) -> NDArray[np.float32]:
    """Return the means of blocks of voxels; incomplete blocks at the far ends are left out."""
    sizes = [size // factor for size, factor in zip(data.shape, factors, strict=True)]
    means = np.empty(sizes, dtype=np.float32)
    (planes, height, width), (_, rows, columns) = factors, sizes
    for plane in range(sizes[0]):  # one layer of blocks at a time: trimmed volumes are copied to be cut into blocks
        layer = data[plane * planes : (plane + 1) * planes, : rows * height, : columns * width]
        blocks = layer.reshape(planes, rows, height, columns, width)
        blocks.mean(axis=(0, 2, 4), dtype=np.float32, out=means[plane])
    return means


def _levels(grey: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return grey values of [0, 1] as levels 0 to BINS - 1."""
    return (grey * (BINS - 1) + 0.5).astype(np.int64)


def _nmi(levels_a: NDArray[np.int64], levels_b: NDArray[np.int64]) -> float:
    """Return the NMI of two lists of grey levels; 1 where both are constant."""
    joint = np.bincount(levels_a * BINS + levels_b, minlength=BINS * BINS).reshape(BINS, BINS) / levels_a.size
    together = _entropy(joint)
    return (_entropy(joint.sum(axis=0)) + _entropy(joint.sum(axis=1))) / together if together > 0 else 1.0


def _entropy(shares: NDArray[np.float64]) -> float:
    """Return the entropy of shares that sum to 1, in nats."""
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())
