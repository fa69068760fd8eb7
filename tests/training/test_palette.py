from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_refusion.io.picture.read import read_image
from training.palette import PALETTES, invert, nearest, values

SHARED = Path(__file__).parents[3] / "shared/data/mif"


def image_file(folder: Path, *colours: tuple[int, int, int]) -> Path:
    """Return a file with 16 x 16 pixels of each colour side by side."""
    path = folder / "image.png"
    Image.fromarray(np.hstack([np.full((16, 16, 3), colour, np.uint8) for colour in colours])).save(path)
    return path


@pytest.mark.parametrize(
    ("colour", "uptake"),
    [
        ((0, 0, 0), 0),
        ((0, 85, 255), 31 / 127),  # the corners, as counted in the images: the 31st of 127 steps
        ((255, 255, 0), 63 / 127),
        ((255, 0, 0), 95 / 127),
        ((255, 0, 255), 1),
        ((255, 51, 0), (63 + 32 * 0.8) / 127),  # four fifths of the way from yellow to red
        ((255, 0, 51), (95 + 32 * 0.2) / 127),  # one fifth of the way from red to magenta
    ],
)
def test_a_colour_of_the_palette_is_the_uptake_at_its_place(colour: tuple[int, int, int], uptake: float) -> None:
    # two corners beside it, so that the whole image is of this palette
    rgb = np.array([colour, (255, 255, 0), (255, 0, 0)]) / 255
    position, distance = invert(rgb)
    assert position[0] == pytest.approx(uptake, abs=1e-6)
    assert distance == pytest.approx(0, abs=1e-6)


def test_a_colour_beside_the_palette_counts_as_its_nearest_point() -> None:
    # from red (255, 0, 0) to magenta (255, 0, 255): 30 levels of green above the point at 102 of 255
    position, distance = nearest(np.array([[255.0, 30.0, 102.0]]), PALETTES["blue-yellow-magenta"])
    assert position[0] == pytest.approx((95 + 32 * 0.4) / 127)
    assert distance[0] == pytest.approx(30)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES.keys())
def test_uptake_that_was_coloured_comes_back(palette: np.ndarray) -> None:
    truth = np.linspace(0, 1, 200)
    rgb = np.stack([np.interp(truth, palette[:, 0], palette[:, channel]) for channel in (1, 2, 3)], axis=-1)
    position, distance = invert(np.round(rgb) / 255)
    # rounding moves a colour by half a level on each axis; the flattest stretch has 110 levels in a fifth of the uptake
    assert np.abs(position - truth).max() < 0.005
    assert distance < np.sqrt(3) / 2


def test_luminance_falls_where_the_uptake_rises_and_the_palette_does_not(tmp_path: Path) -> None:
    path = image_file(tmp_path, (255, 255, 0), (255, 0, 0))
    luminance = values(read_image(path), path, "luminance")
    uptake = values(read_image(path), path, "palette")
    np.testing.assert_allclose(luminance[0, 0, [0, 16]], [0.299 + 0.587, 0.299], atol=1e-6)
    np.testing.assert_allclose(uptake[0, 0, [0, 16]], [63 / 127, 95 / 127], atol=1e-6)


def test_a_grey_image_is_not_inverted_even_if_its_colours_differ_by_compression(tmp_path: Path) -> None:
    path = image_file(tmp_path, (100, 101, 99), (30, 28, 31))
    grey = values(read_image(path), path, "palette")
    np.testing.assert_array_equal(grey, values(read_image(path), path, "luminance"))


def test_colours_of_no_palette_are_refused_and_the_file_named(tmp_path: Path) -> None:
    path = image_file(tmp_path, (40, 160, 60), (250, 240, 200))
    with pytest.raises(ValueError, match=r"image\.png: its colours are of no known palette"):
        values(read_image(path), path, "palette")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the Whole Brain Atlas is not redistributed with the project")
@pytest.mark.parametrize(
    ("folder", "beginning", "levels"),
    [("train/MRI-PET/PET", "normal", 1), ("train/MRI-SPECT/SPECT", "c", 1.5), ("devtest/MRI-PET/PET", "", 3)],
)
def test_the_atlas_lies_on_the_palettes_and_is_smoother_in_uptake(folder: str, beginning: str, levels: float) -> None:
    for path in sorted((SHARED / folder).glob(f"{beginning}*"))[::20]:
        image = read_image(path)
        uptake, distance = invert(image.data[0])
        assert distance < levels
        if (uptake > 0.5).mean() > 0.02:  # where there is enough in the stretch in which luminance falls
            steps, false_steps = np.diff(uptake, axis=1), np.diff(image.grey[0], axis=1)
            assert (steps * false_steps < 0).sum() > 0.05 * (steps != 0).sum()
