from dataclasses import replace

import pytest

from training.gpu.recipe import TimedRecipe
from training.gpu.schedule import LAST, START, is_lean, rate_at, side_at


def test_the_rate_rises_from_almost_nothing_and_falls_to_its_last_part(recipe: TimedRecipe) -> None:
    assert rate_at(0.0, recipe) <= 0.01 * recipe.rate
    assert rate_at(START / 2, recipe) == pytest.approx(recipe.rate / 2, rel=0.01)
    assert rate_at(START, recipe) == pytest.approx(recipe.rate, rel=0.01)
    assert rate_at(0.5, recipe) == pytest.approx((1 + LAST) / 2 * recipe.rate)  # halfway down the cosine
    assert rate_at(1.0, recipe) == pytest.approx(LAST * recipe.rate)


def test_the_rate_has_one_peak_and_stays_beyond_the_end(recipe: TimedRecipe) -> None:
    rates = [rate_at(part / 1000, recipe) for part in range(1001)]
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert peak / 1000 == pytest.approx(START, abs=0.002)
    assert rate_at(1.5, recipe) == rates[-1]
    assert rate_at(-1.0, recipe) == rates[0]


def test_sides_take_turns_and_every_third_late_step_is_a_whole_slice(recipe: TimedRecipe) -> None:
    one = replace(recipe, sides=(64, 96), whole=128, whole_from=0.5, pixels=4 * 128**2)
    assert [side_at(step, 0.4, one) for step in range(6)] == [64, 96, 64, 96, 64, 96]
    assert [side_at(step, 0.5, one) for step in range(6)] == [128, 96, 64, 128, 64, 96]


def test_a_recipe_without_whole_slices_never_has_one(recipe: TimedRecipe) -> None:
    assert {side_at(step, 1.0, replace(recipe, sides=(64,), pixels=4 * 64**2)) for step in range(6)} == {64}


def test_bfloat16_ends_where_the_recipe_says(recipe: TimedRecipe) -> None:
    lean = replace(recipe, precision="bfloat16", exact_from=0.7)
    assert [is_lean(part, lean) for part in (0.0, 0.69, 0.7, 1.0)] == [True, True, False, False]
    assert not is_lean(0.0, recipe)
