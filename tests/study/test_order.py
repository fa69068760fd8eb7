"""Two of a kind: which comes first, on whose grid, and what is compared instead of fused."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_refusion.fusion.fuse import fuse_volume
from napari_refusion.fusion.preparation import plan_fusion
from napari_refusion.model.tasks import TASKS
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.finding import RefusedError, blocking
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from tests.small_pair import IPL_AFFINE, blob, small_mri, small_pet


def volume(seed: int, modality: str = "MR", name: str = "", **how: object) -> Volume:
    return Volume(
        blob((6, 24, 32), seed),
        IPL_AFFINE,
        modality,
        name=name or f"volume {seed}",
        acquisition=Acquisition(**how),  # type: ignore[arg-type]
    )


def rules(study: Study, *levels: str) -> list[str]:
    return [one.rule for one in study.findings if one.level in levels]


def names(study: Study) -> tuple[str, str]:
    return study.a.source.name, study.b.source.name


IN_ORDER = [
    volume(1, description="t1_mprage"),
    volume(2, description="t1_se", agent="Gadovist"),
    volume(3, name="sub-1_T2w"),
    volume(4, echo_time=90.0, repetition_time=9000.0, inversion_time=2500.0),
    volume(5, description="PD fs"),
    volume(6, description="ep2d_diff", b_value=0.0),
    volume(7, description="ep2d_diff", b_value=1000.0),
    volume(8, description="ADC"),
    volume(9, description="survey"),
]
"""The order that was asked for: T1, T1 with agent, T2, FLAIR, PD, diffusion by b-value, ADC, and what is not known."""


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(range(len(IN_ORDER)), 2)))
def test_mri_are_fused_by_contrast_whatever_was_clicked_first(one: int, other: int) -> None:
    first, second = IN_ORDER[one], IN_ORDER[other]
    for study in (pair(first, second), pair(second, first)):
        assert names(study) == (first.name, second.name)
        assert study.order


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (IN_ORDER[0], IN_ORDER[2]),
        (volume(1, description="survey"), volume(2, description="survey")),
        (
            volume(1, description="T2"),
            replace(volume(2, description="T2"), affine=IPL_AFFINE @ np.diag([1, 1.01, 1, 1])),
        ),
        (volume(1, "CT"), volume(2, "CT", agent="Iomeprol")),
        (volume(1, "NM"), volume(2, "PT")),
        (volume(1, ""), volume(2, "OT")),
    ],
    ids=["contrasts", "unknown contrasts", "one contrast", "CT", "PET and SPECT", "unknown modalities"],
)
def test_the_fused_voxels_do_not_depend_on_the_clicks(first: Volume, second: Volume) -> None:
    images = []
    for given in ((first, second), (second, first)):
        study = pair(*given)
        images.append(fuse_volume(plan_fusion(study, engine="laplacian"), study).volume)
    assert_array_equal(images[0].data, images[1].data)
    assert_array_equal(images[0].affine, images[1].affine)


def test_the_network_gives_the_same_voxels_for_both_orders_of_clicks() -> None:
    first, second = IN_ORDER[0], IN_ORDER[2]
    one, other = (
        fuse_volume(plan_fusion(study, device="cpu"), study).volume.data
        for study in (pair(first, second), pair(second, first))
    )
    assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("first", "second", "level", "words"),
    [
        (IN_ORDER[0], IN_ORDER[2], "ok", "T1 is fused before T2"),
        (IN_ORDER[2], IN_ORDER[3], "ok", "T2 is fused before FLAIR"),
        (IN_ORDER[0], IN_ORDER[8], "warn", "contrast of volume 9"),
        (IN_ORDER[2], IN_ORDER[7], "warn", "no ADC"),
        (IN_ORDER[0], IN_ORDER[1], "warn", "no T1 with contrast agent"),
        (IN_ORDER[5], IN_ORDER[6], "warn", "both DWI"),
    ],
)
def test_it_is_said_what_the_weights_have_seen_of_two_mri(
    first: Volume, second: Volume, level: str, words: str
) -> None:
    (finding,) = [one for one in pair(first, second).findings if one.rule == "contrast"]
    assert finding.level == level
    assert words in finding.sentence


def test_two_photographs_under_the_task_for_scans_are_told_of_the_tasks_that_are_theirs() -> None:
    photographs = [replace(volume(seed, "", name), is_photograph=True) for seed, name in ((1, "near"), (2, "far"))]
    (sentence,) = (found.sentence for found in pair(*photographs).findings if found.rule == "modality")
    assert "choose another task" in sentence
    assert all(task.title in sentence for task in TASKS.values() if not task.is_medical)
    scans = [volume(seed, "", name) for seed, name in ((1, "one"), (2, "other"))]
    (sentence,) = (found.sentence for found in pair(*scans).findings if found.rule == "modality")
    assert "task" not in sentence, "scans have no other one"


def test_the_reason_of_the_order_is_told() -> None:
    assert pair(IN_ORDER[2], IN_ORDER[0]).order == "T1 (by its series description) before T2 (by its BIDS suffix)"
    assert pair(small_mri(), small_pet()).order == "PET before MRI"
    assert "content" in pair(volume(1), volume(2)).order


def grid(spacing: tuple[float, float, float], modality: str = "MR", name: str = "") -> Volume:
    shape = tuple(max(2, round(60 / step)) for step in spacing)
    affine = np.diag([1.0, 1, 1, 1])
    affine[:3, :3] = [[0, 0, -spacing[2]], [0, -spacing[1], 0], [-spacing[0], 0, 0]]
    return Volume(blob(shape, 1), affine, modality, name=name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("thin", "other"),
    [
        # 3-D T1 beside a thick T2 whose voxels are smaller: 0.96 mm3
        ((1.0, 1.0, 1.0), (6.0, 0.4, 0.4)),
        # thick slices in another direction
        ((1.0, 1.0, 1.0), (0.5, 5.0, 0.5)),
        ((2.0, 2.0, 2.0), (5.0, 0.5, 0.5)),
        # about as thick: the smaller voxels, as before
        ((3.27, 0.98, 0.98), (3.0, 3.0, 3.0)),
        ((2.0, 0.8, 0.8), (2.0, 1.0, 1.0)),
    ],
)
def test_thin_slices_win_over_small_voxels_and_of_about_equal_slices_the_small_voxels(
    thin: tuple[float, float, float], other: tuple[float, float, float]
) -> None:
    for one, two in itertools.product(("MR", "CT"), repeat=2):
        first, second = grid(thin, one, "T1w"), grid(other, two, "T2w")
        assert pair(first, second).fixed.name == "T1w"
        assert pair(second, first).fixed.name == "T1w"


def test_thin_slices_of_uptake_do_not_win_over_anatomy() -> None:
    assert pair(grid((1, 1, 1), "PT", "pet"), grid((5, 1, 1), "MR", "mri")).fixed.name == "mri"


CT = replace(volume(1, "CT"), unit="HU", origin=Origin(sha256="c" * 64))


def test_one_ct_in_two_windows_is_a_pair_and_its_order_follows_the_windows() -> None:
    soft, bone = Window(-160, 240), Window(-450, 1050)
    for study in (pair(CT, CT, windows=(soft, bone)), pair(CT, CT, windows=(bone, soft))):
        assert "same file" not in rules(study, "ok", "warn", "block")
        assert study.windows == (bone, soft)
        assert study.order == "CT before CT by their windows"
        study.check()


@pytest.mark.parametrize(
    "windows", [(Window(0, 80), Window(0, 80)), ("", "")], ids=["one window chosen twice", "none chosen"]
)
def test_one_ct_in_one_window_is_the_same_file(windows: tuple[Window | str, Window | str]) -> None:
    assert "same file" in rules(pair(CT, CT, windows=windows), "warn")


def test_one_mri_in_two_windows_is_the_same_file_still() -> None:
    mri = small_mri()
    assert "same file" in rules(pair(mri, mri, windows=("0,50", "0,100")), "warn")


def pet(seed: int, unit: str = "SUVbw", modality: str = "PT") -> Volume:
    return replace(volume(seed, modality), unit=unit)


@pytest.mark.parametrize("modality", ["PT", "NM"])
def test_two_of_one_functional_modality_are_compared_and_not_fused(modality: str) -> None:
    before, after = pet(1, modality=modality), pet(2, modality=modality)
    for first, second in ((before, after), (after, before)):
        study = pair(first, second)
        (finding,) = blocking(study.findings)
        assert finding.rule == "comparison"
        assert "Compare" in finding.sentence
        assert study.is_comparison
        assert study.has_difference
        assert study.can_be_compared
        assert study.windows[0] == study.windows[1]
        assert names(study) == (first.name, second.name)  # of before and after the reader knows which is which
        with pytest.raises(RefusedError, match="are not fused"):
            study.check()


def test_the_one_scale_spans_both_unless_one_window_is_chosen() -> None:
    faint, strong = pet(1), replace(pet(2), data=10 * blob((6, 24, 32), 2))
    spanned = pair(faint, strong).windows
    assert spanned[0] == spanned[1]
    assert spanned[0].high == max(pair(one, small_mri()).a.window.high for one in (faint, strong))
    for windows in (("0,7", ""), ("", "0,7"), ("0,7", "0,7")):
        assert pair(faint, strong, windows=windows).windows == (Window(0, 7), Window(0, 7))
    assert pair(faint, strong, windows=("0,7", "1,10")).windows == (Window(0, 10), Window(0, 10))


def test_pet_in_two_units_are_compared_each_in_its_window_without_a_difference() -> None:
    study = pair(pet(1), pet(2, "Bq/ml"), windows=("0,5", "0,9000"))
    assert study.windows == (Window(0, 5), Window(0, 9000))
    assert not study.has_difference
    assert "Bq/ml" in blocking(study.findings)[0].sentence


@pytest.mark.parametrize(
    ("first", "second", "there_is"),
    [
        (CT, replace(CT, origin=Origin(sha256="d" * 64)), True),
        (CT, replace(CT, unit=""), False),
        (volume(1), volume(2), False),  # arbitrary units of two MRI mean two things
        (pet(1), pet(2, modality="NM"), False),
        (pet(1, ""), pet(2, ""), True),
        (pet(1), small_mri(), False),
    ],
)
def test_there_is_a_difference_of_one_quantity_only(first: Volume, second: Volume, there_is: bool) -> None:
    assert pair(first, second).has_difference is there_is


def part(seed: int, modality: str, body_part: str, slices: int = 6) -> Volume:
    data = blob((slices, 24, 32), seed)
    return Volume(
        data, IPL_AFFINE, modality, name=f"{modality} of {body_part}", acquisition=Acquisition(body_part=body_part)
    )


@pytest.mark.parametrize(
    ("first", "second", "warned"),
    [
        (part(1, "PT", "HEAD"), part(2, "CT", "HEAD"), True),
        (part(1, "PT", ""), part(2, "CT", "BRAIN"), True),
        (part(1, "PT", "WHOLEBODY"), part(2, "CT", "WHOLEBODY"), False),
        (part(1, "PT", "EXTREMITY"), part(2, "CT", "EXTREMITY"), False),
        (part(1, "NM", "CHEST"), part(2, "MR", "CHEST"), True),
        (part(1, "NM", "HEAD"), part(2, "MR", "HEAD"), False),
        (part(1, "CT", "NECK"), part(2, "MR", "NECK"), True),
        (part(1, "CT", "HEAD"), part(2, "MR", "BRAIN"), False),
        (part(1, "PT", "SHOULDER"), part(2, "MR", ""), True),
        # a pair shows what its shorter field shows
        (part(1, "PT", "WHOLEBODY", 60), part(2, "CT", "HEAD", 40), True),
        (part(1, "PT", "WHOLEBODY", 60), part(2, "MR", "HEAD", 40), False),
        # no part stated: 4 mm slices, 100 of them are more than a head
        (part(1, "NM", "", 100), part(2, "MR", "", 100), True),
        (part(1, "NM", "", 100), part(2, "MR", "", 40), False),
        (part(1, "NM", "", 60), part(2, "MR", "", 60), False),
        (part(1, "PT", "", 100), part(2, "CT", "", 100), False),
        (part(1, "PT", "SOMETHING"), part(2, "CT", ""), False),
    ],
)
def test_a_body_part_that_the_weights_have_not_seen_of_such_a_pair_is_said(
    first: Volume, second: Volume, warned: bool
) -> None:
    assert ("body part" in rules(pair(first, second), "warn")) is warned


def test_a_name_of_a_file_decides_the_contrast_before_its_header() -> None:
    named = replace(volume(1, description="t2_tse"), origin=Origin((Path("sub-1_T1w.nii.gz"),)))
    assert pair(volume(2, description="t2_tse"), named).a.source is named
