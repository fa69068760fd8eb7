from dataclasses import replace

import pytest

from training.recipe import Recipe
from training.run import functional_pairs


@pytest.mark.parametrize("data", ["", "data/", "/somewhere/data/"])
@pytest.mark.parametrize("folder", ["PET/uptake", "./PET/uptake", "PET/uptake/"])
def test_pairs_of_functional_folders_are_known_wherever_the_data_lie(recipe: Recipe, data: str, folder: str) -> None:
    recipe = replace(recipe, pairs=((folder, "PET/MRI"), ("CT", "MRI")), functional=("PET",))
    files = [f"{data}PET/uptake/p1_0.png", f"{data}CT/p1_0.png"]
    assert functional_pairs(recipe, files).tolist() == [1, 0]


def test_without_functional_folders_all_pairs_count(recipe: Recipe) -> None:
    assert functional_pairs(recipe, ["a/p1_0.png", "a/p1_1.png"]).tolist() == [1, 1]
