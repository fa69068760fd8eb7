"""The picture of two sources: only what is asked for is computed, and any part equals that part of the whole."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.compare_modes import COMPARE_MODES, field_edge, find_mode
from napari_refusion.fusion.compared_volume import ComparedVolume
from napari_refusion.fusion.comparison import Comparison, functional_source
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.compare import map_colours
from napari_refusion.numerics.intensity import Window, rescale_to_window
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Side
from napari_refusion.volume.volume import Volume
from tests.compared import IPL_AFFINE, WINDOWS, canvas_to_compare, textured

UNIT = Window(0.0, 1.0)

ALONE = ["first", "second", "fused", "opacity", "overlay", "checkerboard"]
"""Modes in which a voxel's colour depends neither on other voxels nor on what else is asked for."""


@pytest.fixture
def partial() -> PartialFusion:
    partial = canvas_to_compare()
    partial.put(2, np.full((24, 32), 0.4, np.float32))
    return partial


def test_it_has_what_napari_asks_of_the_data_of_a_layer(partial: PartialFusion) -> None:
    picture = shown(partial, "opacity")
    assert (picture.shape, picture.ndim, picture.size) == ((6, 24, 32, 3), 4, 6 * 24 * 32 * 3)
    assert picture.dtype == np.asarray(picture).dtype == np.uint8


@pytest.mark.parametrize("mode", ALONE)
@pytest.mark.parametrize(
    "key",
    [2, -1, np.int64(3), (slice(None), 5), (..., 7, slice(None)), (slice(1, 2), slice(None), slice(3, 30, 2), 1), ()],
    ids=str,
)
def test_a_part_is_that_part_of_the_whole(partial: PartialFusion, mode: str, key: object) -> None:
    picture = shown(partial, mode, 0.3, "hot")
    assert np.array_equal(picture[key], np.asarray(picture)[key])


def test_other_keys_are_answered_from_the_whole(partial: PartialFusion) -> None:
    picture = shown(partial, "opacity")
    assert np.array_equal(picture[[0, 2]], np.asarray(picture)[[0, 2]])
    with pytest.raises(IndexError):
        picture[6]


def test_the_ends_of_opacity_are_the_sources_alone(partial: PartialFusion) -> None:
    first, second = (shown(partial, mode, colour_map="hot")[3] for mode in ("first", "second"))
    assert np.array_equal(shown(partial, "opacity", 0.0, "hot")[3], first)
    assert np.array_equal(shown(partial, "opacity", 1.0, "hot")[3], second)
    half = shown(partial, "opacity", 0.5, "hot")[3].astype(float)
    assert np.abs(half - (first.astype(float) + second) / 2).max() <= 1


def test_function_is_shown_in_its_map_and_anatomy_in_grey_both_in_their_windows(partial: PartialFusion) -> None:
    assert functional_source(partial.study) == 0
    pet, mri = (rescale_to_window(side.volume.grey, side.window) for side in partial.study.sides)
    assert np.array_equal(shown(partial, "first", colour_map="hot")[1], np.rint(255 * map_colours(pet, "hot"))[1])
    assert np.array_equal(shown(partial, "second", colour_map="hot")[1, ..., 2], np.rint(255 * mri[1]))
    assert np.unique(shown(partial, "fused")[2]).tolist() == [102]


def test_an_overlay_keeps_the_anatomy_where_there_are_no_functional_data(partial: PartialFusion) -> None:
    covered = partial.study.covered.copy()
    covered[:, :10] = False
    partial = replace(partial, study=replace(partial.study, covered=covered))
    over = shown(partial, "overlay", 0.5, "hot")
    anatomy = shown(partial, "second")
    assert np.array_equal(over[:, :10], anatomy[:, :10])
    assert not np.array_equal(over[:, 10:], anatomy[:, 10:])


@pytest.mark.parametrize("opacity", [0.0, 0.2, 0.5, 1.0])
def test_an_overlay_is_the_colour_by_its_opacity_and_the_rest_of_the_grey(
    partial: PartialFusion, opacity: float
) -> None:
    """Where PET is in colour: opacity times the displayed colour plus the rest of the displayed grey, as in DICOM."""
    study = partial.study
    pet, mri = (rescale_to_window(side.volume.data, side.window)[..., None] for side in study.sides)
    over = (1 - opacity) * mri + opacity * map_colours(pet[..., 0], "hot")
    is_seen = study.a.volume.data >= 0.05 * WINDOWS[0].high
    assert 0 < is_seen.sum() < is_seen.size
    expected = 255 * np.where(is_seen[..., None], over, mri)
    assert np.abs(np.asarray(shown(partial, "overlay", opacity, "hot")) - expected).max() <= 0.501


def test_function_below_the_threshold_is_transparent_and_at_it_is_not(partial: PartialFusion) -> None:
    side = partial.study.a
    values = np.broadcast_to(np.float32([29.9, 30.0] * 16), side.volume.shape).copy()
    partial = replace(partial, study=replace(partial.study, a=replace(side, volume=replace(side.volume, data=values))))
    picture = ComparedVolume(Comparison(partial, 1.0, "hot", threshold=30.0), find_mode("overlay"))
    anatomy = shown(partial, "second")
    assert np.array_equal(picture[..., ::2, :], anatomy[..., ::2, :])
    # a quarter of the window: hot is red there, 8/3 of it
    assert np.unique(picture[..., 1::2, :].reshape(-1, 3), axis=0).tolist() == [[round(255 * 64 / 255 * 8 / 3), 0, 0]]


def test_the_fields_of_a_checkerboard_are_squares_in_millimetres(partial: PartialFusion) -> None:
    partial = replace(partial, study=replace(partial.study, a=flat(partial, 0.0), b=flat(partial, 1.0)))
    assert field_edge(partial.study, 0.5) == pytest.approx(48 / 8)  # 24 voxels of 2 mm is the longest side
    board = shown(partial, "checkerboard", 0.5)[0, ..., 0] // 255
    assert board[0].tolist() == ([0] * 6 + [1] * 6) * 2 + [0] * 6 + [1] * 2
    assert board[:, 0].tolist() == ([0] * 3 + [1] * 3) * 4


def test_a_swipe_moves_along_its_axis_and_in_a_slice_across_it_along_the_last_one(partial: PartialFusion) -> None:
    partial = replace(partial, study=replace(partial.study, a=flat(partial, 0.0), b=flat(partial, 1.0)))
    picture = shown(partial, "swipe", 0.5, axis=2)[..., 0] // 255
    assert picture.mean(axis=(0, 1)).tolist() == [0] * 16 + [1] * 16
    assert np.array_equal(shown(partial, "swipe", 0.5, axis=2)[3, 4:9, ..., 0] // 255, picture[3, 4:9])
    across = shown(partial, "swipe", 0.5, axis=2)[:, :, 4:5, 0] // 255
    assert across[:, :, 0].mean(axis=0).tolist() == [0] * 12 + [1] * 12


def test_edges_of_one_source_are_amber_on_the_other_and_do_not_depend_on_other_slices(partial: PartialFusion) -> None:
    picture = shown(partial, "edges of second", 1.0)
    ground = shown(partial, "first")[3]
    lines = (picture[3] == (255, 191, 0)).all(axis=-1)
    assert 0 < lines.sum() < lines.size
    assert np.array_equal(picture[3][~lines], ground[~lines])
    assert np.array_equal(picture[3], picture[3:4][0])


def test_an_overlay_of_two_anatomical_sources_has_the_first_in_colours(partial: PartialFusion) -> None:
    a = partial.study.a
    ct = replace(a.volume, modality="CT", unit="HU")
    partial = replace(partial, study=replace(partial.study, a=replace(a, volume=ct)))
    expected = np.rint(255 * map_colours(rescale_to_window(ct.data, a.window), "hot"))
    assert np.array_equal(shown(partial, "overlay", 1.0, "hot"), expected)


@pytest.mark.parametrize("mode", ["opacity", "swipe", "overlay"])
def test_the_ends_of_a_slider_show_what_it_says(partial: PartialFusion, mode: str) -> None:
    slider = find_mode(mode).slider
    assert slider is not None
    names = {
        "only {first}": "first",
        "only {second}": "second",
        "{coloured} covers {grey}": "first",
        "only {grey}": "second",
    }
    for amount, end in ((0.0, slider.low), (1.0, slider.high)):
        picture = ComparedVolume(Comparison(partial, amount, "hot", threshold=-np.inf), find_mode(mode))
        assert np.array_equal(picture, shown(partial, names[end], colour_map="hot"))


def test_a_source_in_colours_shows_them_and_photographs_are_volumes_of_one_slice() -> None:
    colours = np.random.default_rng(0).random((1, 20, 30, 3)).astype(np.float32)
    spect = Volume(colours, IPL_AFFINE, "NM", name="spect", is_photograph=True)
    mri = Volume(textured((1, 20, 30), 3), IPL_AFFINE, "MR", name="mri", is_photograph=True)
    partial = new_partial(pair(spect, mri, windows=(UNIT, Window(0.0, 100.0))), "axial")
    assert np.array_equal(shown(partial, "first", colour_map="hot")[0], np.rint(255 * colours[0]))
    for mode in COMPARE_MODES:
        if not mode.is_for(partial.study):
            continue
        assert ComparedVolume(Comparison(partial), mode)[0].shape == (20, 30, 3)


def flat(partial: PartialFusion, value: float) -> Side:
    """Return the anatomical source with one value everywhere."""
    volume = partial.study.b.volume
    return replace(partial.study.b, volume=replace(volume, data=np.full(volume.shape, value, np.float32)), window=UNIT)


def shown(
    partial: PartialFusion, mode: str, amount: float = 0.5, colour_map: str = "grey", axis: int = 2
) -> ComparedVolume:
    """Return the picture that a mode makes of a partial fusion."""
    return ComparedVolume(Comparison(partial, amount, colour_map, axis), find_mode(mode))
