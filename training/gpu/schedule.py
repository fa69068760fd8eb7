"""What a step does at a given part of the run: all follows from the time that has passed, so it always anneals."""

import math

from training.gpu.recipe import TimedRecipe

START = 0.02
"""Part of a run in which the learning rate rises."""

LAST = 0.01
"""What is left of the learning rate at the end."""


def rate_at(progress: float, recipe: TimedRecipe) -> float:
    """Return the learning rate after a part of the run, 0 to 1: a short rise, then a cosine down."""
    part = min(max(progress, 0.0), 1.0)
    risen = min(1.0, part / START)
    return recipe.rate * max(risen, 0.01) * (LAST + (1 - LAST) * (1 + math.cos(math.pi * part)) / 2)


def side_at(step: int, progress: float, recipe: TimedRecipe) -> int:
    """Return the side of the crops of a step in pixels: those of the recipe in turn, later whole slices every third."""
    if recipe.whole and progress >= recipe.whole_from and step % 3 == 0:
        return recipe.whole
    return recipe.sides[step % len(recipe.sides)]


def is_lean(progress: float, recipe: TimedRecipe) -> bool:
    """Return whether the network runs in bfloat16 at this part of the run."""
    return recipe.precision == "bfloat16" and progress < recipe.exact_from
