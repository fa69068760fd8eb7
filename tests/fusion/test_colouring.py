from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.colouring import choose_colouring
from napari_refusion.numerics.colour import chroma, mean_chroma, uptake_chroma
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume

WINDOWS = (Window(0, 10), Window(0, 910))


def red(volume: Volume) -> Volume:
    colours = np.zeros((*volume.shape, 3), np.float32)
    colours[..., 0] = np.linspace(0, 1, colours[..., 0].size).reshape(volume.shape)
    return replace(volume, data=colours)


def test_uptake_gets_the_hues_of_the_palette_slice_by_slice_as_in_the_whole(mri: Volume, pet: Volume) -> None:
    colouring = choose_colouring(pair(pet, mri, windows=WINDOWS), "hot_iron")
    assert colouring is not None
    whole = uptake_chroma(pet.data / 10, "hot_iron")
    np.testing.assert_allclose(colouring.chroma(...), whole, atol=1e-6)
    np.testing.assert_allclose(colouring.chroma((slice(None), 1)), whole[:, 1], atol=1e-6)
    assert (colouring.legend.unit, colouring.legend.window) == ("SUVbw", WINDOWS[0])


def test_a_source_with_colours_keeps_its_own(mri: Volume, pet: Volume) -> None:
    coloured = red(pet)
    colouring = choose_colouring(pair(coloured, mri, windows=WINDOWS), "hot_iron")
    assert colouring is not None
    np.testing.assert_allclose(colouring.chroma((2,)), chroma(coloured.data[2]), atol=1e-6)
    assert colouring.legend.palette == ""


def test_two_coloured_sources_share(mri: Volume, pet: Volume) -> None:
    one, other = red(pet), red(mri)
    study = pair(one, other, task="multi_focus", windows=WINDOWS)
    colouring = choose_colouring(study, "hot_iron")
    assert colouring is not None
    expected = mean_chroma(chroma(study.a.volume.data), chroma(study.b.volume.data))
    np.testing.assert_allclose(colouring.chroma(...), expected, atol=1e-6)


@pytest.mark.parametrize("modality", ["MR", "CT"])
def test_two_grey_anatomies_stay_grey(mri: Volume, pet: Volume, modality: str) -> None:
    study = pair(replace(pet, modality=modality), mri, windows=WINDOWS)
    assert choose_colouring(study, "hot_iron") is None
