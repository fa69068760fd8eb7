"""Registration self-test: whether one volume fits the other better elsewhere than where the files place it.

Nothing in a fusion network notices a shifted or mirrored source, so positions are judged before it. The measure is the
normalised mutual information NMI = (H(A) + H(B)) / H(A, B), 1 to 2, which needs no common contrast (Studholme, Hill and
Hawkes 1999, Pattern Recognition 32:71-86), inside the body and in a rim of air about it: outlines count, a table does
not. It alone is no reason for an alarm, since it is often a little higher beside the true place: what counts is how
far away its maximum lies (`margins`). Nothing is moved for the reader: a better position is only reported.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.fit import Fit, fit
from napari_refusion.volume.registration.margins import Margins, margins_for
from napari_refusion.volume.registration.position import shift_in_words
from napari_refusion.volume.registration.probe import make_probe
from napari_refusion.volume.registration.sentences import (
    better,
    fits,
    moved_in_between,
    nothing_shared,
    other_size,
    same_position,
    sides_unconfirmed,
    stored_otherwise,
    too_little,
)
from napari_refusion.volume.registration.slices import slice_findings
from napari_refusion.volume.rigid import is_displaced
from napari_refusion.volume.volume import Volume

UNRELATED: Final = 1.03
"""NMI below which a best position is no evidence: a head's PET laid into the CT of a trunk, MRI of a head on trunks and
heads of other scans have 1.01 to 1.025 wherever they lie; twelve real pairs of heads in register 1.087 to 1.265, PET
with CT and with MRI of 24 trunks and limbs 1.109 to 1.231 and 1.051 to 1.150."""


SIZE_GAIN: Final = 0.005
"""Share by which the NMI of a head with voxels of another size must be higher than in all other positions: it is lower
in all of 16 real pairs of heads, by 0.1 % at least, and higher by 0.6 to 13 % where sizes were a fifth wrong, but for
one of 18."""


def registration_findings(a: Volume, b: Volume, covered: NDArray[np.bool_]) -> list[Finding]:
    """Return whether a fits b best at its position in the files, against mirroring, shifts, rotations and turns.

    Where the headers say that both were acquired in one study and frame of reference, a better fit elsewhere is told,
    but is no warning unless it lies far away (`Margins.one_position`); mirroring is, and axes exchanged or reversed,
    for no patient lies so.

    Parameters
    ----------
    a, b
        Two volumes on one grid, all voxels finite; b the anatomical one.
    covered
        (I, P, L), where both have data.
    """
    if a.is_photograph or a.shape[0] == 1:
        return slice_findings(a, b, covered)
    probe = make_probe(a, b, covered)
    if probe is None:
        return [too_little(a, b)]
    margins, found = margins_for(a, b, head=probe.is_head), fit(probe)
    return _stored_wrongly(a, b, found, margins) or _placed(a, b, found, margins)


def _stored_wrongly(a: Volume, b: Volume, found: Fit, margins: Margins) -> list[Finding]:
    """Return the warning that the file of a has other voxel sizes, sides or axes than what it shows; none if it fits.

    A near symmetric one that seems mirrored and is only shifted far across is told as that.
    """
    # a near symmetric head that was shifted across is brought back by mirroring, too, but no better than by shifting
    upright = max(found.upright, *(best.nmi for best in found.shifts[1:]))
    if _is_of_other_size(found):
        return [other_size(a, b, found.scaled_words, found.scaled, found.here)]
    if found.mirrored > max(upright * (1 + margins.sides), found.turned.nmi):
        if not _is_shifted_across(found, margins):
            return [better("laterality", a, b, "mirrored left to right", found.mirrored, found.upright)]
        words = shift_in_words(2, found.across.amount)
        shifted = better("registration", a, b, words, found.across.nmi, found.here)
        return [shifted, sides_unconfirmed(a, b, found.mirrored, found.across.nmi)]
    if _is_stored_otherwise(found, margins):
        return [stored_otherwise(a, b, found.turned_words, found.turned.nmi, found.here)]
    return []


def _placed(a: Volume, b: Volume, found: Fit, margins: Margins) -> list[Finding]:
    """Return whether a, whose file is in order, fits b best where it lies, and whether its sides are confirmed."""
    there, words = _elsewhere(found, margins)
    if is_same_position(a, b):
        far, far_words = _elsewhere(found, margins.of_one_position)
        if far_words:
            return [moved_in_between(a, b, far_words, far, found.here)]
        findings = [same_position(a, b, words, found.here)]
    elif words:
        return [better("registration", a, b, words, there, found.here)]
    elif found.here < UNRELATED:
        return [nothing_shared(a, b, found.here)]
    else:
        least = f"{min(margins.along, margins.across):g} mm"
        findings = [fits(a, b, f"shifts by up to 20 mm were tried; those under {least} are not detected", found.here)]
    if found.mirrored > found.upright * (1 - margins.sides_confirmed):
        findings.append(sides_unconfirmed(a, b, found.mirrored, found.upright))
    return findings


def _is_shifted_across(found: Fit, margins: Margins) -> bool:
    """Return whether a volume that fits better mirrored fits as well where it is only shifted farther to a side."""
    is_far = abs(found.across.amount) >= margins.across
    return is_far and found.across.nmi * (1 + margins.sides) >= found.mirrored


def _is_of_other_size(found: Fit) -> bool:
    """Return whether a volume fits better with voxels of another size than in any other position that was tried."""
    elsewhere = max(found.moved, found.mirrored, found.turned.nmi)
    return found.scaled > max(elsewhere * (1 + SIZE_GAIN), UNRELATED)


def _is_stored_otherwise(found: Fit, margins: Margins) -> bool:
    """Return whether a volume fits better with its axes exchanged or reversed than wherever it is moved as it is."""
    return found.turned.nmi > max(found.moved * (1 + margins.turned), UNRELATED)


def is_same_position(a: Volume, b: Volume) -> bool:
    """Return whether the headers put both into one frame of reference of one study, and nobody moved one since."""
    frames, studies = (a.frame_of_reference, b.frame_of_reference), (a.acquisition.study, b.acquisition.study)
    is_one = all(frames) and all(studies) and len({*frames}) == len({*studies}) == 1
    return is_one and not (is_displaced(a) or is_displaced(b))


def _elsewhere(found: Fit, margins: Margins) -> tuple[float, str]:
    """Return the NMI of the best position beyond the margins and what was done to a in it; no words without one."""
    least = found.here * (1 + margins.gain)
    better_ones = [
        (best.nmi, shift_in_words(axis, best.amount))
        for axis, best in enumerate(found.shifts)
        if abs(best.amount) >= (margins.along if axis == 0 else margins.across) and best.nmi > least
    ]
    better_ones += [
        (best.nmi, f"rotated by {abs(best.amount):.0f} degrees")
        for best in found.rotations
        if abs(best.amount) >= margins.degrees and best.nmi > least
    ]
    return max(better_ones, default=(found.here, ""))
