from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.pack.encoding import LeftOut, PackedImage
from training.pack.pictures import brain_images, photographs, read_pair
from training.pack.reading import decoded
from training.palette import PALETTES


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def pet(uptake: np.ndarray) -> np.ndarray:
    """Return the colours of uptake from 0 to 1 in the first palette of the Whole Brain Atlas."""
    corners = PALETTES["blue-yellow-magenta"]
    return np.rint(np.stack([np.interp(uptake, corners[:, 0], corners[:, i]) for i in (1, 2, 3)], axis=-1))


def test_uptake_is_what_the_palette_stands_for_and_luminance_is_not(tmp_path: Path) -> None:
    uptake = np.tile(np.linspace(0, 1, 64), (16, 1))
    save(tmp_path / "PET/p_000.png", pet(uptake))
    save(tmp_path / "MRI/p_000.png", np.full((16, 64), 80))
    (image,) = brain_images(tmp_path, coloured=True)
    assert isinstance(image, PackedImage)
    luminance, found, mri = (decoded(content) for _, content in image.files)
    assert np.abs(found - 255 * uptake).max() <= 2  # the palette's colours are whole levels
    assert np.abs(luminance - pet(uptake) @ [0.299, 0.587, 0.114]).max() <= 0.501  # ITU-R BT.601
    assert (mri == 80).all()


def test_a_grey_image_has_its_luminance_for_uptake_and_that_is_said(tmp_path: Path) -> None:
    for side in ("PET", "MRI"):
        save(tmp_path / side / "p_000.png", np.tile(np.arange(64), (16, 1)))
    image, note = brain_images(tmp_path, coloured=True)
    assert isinstance(image, PackedImage)
    assert image.files[0] == image.files[1]
    assert isinstance(note, LeftOut)
    assert "1 images are of no known palette" in note.sentence


def test_photographs_that_are_not_reduced_keep_every_pixel(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pixels = [random.integers(0, 256, (20, 30, 3)) for _ in range(2)]
    for side, image in zip(("ir", "vi"), pixels, strict=True):
        save(tmp_path / side / "s_1.png", image)
    (packed,) = photographs(tmp_path, longest=0)
    assert isinstance(packed, PackedImage)
    for (_, content), image in zip(packed.files, pixels, strict=True):
        assert np.abs(decoded(content) - image @ [0.299, 0.587, 0.114]).max() <= 0.501


def test_reduced_photographs_are_means_of_the_pixels_they_cover(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    blocks = random.integers(0, 128, (2, 20, 2, 30, 2)) * 2
    for side, image in zip(("under", "over"), blocks, strict=True):
        save(tmp_path / side / "s_1.png", image.reshape(40, 60))
    packed, note = photographs(tmp_path, longest=30)
    assert isinstance(packed, PackedImage)
    assert (packed.height, packed.width) == (20, 30)
    for (_, content), image in zip(packed.files, blocks, strict=True):
        assert np.abs(decoded(content) - image.mean(axis=(1, 3))).max() <= 0.501
    assert isinstance(note, LeftOut)
    assert "1 pairs were reduced to 30 pixels" in note.sentence


def test_a_missing_partner_is_refused(tmp_path: Path) -> None:
    for name in ("ir/s_1.png", "vi/s_1.png", "ir/s_2.png"):
        save(tmp_path / name, np.zeros((16, 16)))
    with pytest.raises(ValueError, match=r"ir/s_2\.png"):
        list(photographs(tmp_path, longest=0))


def test_pairs_that_differ_in_size_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.zeros((16, 20)))
    save(tmp_path / "b.png", np.zeros((16, 16)))
    with pytest.raises(ValueError, match="differ in size, 20 x 16 and 16 x 16"):
        read_pair(tmp_path / "a.png", tmp_path / "b.png")


def test_an_image_of_16_bits_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((16, 16), np.uint16)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="pixel format I;16"):
        read_pair(tmp_path / "a.png", tmp_path / "a.png")
