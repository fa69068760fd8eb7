"""The progress of a run on the screen: a bar over its steps, and below it the figures of the last finished cycle."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from training.log import CycleFigures
from training.recipe import Recipe


class Display(Progress):
    """A bar that moves with every step. Used as a context; in a process that shall be silent it shows nothing."""

    def __init__(self, recipe: Recipe, finished: int, *, visible: bool) -> None:
        self._words = ""
        super().__init__(
            TextColumn("{task.fields[finished]} of {task.fields[cycles]} cycles"),
            BarColumn(),
            TimeRemainingColumn(),
            speed_estimate_period=600,  # seconds; meta steps take several times as long as refine steps
            disable=not visible,
        )
        steps = recipe.meta_steps + recipe.refine_steps
        total, done = steps * recipe.cycles, steps * finished
        self._bar = self.add_task("", total=total, completed=done, finished=finished, cycles=recipe.cycles)

    def step(self) -> None:
        """Move on by one meta or refine step."""
        self.advance(self._bar)

    def cycle(self, finished: int, figures: CycleFigures) -> None:
        """Show the figures of the cycle that was just finished."""
        self._words = figures.in_words()
        self.update(self._bar, finished=finished)

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield the bar and the figures."""
        yield from super().get_renderables()
        yield Text(self._words)
