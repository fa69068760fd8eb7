from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.colouring import BRIGHTNESS_KEPT, HEADROOM, check_palette, choose_colouring
from napari_refusion.numerics.colour import chroma, coloured, luminance, mean_chroma
from napari_refusion.numerics.headroom import own_on_brightness, uptake_on_brightness
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

WINDOWS = (Window(0, 10), Window(0, 910))


def brightness(shape: tuple[int, ...]) -> np.ndarray:
    """Return a fused brightness from 0 to 1, (I, P, L)."""
    return np.linspace(0, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def red(volume: Volume) -> Volume:
    colours = np.zeros((*volume.shape, 3), np.float32)
    colours[..., 0] = np.linspace(0, 1, colours[..., 0].size).reshape(volume.shape)
    return replace(volume, data=colours)


def test_uptake_gets_the_hues_of_the_palette_slice_by_slice_as_in_the_whole(mri: Volume, pet: Volume) -> None:
    colouring = choose_colouring(pair(pet, mri, windows=WINDOWS), "hot_iron")
    assert colouring is not None
    y = brightness(pet.shape)
    whole = uptake_on_brightness(y, pet.data / 10, "hot_iron")
    np.testing.assert_allclose(colouring.paint(y, ...), whole, atol=1e-6)
    np.testing.assert_allclose(colouring.paint(y[:, 1], (slice(None), 1)), whole[:, 1], atol=1e-6)
    legend = colouring.legend
    assert (legend.unit, legend.window, legend.method) == ("SUVbw", WINDOWS[0], HEADROOM)


def test_a_source_with_colours_keeps_its_own(mri: Volume, pet: Volume) -> None:
    source = red(pet)
    colouring = choose_colouring(pair(source, mri, windows=WINDOWS), "hot_iron")
    assert colouring is not None
    y = brightness(pet.shape)[2]
    np.testing.assert_allclose(colouring.paint(y, (2,)), own_on_brightness(y, source.data[2]), atol=1e-6)
    assert (colouring.legend.palette, colouring.legend.method) == ("", HEADROOM)


def test_the_colours_of_a_photograph_give_way_to_the_fused_brightness(mri: Volume, pet: Volume) -> None:
    source = red(pet)
    colouring = choose_colouring(pair(mri, source, task="infrared_visible", windows=WINDOWS), "hot_iron")
    assert colouring is not None
    y = brightness(pet.shape)
    np.testing.assert_allclose(luminance(colouring.paint(y, ...)), y, atol=1e-5)
    assert colouring.legend.method == BRIGHTNESS_KEPT


def test_two_coloured_sources_share(mri: Volume, pet: Volume) -> None:
    one, other = red(pet), red(mri)
    study = pair(one, other, task="multi_focus", windows=WINDOWS)
    colouring = choose_colouring(study, "hot_iron")
    assert colouring is not None
    y = brightness(pet.shape)
    expected = coloured(y, mean_chroma(chroma(study.a.volume.data), chroma(study.b.volume.data)))
    np.testing.assert_allclose(colouring.paint(y, ...), expected, atol=1e-6)


@pytest.mark.parametrize("modality", ["MR", "CT"])
def test_two_grey_anatomies_stay_grey(mri: Volume, pet: Volume, modality: str) -> None:
    study = pair(replace(pet, modality=modality), mri, windows=WINDOWS)
    assert choose_colouring(study, "hot_iron") is None


@pytest.mark.parametrize("palette", ["grey", "grey_inverted", "rainbow", "cividis"])
def test_a_map_from_which_no_uptake_is_read_back_is_refused_with_the_reason(palette: str) -> None:
    with pytest.raises(RefusedError, match=r"no hue|is grey|does not exist") as raised:
        check_palette(palette)
    assert palette in raised.value.findings[0].value


def test_below_the_threshold_uptake_has_no_colour_and_above_it_the_same_as_before(mri: Volume, pet: Volume) -> None:
    study = pair(pet, mri, windows=WINDOWS)
    level = float(np.sort(pet.data, axis=None)[pet.data.size // 2])  # of a voxel, which has its colour
    whole, cut = choose_colouring(study, "hot_iron"), choose_colouring(study, "hot_iron", level)
    assert whole is not None
    assert cut is not None
    y = brightness(pet.shape)
    below = pet.data < level
    assert 0 < below.sum() < below.size
    painted = cut.paint(y, ...)
    np.testing.assert_array_equal(painted[~below], whole.paint(y, ...)[~below])
    np.testing.assert_array_equal(painted[below], uptake_on_brightness(y[below], np.zeros(below.sum()), "hot_iron"))
    assert f"no colour below {level:.4g}" in cut.legend.in_words()
