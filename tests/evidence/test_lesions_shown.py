"""How much of the reader's own lesions the fused image shows, with engines of which that is known."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from napari_refusion.evidence.lesions_shown import (
    AskedLesion,
    LesionsShown,
    hidden_findings,
    lesions_shown,
)
from napari_refusion.evidence.trust import check_outcomes
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.methods import draw
from napari_refusion.lesion.shown import Shown
from napari_refusion.lesion.voi import voi_of
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.case import CaseReview
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from tests.lesion.uptake import blob, pet, place


@dataclass
class Mixing:
    """An engine that mixes both sources and counts its slices."""

    share: float
    """Of source a."""
    count: int = 0

    def fuse(self, a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
        self.count += 1
        return (self.share * a + (1 - self.share) * b).astype(np.float32)


def partial_of(share: float, axis: str = "axial", *, is_complete: bool = True) -> PartialFusion:
    source = pet(blob())
    mri = Volume(np.random.default_rng(0).random(source.shape, dtype=np.float32), source.affine, "MR", name="T1")
    partial = new_partial(pair(source, mri, windows=(Window(0, 10), Window(0, 1))), axis, "w" * 64)
    engine = Mixing(share)
    for index in range(len(partial.done) if is_complete else 0):
        along = {"axial": 0, "coronal": 1, "sagittal": 2}[axis]
        a, b = (np.moveaxis(side.volume.data / side.window.high, along, 0)[index] for side in partial.study.sides)
        partial.put(index, engine.fuse(a, b))
    return partial


def asked(partial: PartialFusion) -> AskedLesion:
    return AskedLesion(1, draw(partial.study.a.source, place((12, 12, 12))).voi, is_first=True)


@pytest.mark.parametrize("axis", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_a_mixture_shows_the_part_of_the_contrast_that_it_takes_from_the_source(share: float, axis: str) -> None:
    partial = partial_of(share, axis)
    [(number, shown)] = lesions_shown(Mixing(share), partial, [asked(partial)])  # type: ignore[arg-type]
    assert number == 1
    assert shown is not None
    assert shown.share == pytest.approx(share, abs=1e-5)


def test_only_the_slices_with_the_lesion_are_fused_and_missing_ones_for_it_alone() -> None:
    engine = Mixing(0.5)
    partial = partial_of(0.5)
    one = asked(partial)
    list(lesions_shown(engine, partial, [one]))  # type: ignore[arg-type]
    slices = one.voi.mask.shape[0]
    assert engine.count == slices
    empty = partial_of(0.5, is_complete=False)
    [(_, shown)] = lesions_shown(engine, empty, [one])  # type: ignore[arg-type]
    assert engine.count == 3 * slices
    assert shown is not None
    assert shown.share == pytest.approx(0.5, abs=1e-5)
    assert not empty.done.any()


def test_of_a_lesion_on_the_second_source_that_one_is_levelled() -> None:
    partial = partial_of(0.25)
    study = partial.study
    swapped = replace(partial, study=replace(study, a=study.b, b=study.a), fused=partial.fused)
    one = replace(asked(partial), is_first=False)
    [(_, shown)] = lesions_shown(Mixing(0.75), swapped, [one])  # type: ignore[arg-type]
    assert shown is not None
    assert shown.share == pytest.approx(0.25, abs=1e-5)


def test_a_lesion_outside_of_the_fused_image_has_no_share() -> None:
    partial = partial_of(0.5)
    far = partial.study.a.source.affine.copy()
    far[:3, 3] += 1000
    mask = np.ones((2, 2, 2), bool)
    asked_far = AskedLesion(4, voi_of(mask, far), is_first=True)
    assert list(lesions_shown(Mixing(0.5), partial, [asked_far])) == [(4, None)]  # type: ignore[arg-type]


SHOWN = LesionsShown({1: Shown(0.5, 0.123), 2: Shown(0.5, 0.9), 3: Shown(0.4, -0.02), 4: None, 5: Shown(0.0, None)})


def test_hidden_are_those_of_which_less_than_a_fifth_is_shown_the_least_first() -> None:
    assert list(SHOWN.hidden) == [3, 1]
    assert SHOWN.words == "the fused image hides 2 lesions: 3 (-2 %), 1 (12 %)"
    assert LesionsShown({1: Shown(0.5, 0.2)}).words == ""
    voi = asked(partial_of(0.5)).voi
    lesions = Lesions().added(voi, "a", "node").added(voi, "a").added(voi, "a")
    told = hidden_findings(lesions, SHOWN)
    assert [one.value for one in told] == ["-2 %", "12 %"]
    assert told[1].sentence == "Read node in its source: the fused image shows 12 % of its contrast."
    assert {(one.rule, one.check, one.level) for one in told} == {("hidden lesion", "Output", "warn")}


def test_one_hidden_lesion_fails_the_output_also_before_the_examination() -> None:
    *_, output = check_outcomes((), CaseReview(), None, None, LesionsShown({1: Shown(0.5, 0.1)}))
    assert output.colour == "red"
    assert output.value == "the fused image hides 1 lesion: 1 (10 %)"
    assert "Not run: the volume has not been examined yet." in output.sentence


def test_shown_lesions_fail_nothing_and_those_not_known_yet_are_named() -> None:
    *_, output = check_outcomes((), CaseReview(), None, None, LesionsShown({1: Shown(0.5, 0.5)}, (2,)))
    assert output.colour == "not run"
    assert "Not judged: how much is shown of lesion 2." in output.sentence
    *_, output = check_outcomes((), CaseReview(), None, None, LesionsShown({}, (1, 2, 3, 5)))
    assert "Not judged: how much is shown of lesions 1 to 3, 5." in output.sentence, "of two hundred it is no list"
