"""Which check of the review sees which error: ``python -m training.planted_errors --data DATA --output TABLE.md``.

Errors are planted in good pairs (`good_cases`): a mirrored or shifted first source, a wrong window, noise, and lesions
that the fused image hides. Limits come from the patients of one fold (`calibrate`) and are tried on those of the other,
both ways round, so that no case is judged by limits that it set. What is measured is kept in ``--cache``.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import shift

from napari_refusion.evidence.examiner import Examiner, start_examiner
from napari_refusion.evidence.measures import FusedImages
from napari_refusion.fusion.engines import start_engine
from napari_refusion.io.whole_files import atomic
from napari_refusion.volume.registration.self_test import registration_findings
from napari_refusion.volume.volume import Volume
from training.calibrate import Measured, good_slices, keep, measured, numbers_of
from training.error_table import Lesion, Tested, lesion_table, numbers_table, registration_table
from training.good_cases import GoodCase, chosen, good_cases
from training.planted_lesions import planted_lesions

EACH: Final = 20
"""Slices of patients of each modality in which an error is planted."""

LESION_SLICES: Final = 30
"""Slices of PET, and of SPECT, in which lesions are planted."""

SHIFT: Final = 8.0
"""Pixels of a slice, or mm of a volume."""

Slice = NDArray[np.float32]
Both = tuple[Slice, Slice]


def mirrored(a: Slice, b: Slice, _: np.random.Generator) -> Both:
    """Return the sources with the first one mirrored left to right."""
    return np.ascontiguousarray(a[:, ::-1]), b


def shifted(a: Slice, b: Slice, random: np.random.Generator) -> Both:
    """Return the sources with the first one shifted by `SHIFT` pixels in a random direction."""
    angle = random.uniform(0, 2 * np.pi)
    return np.clip(shift(a, (SHIFT * np.sin(angle), SHIFT * np.cos(angle)), order=1), 0, 1), b


def _window(side: int, factor: float) -> Callable[[Slice, Slice, np.random.Generator], Both]:
    """Return the error that one source's window is too wide (a factor below 1) or too narrow."""

    def rewindowed(a: Slice, b: Slice, _: np.random.Generator) -> Both:
        changed = [a, b]
        changed[side] = np.clip(changed[side] * np.float32(factor), 0, 1)
        return changed[0], changed[1]

    return rewindowed


def _noise(side: int, is_added: bool) -> Callable[[Slice, Slice, np.random.Generator], Both]:
    """Return the error that one source has noise of standard deviation 0.2 added, or is uniform noise in its body."""

    def noisy(a: Slice, b: Slice, random: np.random.Generator) -> Both:
        changed = [a, b]
        one = changed[side]
        noise = one + random.normal(0, 0.2, one.shape) if is_added else random.random(one.shape) * (one > 0.02)
        changed[side] = np.clip(noise, 0, 1).astype(np.float32)
        return changed[0], changed[1]

    return noisy


ERRORS: Final = {
    "left and right of the first source exchanged": mirrored,
    "first source shifted by 8 pixels": shifted,
    "first source's window 10 times too wide": _window(0, 0.1),
    "MRI's window 10 times too wide": _window(1, 0.1),
    "first source's window 4 times too narrow": _window(0, 4.0),
    "MRI's window 4 times too narrow": _window(1, 4.0),
    "noise added to the first source": _noise(0, True),
    "noise added to the MRI": _noise(1, True),
    "first source replaced by noise": _noise(0, False),
    "MRI replaced by noise": _noise(1, False),
}
"""What is done to both sources of a slice, in words."""


def planted_slices(examiner: Examiner, cases: Sequence[GoodCase]) -> Iterator[Measured]:
    """Yield the numbers of `EACH` slices of patients of each modality with each of the `ERRORS`."""
    random = np.random.default_rng(1)
    for case, index in chosen([case for case in cases if not case.is_template], EACH):
        for error, plant in ERRORS.items():
            a, b = plant(case.a[index], case.b[index], random)
            images = FusedImages(a, b, examiner.engine.fuse(a, b))
            yield measured(case, index, error, numbers_of(examiner, images))


def tested_registrations(cases: Sequence[GoodCase]) -> Iterator[Tested]:
    """Yield the registration self-test of every single slice and volume: good, mirrored, and shifted.

    Single slices are shifted once, in the plane; volumes eight times, in random directions in space.
    """
    random = np.random.default_rng(2)
    for case in cases:
        pairs = (
            [(case.study.a.volume, case.study.b.volume)]
            if case.study
            else [case.single(index) for index in case.body()]
        )
        for a, b in pairs:
            is_volume = case.study is not None
            yield Tested(case.name, "", is_volume, _warnings(a, b))
            turned = replace(a, data=np.ascontiguousarray(a.data[:, :, ::-1]))
            yield Tested(case.name, "mirrored", is_volume, _warnings(turned, b))
            for _ in range(8 if is_volume else 1):
                direction = random.normal(size=3) if is_volume else (0.0, *random.normal(size=2))
                steps = SHIFT * np.array(direction) / np.linalg.norm(direction) / np.array(a.spacing)
                moved = replace(a, data=shift(a.data, steps, order=1, mode="nearest"))
                yield Tested(case.name, "shifted", is_volume, _warnings(moved, b))


def _warnings(a: Volume, b: Volume) -> str:
    """Return the rules by which the self-test doubts the position; sides that it cannot confirm are no doubt."""
    found = registration_findings(a, b, np.ones(a.shape, np.bool_))
    return ",".join(one.rule for one in found if one.level == "warn" and one.rule != "left and right")


def report(
    good: Sequence[Measured], planted: Sequence[Measured], tested: Sequence[Tested], lesions: Sequence[Lesion]
) -> str:
    """Return the whole report in Markdown."""
    return REPORT.format(
        registration=registration_table(tested),
        lesions=lesion_table(lesions),
        apart=numbers_table(good, planted, is_apart=True),
        together=numbers_table(good, planted, is_apart=False),
    )


REPORT: Final = """# Planted errors: which check sees what

Made by `python -m training.planted_errors`. Errors were planted in good pairs of patients that the weights were not
trained on (Whole Brain Atlas: CT, PET and SPECT with MRI; PET with CT and MRI of legs and trunks). Templates (SPM,
JuSpace) are means of many people and listed by themselves. Each cell is the share that is warned of: for an error its
detection, for "nothing" the false alarms.

## Registration self-test

Shifts are 8 pixels of a slice in a random direction in the plane, and 8 mm of a volume in random directions in space.

{registration}

## Missed uptake

Gaussian lesions, 0.3 high with a standard deviation of 4 pixels, one at a time; hidden is one of which less than 0.2
shows. Listed is one with a place of the list within 8 pixels.

{lesions}

## Numbers of a slice

Percent of slices beyond the amber limit, in brackets beyond the red one. Limits come from the patients of one half and
are tried on the other, both ways round. `occupied` is judged once for each case, by its best slice; the last column
counts slices with any other number beyond its amber limit, of those that the review judges: `recovered_a`,
`recovered_b` and `residual_a` are shown there without a limit. The same limits for all modalities, as they are shipped:

{together}

Limits of each modality by itself:

{apart}
"""


def main() -> None:
    """Read the command line, plant, measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder with mif and volumes")
    parser.add_argument("--output", required=True, type=Path, help="Markdown file, replaced if it exists")
    parser.add_argument("--cache", type=Path, help="folder for what was measured; is read from there if it exists")
    arguments = parser.parse_args()
    folder = arguments.cache
    try:
        examiner = start_examiner(start_engine("medical", device="cpu"))
        cases = list(good_cases(arguments.data))
        text = report(
            keep(good_slices(examiner, cases), folder, "good", Measured),
            keep(planted_slices(examiner, cases), folder, "planted", Measured),
            keep(tested_registrations(cases), folder, "registration", Tested),
            keep(planted_lesions(examiner, cases, LESION_SLICES), folder, "lesions", Lesion),
        )
        with atomic(arguments.output, overwrite=True) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    except (ValueError, OSError) as error:
        sys.exit(f"Not measured: {error}")
    print(text)


if __name__ == "__main__":
    main()
