import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from napari_refusion.io.sample import SAMPLES
from training.data import PairImages, list_pairs
from training.recipe import Recipe, read_recipe

DEBUG = Path(__file__).parents[2] / "training/recipes/debug.toml"


@pytest.fixture
def recipe() -> Recipe:
    return replace(read_recipe(DEBUG), pairs=(("few/a", "few/b"), ("many/a", "many/b")), pairs_per_batch=2, crop=8)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two pairs in one group and six in another; a bright square on black; b = 255 - a inside the square."""
    for group, count in (("few", 2), ("many", 6)):
        for index in range(count):
            level = 40 + 10 * index
            for side, value in (("a", level), ("b", 255 - level)):
                pixels = np.zeros((32, 32), np.uint8)
                pixels[4:20, 4:20] = value
                folder = tmp_path / group / side
                folder.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(folder / f"{index}.png")
    return tmp_path


def test_the_same_cycle_gives_the_same_batches_and_another_cycle_others(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    first, again = ([b for b, _ in pairs.batches(5, 1, 4)] for _ in range(2))
    other = [b for b, _ in pairs.batches(6, 1, 4)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_groups_take_turns_however_many_images_they_have(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    drawn = [name for _, names in pairs.batches(0, 1, 6) for name in names]
    assert sum("few" in name for name in drawn) == 6


def test_folders_named_twice_are_drawn_twice_as_often_and_read_and_held_out_once(images: Path, recipe: Recipe) -> None:
    few, many = recipe.pairs
    recipe = replace(recipe, pairs=(few, many, few), validation=("1",))
    training, validation = list_pairs(images, recipe)
    assert len(validation) == 2
    pairs = PairImages(training, recipe)
    assert len(pairs) == 6
    drawn = [name for _, names in pairs.batches(0, 1, 6) for name in names]
    assert sum("few" in name for name in drawn) == 8


def test_no_image_comes_again_before_the_others_of_its_group(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    drawn = [name for _, names in pairs.batches(0, 0, 6) for name in names if "many" in name]
    assert len(drawn) == len(set(drawn)) == 6


def test_a_meta_step_is_about_one_kind_of_pairs_drawn_at_random_and_its_halves_share_no_image(
    images: Path, recipe: Recipe
) -> None:
    recipe = replace(recipe, meta_pairs=6)
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    kinds = []
    for halves in pairs.meta_batches(0, 40):
        train, test = ([name for _, names in half for name in names] for half in halves)
        assert all(batch.shape == (2, 2, 8, 8) for half in halves for batch, _ in half)
        assert (len(train), len(test)) == (6, 6)
        assert not set(train) & set(test)
        kinds.append({Path(name).parent.parent.name for name in train + test})
    assert all(len(kind) == 1 for kind in kinds)
    few = sum(kind == {"few"} for kind in kinds)
    assert 8 < few < 32  # half of 40, five standard deviations of a fair draw at most
    images_of_many = {name for halves in pairs.meta_batches(0, 40) for _, names in halves[0] for name in names}
    assert len(images_of_many) == 8


def test_images_of_a_small_kind_come_again_in_other_crops(images: Path, recipe: Recipe) -> None:
    recipe = replace(recipe, pairs=recipe.pairs[:1], meta_pairs=6)
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    (train, _) = next(pairs.meta_batches(0, 1))
    crops = torch.cat([batch for batch, _ in train])
    assert len({name for _, names in train for name in names}) == 1
    assert len({tuple(crop.flatten().tolist()) for crop in crops}) > 1


def test_the_same_meta_step_gives_the_same_batches_and_several_processes_see_what_one_would(
    images: Path, recipe: Recipe
) -> None:
    recipe = replace(recipe, meta_pairs=4)
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    alone = list(pairs.meta_batches(3, 6))
    shared = [list(pairs.meta_batches(3, 2, rank=rank, ranks=3)) for rank in range(3)]
    for number, halves in enumerate(alone):
        theirs = shared[number % 3][number // 3]
        for half, other in zip(halves, theirs, strict=True):
            for (batch, files), (again, same_files) in zip(half, other, strict=True):
                assert files == same_files
                assert torch.equal(batch, again)


def test_a_single_pair_of_a_kind_cannot_teach_p_and_is_named(images: Path, recipe: Recipe) -> None:
    recipe = replace(recipe, pairs=recipe.pairs[:1], validation=("1",))
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    with pytest.raises(ValueError, match=r"few/a/0\.png: P needs two pairs of a kind: add another one, or set"):
        next(pairs.meta_batches(0, 1))


def test_crops_keep_both_sources_together_and_hold_foreground(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    bright = 0
    for batch, _ in pairs.batches(1, 1, 10):
        assert batch.shape == (2, 2, 8, 8)
        inside = batch[:, 0] > 0
        torch.testing.assert_close(batch.sum(dim=1)[inside], torch.ones(int(inside.sum())), atol=1e-6, rtol=0)
        bright += int(inside.any(dim=(1, 2)).sum())
    assert bright >= 18  # foreground is a quarter of the image; drawn evenly, many crops would miss it


def test_colour_is_read_as_luminance(tmp_path: Path, recipe: Recipe) -> None:
    for side, colour in (("a", (255, 0, 0)), ("b", (0, 0, 255))):
        (tmp_path / side).mkdir()
        Image.new("RGB", (16, 16), colour).save(tmp_path / side / "0.png")
    recipe = replace(recipe, pairs=(("a", "b"),))
    pair = PairImages(list_pairs(tmp_path, recipe)[0], recipe).whole(0)
    np.testing.assert_allclose(pair[:, 3, 3], [0.299, 0.114], atol=1e-6)


def test_validation_takes_whole_patients_by_the_beginning_of_the_name(images: Path, recipe: Recipe) -> None:
    training, validation = list_pairs(images, replace(recipe, validation=("1",)))
    assert len(validation) == 2
    assert all(pair.a.name == pair.b.name == "1.png" for pair in validation)
    assert all(pair.a.name != "1.png" for pair in training)


def test_a_missing_folder_is_named(tmp_path: Path, recipe: Recipe) -> None:
    with pytest.raises(ValueError, match="few/a"):
        list_pairs(tmp_path, recipe)


def test_several_processes_together_see_what_one_would(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    alone = list(pairs.batches(3, 0, 6))
    shared = [list(pairs.batches(3, 0, 2, rank=rank, ranks=3)) for rank in range(3)]
    for number, (batch, files) in enumerate(alone):
        theirs, their_files = shared[number % 3][number // 3]
        assert files == their_files
        assert torch.equal(batch, theirs)
    assert len({tuple(files) for rank in shared for _, files in rank[:1]}) == 3


def test_interleaved_batches_do_not_disturb_each_other(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    undisturbed = [batch for batch, _ in pairs.batches(1, 0, 3)]
    disturbed = []
    for batch, _ in pairs.batches(1, 0, 3):
        next(pairs.batches(1, 1, 1))
        disturbed.append(batch)
    assert all(torch.equal(a, b) for a, b in zip(undisturbed, disturbed, strict=True))


def test_a_missing_partner_is_named_with_the_folder_that_lacks_it(images: Path, recipe: Recipe) -> None:
    (images / "many/b/3.png").unlink()
    with pytest.raises(ValueError, match=r"many/b: 3\.png is missing here, but not in .*many/a\."):
        list_pairs(images, recipe)
    (images / "many/b/5.png").unlink()
    with pytest.raises(ValueError, match=r"many/b: 3\.png and 1 more are missing here"):
        list_pairs(images, recipe)


def test_a_partner_with_another_ending_or_other_capitals_is_named(images: Path, recipe: Recipe) -> None:
    (images / "many/b/3.png").rename(images / "many/b/3.PNG")
    with pytest.raises(ValueError, match=r"many/b: 3\.png is missing here.*; 3\.PNG, which is here, needs that name\."):
        list_pairs(images, recipe)


def test_a_name_is_the_same_however_a_system_composes_its_letters(images: Path, recipe: Recipe) -> None:
    """macOS may store an umlaut as a letter and its dots, other systems as one letter (Unicode 15, annex 15)."""
    (images / "few/a/0.png").rename(images / "few/a/M\u00fcller.png")
    (images / "few/b/0.png").rename(images / "few/b/Mu\u0308ller.png")
    training, held_out = list_pairs(images, replace(recipe, validation=("M\u00fc",)))
    assert [pair.b.name for pair in held_out] == ["Mu\u0308ller.png"]
    assert held_out == list_pairs(images, replace(recipe, validation=("Mu\u0308",)))[1]
    assert len(training) == 7
    assert len(PairImages(held_out, recipe)) == 1


def test_patients_to_hold_out_who_are_not_there_are_named(images: Path, recipe: Recipe) -> None:
    """Else all images are trained on, and nothing tells how good the run is."""
    with pytest.raises(ValueError, match=r"no pair begins with p9 or p8, which the recipe holds out"):
        list_pairs(images, replace(recipe, validation=("p9", "p8")))


def test_a_file_that_is_no_image_is_not_passed_over(images: Path, recipe: Recipe) -> None:
    for side in ("a", "b"):
        (images / "few" / side / "2.bmp").write_bytes(b"BM")
    with pytest.raises(ValueError, match=r"few/a: 2\.bmp is not readable as an image"):
        list_pairs(images, recipe)


@pytest.mark.parametrize("content", [b"", b"no image", None], ids=["empty", "text", "cut short"])
def test_an_unreadable_image_is_named_in_one_sentence(images: Path, recipe: Recipe, content: bytes | None) -> None:
    path = images / "many/b/3.png"
    path.write_bytes(path.read_bytes()[:60] if content is None else content)
    with pytest.raises(
        ValueError, match=r"Export it again, for it is damaged or not an image \(.*\): .*many/b/3\.png$"
    ) as raised:
        PairImages(list_pairs(images, recipe)[0], recipe)
    assert "\n" not in str(raised.value)
    assert "transform" not in str(raised.value)


def test_sources_of_different_size_are_named_with_their_sizes(images: Path, recipe: Recipe) -> None:
    Image.new("L", (32, 30)).save(images / "many/b/3.png")
    with pytest.raises(
        ValueError, match=r"^.*many/a/3\.png and .*many/b/3\.png differ in size: 32 x 32 and 32 x 30 pixels\.$"
    ):
        PairImages(list_pairs(images, recipe)[0], recipe)


def test_an_image_smaller_than_the_crop_is_named_before_the_first_batch(images: Path, recipe: Recipe) -> None:
    for side in ("a", "b"):
        Image.new("L", (40, 20)).save(images / "many" / side / "3.png")
    pairs = PairImages(list_pairs(images, recipe)[0], replace(recipe, crop=24))
    with pytest.raises(ValueError, match=r"many/a/3\.png: its 40 x 20 pixels are less than a crop of crop = 24"):
        next(pairs.batches(0, 0, 1))


def test_an_image_of_16_bits_keeps_its_brightness(tmp_path: Path, recipe: Recipe) -> None:
    for side, level in (("a", 13107), ("b", 65535)):  # 13107 = 65535 / 5
        (tmp_path / side).mkdir()
        Image.fromarray(np.full((16, 16), level, np.uint16)).save(tmp_path / side / "0.png")
    recipe = replace(recipe, pairs=(("a", "b"),))
    pair = PairImages(list_pairs(tmp_path, recipe)[0], recipe).whole(0)
    np.testing.assert_allclose(pair[:, 3, 3], [0.2, 1.0], atol=1e-6)


def test_colours_become_uptake_where_the_recipe_says_so(tmp_path: Path, recipe: Recipe) -> None:
    for side, colour in (("a", (255, 0, 0)), ("b", (90, 90, 90))):
        (tmp_path / side).mkdir()
        Image.new("RGB", (16, 16), colour).save(tmp_path / side / "0.png")
    recipe = replace(recipe, pairs=(("a", "b"),), uptake="palette")
    pair = PairImages(list_pairs(tmp_path, recipe)[0], recipe).whole(0)
    np.testing.assert_allclose(pair[:, 3, 3], [95 / 127, 90 / 255], atol=1e-6)


def test_slices_of_volumes_are_pairs_like_images_and_one_group(images: Path, recipe: Recipe) -> None:
    mri, pet = (Path(shutil.copy(path, images)).name for path in SAMPLES["mri_pet"].paths())
    recipe = replace(recipe, pairs=(("few/a", "few/b"),), volumes=((pet, mri),))
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    assert 50 < len(pairs) - 2 < 110
    drawn = [name for _, names in pairs.batches(0, 1, 10) for name in names]
    assert sum("few" in name for name in drawn) == 10  # two groups take turns
    assert len({name for name in drawn if f"{pet} (" in name}) == 10
    whole = pairs.whole(len(pairs) // 2)
    assert whole.shape == (2, 144, 116)
    assert 0 <= whole.min() < whole.max() <= 1


def test_a_volume_is_held_out_as_a_whole_by_the_name_of_its_first_source(tmp_path: Path, recipe: Recipe) -> None:
    for name in ("p1_pet.nii", "p1_mri.nii", "p2_pet.nii", "p2_mri.nii"):
        (tmp_path / name).touch()
    volumes = (("p1_pet.nii", "p1_mri.nii"), ("p2_pet.nii", "p2_mri.nii"))
    training, validation = list_pairs(tmp_path, replace(recipe, pairs=(), volumes=volumes, validation=("p2",)))
    assert [pair.a.name for pair in training] == ["p1_pet.nii"]
    assert [pair.a.name for pair in validation] == ["p2_pet.nii"]


def test_volumes_that_are_missing_or_unreadable_are_named(tmp_path: Path, recipe: Recipe) -> None:
    recipe = replace(recipe, pairs=(), volumes=(("pet.nii.gz", "mri.nii.gz"),))
    with pytest.raises(ValueError, match=r"pet\.nii\.gz: no such volume"):
        list_pairs(tmp_path, recipe)
    for name in ("pet.nii.gz", "mri.nii.gz"):
        (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"pet\.nii\.gz"):
        PairImages(list_pairs(tmp_path, recipe)[0], recipe)


def test_reading_leaves_the_data_folder_as_it_was(images: Path, recipe: Recipe) -> None:
    before = {path: path.stat().st_mtime_ns for path in images.rglob("*")}
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    list(pairs.batches(0, 0, 3))
    assert {path: path.stat().st_mtime_ns for path in images.rglob("*")} == before


def test_a_recipe_may_name_volumes_instead_of_folders_but_not_neither(tmp_path: Path) -> None:
    rest = "task = 'medical'\ncycles = 1\nmeta_steps = 2\nrefine_steps = 1\nrefine_rate = 1.0\ninner_rate = 1.0\n"
    rest += "proposal_rate = 1.0\n"
    path = tmp_path / "recipe.toml"
    path.write_text(f"{rest}volumes = [['pet.nii', 'mri.nii']]\nuptake = 'palette'\n")
    recipe = read_recipe(path)
    assert (recipe.pairs, recipe.volumes, recipe.uptake) == ((), (("pet.nii", "mri.nii"),), "palette")
    for wrong, complaint in (
        (rest, "neither pairs nor volumes"),
        (f"{rest}volumes = [['pet.nii']]", "volumes = "),
        (f"{rest}pairs = [['a', 'b']]\nuptake = 'colour'", "'colour' is neither luminance nor palette"),
        (f"{rest}pairs = [['a', 'b']]\nuptake = 'palette'".replace("medical", "multi_focus"), "task multi_focus"),
    ):
        path.write_text(wrong)
        with pytest.raises(ValueError, match=rf"recipe\.toml: .*{complaint}"):
            read_recipe(path)


@pytest.mark.parametrize(("brightest", "is_told"), [(4095, True), (16383, True), (40000, False)])
def test_a_folder_of_images_that_use_few_of_their_16_bits_is_told(
    images: Path, recipe: Recipe, brightest: int, *, is_told: bool
) -> None:
    folder = images / "many" / "a"
    for place, path in enumerate(sorted(folder.iterdir())):
        pixels = np.zeros((32, 32), np.uint16)
        pixels[4:20, 4:20] = brightest if place == 3 else 900
        Image.fromarray(pixels).save(path)
    told = list(PairImages(list_pairs(images, recipe)[0], recipe).notices())
    assert [one.endswith(str(folder)) for one in told] == [True] * is_told
