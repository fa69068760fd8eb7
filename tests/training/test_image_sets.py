from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.image_sets import find_partners, read_luminance, read_pair


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Two pairs of 40 x 40 images in the folders PET and MRI."""
    random = np.random.default_rng(0)
    for side in ("PET", "MRI"):
        folder = tmp_path / "set" / side
        folder.mkdir(parents=True)
        for index in range(2):
            Image.fromarray(random.integers(0, 256, (40, 40), dtype=np.uint8)).save(folder / f"{index}.png")
    return tmp_path / "set"


def test_functional_sources_come_first(pairs: Path) -> None:
    first, second = find_partners(pairs)
    assert [path.parent.name for path in first] == ["PET", "PET"]
    assert [path.name for path in first] == [path.name for path in second]


def test_images_without_partner_are_named(pairs: Path) -> None:
    (pairs / "MRI" / "1.png").unlink()
    Image.new("L", (40, 40)).save(pairs / "MRI" / "2.png")
    with pytest.raises(ValueError, match=r"PET/1\.png, MRI/2\.png have no partner"):
        find_partners(pairs)


def test_a_name_is_the_same_however_a_system_composes_its_letters(pairs: Path) -> None:
    (pairs / "PET/1.png").rename(pairs / "PET/M\u00fcller.png")
    (pairs / "MRI/1.png").rename(pairs / "MRI/Mu\u0308ller.png")
    first, second = find_partners(pairs)
    assert [path.name for path in first] == ["0.png", "M\u00fcller.png"]
    assert [path.name for path in second] == ["0.png", "Mu\u0308ller.png"]


def test_files_that_are_no_images_are_left_out(pairs: Path) -> None:
    (pairs / "MRI" / "notes.txt").write_text("seen")
    assert len(find_partners(pairs)[0]) == 2


def test_empty_folders_are_refused(tmp_path: Path) -> None:
    for side in ("ir", "vi"):
        (tmp_path / side).mkdir()
    with pytest.raises(ValueError, match="ir and vi hold no images"):
        find_partners(tmp_path)


def test_a_folder_without_known_pairs_names_them(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="CT/MRI"):
        find_partners(tmp_path)
    with pytest.raises(ValueError, match="no such folder"):
        find_partners(tmp_path / "nowhere")


def test_pairs_of_different_size_are_refused_with_both_sizes(tmp_path: Path) -> None:
    paths = tmp_path / "a.png", tmp_path / "b.png"
    for path, size in zip(paths, ((40, 30), (30, 40)), strict=True):
        Image.new("L", size).save(path)
    with pytest.raises(ValueError, match="40 x 30 and 30 x 40"):
        read_pair(*paths)


@pytest.mark.parametrize("keep", [0, 20, 200])
def test_a_broken_image_is_named(pairs: Path, keep: int) -> None:
    path = pairs / "PET" / "0.png"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"0\.png: not a readable image"):
        read_luminance(path)


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_an_image_of_sixteen_bits_keeps_its_brightness(tmp_path: Path, name: str) -> None:
    Image.fromarray(np.full((20, 20), 13107, dtype=np.uint16)).save(tmp_path / name)  # a fifth of 65535
    assert read_luminance(tmp_path / name) == pytest.approx(0.2)


def test_an_image_of_numbers_beyond_brightness_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 20), 300, dtype=np.float32)).save(tmp_path / "numbers.tif")
    with pytest.raises(ValueError, match=r"numbers\.tif: holds values from 300 to 300 instead of brightness"):
        read_luminance(tmp_path / "numbers.tif")


def test_an_image_is_measured_upright_as_it_is_fused(tmp_path: Path) -> None:
    """EXIF 2.3, tag 0x0112: with 6 the first row of the file is the right-hand column of the picture."""
    stored = np.repeat(np.arange(0, 240, 12, dtype=np.uint8)[:, None], 30, axis=1)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(stored).save(tmp_path / "turned.png", exif=exif)
    np.testing.assert_allclose(read_luminance(tmp_path / "turned.png"), np.rot90(stored, -1) / 255)


def test_an_image_smaller_than_the_window_is_refused(tmp_path: Path) -> None:
    Image.new("L", (40, 10)).save(tmp_path / "thin.png")
    with pytest.raises(ValueError, match="40 x 10 pixels"):
        read_luminance(tmp_path / "thin.png")


def test_colours_are_read_as_unrounded_luminance(tmp_path: Path) -> None:
    Image.new("RGB", (12, 12), (1, 0, 0)).save(tmp_path / "red.png")
    assert read_luminance(tmp_path / "red.png") == pytest.approx(0.299 / 255)
