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


def test_an_image_of_sixteen_bits_is_refused_instead_of_cut_off(tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 20), 1000, dtype=np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(ValueError, match="I;16"):
        read_luminance(tmp_path / "deep.png")


def test_an_image_smaller_than_the_window_is_refused(tmp_path: Path) -> None:
    Image.new("L", (40, 10)).save(tmp_path / "thin.png")
    with pytest.raises(ValueError, match="40 x 10 pixels"):
        read_luminance(tmp_path / "thin.png")


def test_colours_are_read_as_unrounded_luminance(tmp_path: Path) -> None:
    Image.new("RGB", (12, 12), (1, 0, 0)).save(tmp_path / "red.png")
    assert read_luminance(tmp_path / "red.png") == pytest.approx(0.299 / 255)
