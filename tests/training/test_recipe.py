from pathlib import Path

import pytest

from training.recipe import Recipe, read_recipe

RECIPES = sorted((Path(__file__).parents[2] / "training/recipes").glob("*.toml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_in_the_repository_can_be_read(path: Path) -> None:
    assert read_recipe(path).cycles > 0


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
        ("meta_steps = 2", "meta_steps = 3", "no multiple of accumulate"),
        ("crop = 16", "crop = = 16", "not a readable recipe"),
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
