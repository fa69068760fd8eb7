from dataclasses import replace
from pathlib import Path

import pytest

from training.gpu.recipe import read_timed_recipe
from training.recipe import Recipe, read_recipe

FOLDER = Path(__file__).parents[2] / "training/recipes"
TIMED = sorted((FOLDER / "timed").glob("*.toml"))
RECIPES = sorted(set(FOLDER.rglob("*.toml")) - set(TIMED))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_in_the_repository_can_be_read(path: Path) -> None:
    assert read_recipe(path).cycles > 0


@pytest.mark.parametrize("path", TIMED, ids=lambda path: path.stem)
def test_every_timed_recipe_in_the_repository_can_be_read(path: Path) -> None:
    assert read_timed_recipe(path).task in path.stem


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = next(path for path in RECIPES if path.stem == "debug").read_text()
    assert old in text
    path = tmp_path / "changed.toml"
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("crop = 16", "crops = 16", "unknown keys.*crops"),
        ("cycles = 3", "", "missing keys.*cycles"),
        ("crop = 16", "crop = 0", "crop = 0"),
        ("crop = 16", "crop = 'big'", "crop = 'big'"),
        ("crop = 16", "crop = true", "crop = True"),
        ('task = "medical"', 'task = "dental"', "dental"),
        ("meta_steps = 2", "meta_steps = 3\naccumulate = 2", "meta_steps = 3 is not a multiple of accumulate = 2"),
        ("pairs_per_batch = 1", "pairs_per_batch = 4", "meta_pairs = 2 is not a multiple of pairs_per_batch = 4"),
        ("crop = 16", "ema = 1.0", "ema = 1 must be at least 0 and less than 1"),
        ("crop = 16", "trial = 'pixel'", "'pixel' is neither parameter nor image"),
        ("crop = 16", "trial = 'image'\nproposal_symmetric = false", "leave out proposal_symmetric"),
        ("crop = 16", "leaky = true", "unknown keys.*leaky"),
        ("crop = 16", "crop = = 16", "not a readable recipe"),
        ("crop = 16", "functional = ['PET']", "functional = .*PET.* no first folder of pairs"),
        ("meta_steps = 2", "meta_steps = -2", "meta_steps = -2 must be at least 0"),
        ("crop = 16", "seed = -1", "seed = -1 must be at least 0"),
        ("refine_rate = 2e-3", "refine_rate = -2e-3", "refine_rate = -0.002 must be at least 0"),
        ("refine_rate = 2e-3", "refine_rate = nan", "refine_rate = nan must be at least 0 and finite"),
        ("proposal_rate = 1e-3", "proposal_rate = inf", "proposal_rate = inf must be at least 0 and finite"),
        ("inner_rate = 1e-3", "inner_rate = -1.0", "inner_rate = -1 must"),
        ("opinion_steps = 2", "opinion_steps = -5", "opinion_steps = -5 must"),
        ("crop = 16", "tenth_every = -3", "tenth_every = -3 must"),
        ("crop = 16", "judge_steps = -1", "judge_steps = -1 must"),
        ("crop = 16", "structure_share = -1.0", "structure_share = -1 must"),
        ("crop = 16", "validate_minutes = -1.0", "validate_minutes = -1 must"),
        ("crop = 16", "final_rate = 5.0", "final_rate = 5 must be at most 1"),
        ("crop = 16", "ramp = 1.5", "ramp = 1.5 must be at most 1"),
        ("crop = 16", "lesion_kept = 7.0", "lesion_kept = 7 must be at most 1"),
    ],
)
def test_a_wrong_recipe_names_its_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(ValueError, match=said) as raised:
        read_recipe(path)
    assert str(path) in str(raised.value)


def recipe_of(cycles: int) -> Recipe:
    return Recipe(
        task="medical",
        pairs=(("a", "b"),),
        cycles=cycles,
        meta_steps=2,
        refine_steps=1,
        refine_rate=1.0,
        inner_rate=1.0,
        proposal_rate=1.0,
        final_rate=0.1,
    )


def test_rates_descend_along_a_cosine_to_their_final_part() -> None:
    recipe = recipe_of(101)
    assert recipe.rate_factor(0) == pytest.approx(1)
    assert recipe.rate_factor(50) == pytest.approx(0.55)
    assert recipe.rate_factor(100) == pytest.approx(0.1)


def test_the_gradient_share_rises_over_the_first_half_and_stays() -> None:
    recipe = recipe_of(100)
    assert recipe.gradient_share_at(0) == pytest.approx(0.05)
    assert recipe.gradient_share_at(25) == pytest.approx(0.525)
    assert recipe.gradient_share_at(50) == recipe.gradient_share_at(99) == pytest.approx(1)


def test_a_recipe_is_as_the_one_it_is_based_on_but_for_what_it_says(tmp_path: Path) -> None:
    debug = next(path for path in RECIPES if path.stem == "debug")
    (tmp_path / "other.toml").write_text(f'based_on = "{debug}"\ncycles = 7\n')
    assert replace(read_recipe(tmp_path / "other.toml"), cycles=3, sha256="") == replace(read_recipe(debug), sha256="")
    assert read_recipe(tmp_path / "other.toml").cycles == 7


def test_a_recipe_that_is_not_there_is_named_once_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent\.toml: not a readable recipe \([^\[/]+\)\.$"):
        read_recipe(tmp_path / "absent.toml")


def test_recipes_that_are_based_on_each_other_are_named(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('based_on = "other.toml"\n')
    (tmp_path / "other.toml").write_text('based_on = "one.toml"\n')
    with pytest.raises(ValueError, match=r"one\.toml: is based on itself"):
        read_recipe(tmp_path / "one.toml")


def test_the_hash_of_a_recipe_is_of_what_it_says_not_of_how(tmp_path: Path) -> None:
    debug = next(path for path in RECIPES if path.stem == "debug")
    (tmp_path / "same.toml").write_text("# a comment\n" + debug.read_text())
    (tmp_path / "other.toml").write_text(debug.read_text().replace("cycles = 3", "cycles = 4"))
    assert read_recipe(tmp_path / "same.toml").sha256 == read_recipe(debug).sha256
    assert read_recipe(tmp_path / "other.toml").sha256 != read_recipe(debug).sha256


def test_the_paper_recipe_uses_none_of_our_changes() -> None:
    paper = read_recipe(next(path for path in RECIPES if path.stem == "paper"))
    ours = (paper.foreground, paper.absolute, paper.signed, paper.lesion_share, paper.start_from)
    assert ours == (False, False, False, 0.0, "")
    assert (paper.opinion, paper.uptake, paper.refine_precision) == ("random", "luminance", "float32")
    assert (paper.trial, paper.proposal_symmetric, paper.ema) == ("parameter", False, 0.0)
    assert (paper.meta_steps, paper.meta_pairs, paper.accumulate) == (600, 2, 2)


def test_p_can_move_by_a_third_in_the_paper_recipe() -> None:
    """A move of 1e-4 every second of 600 meta steps, in epochs whose rates fall to a tenth four times."""
    paper = read_recipe(next(path for path in RECIPES if path.stem == "paper"))
    moves = paper.meta_steps // paper.accumulate
    longest = sum(moves * paper.proposal_rate * paper.rate_factor(cycle) for cycle in range(paper.cycles))
    assert longest == pytest.approx(0.33333)


def test_published_rates_fall_to_a_tenth_every_ten_epochs_and_the_gradient_share_rises_to_one() -> None:
    paper = read_recipe(next(path for path in RECIPES if path.stem == "paper"))
    assert [paper.rate_factor(cycle) for cycle in (0, 9, 10, 49)] == pytest.approx([1, 1, 0.1, 1e-4])
    assert [paper.gradient_share_at(cycle) for cycle in (0, 24, 49)] == pytest.approx([1 / 50, 25 / 50, 1])
