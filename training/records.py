"""All that a run leaves in its folder: log, checkpoint, weights, and curves and pictures for TensorBoard."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from napari_refusion.volume.finding import RefusedError
from training.board import Board, pictures
from training.checkpoint import export_weights, save_checkpoint
from training.data import PairFiles, PairImages
from training.log import CycleFigures, Log
from training.run import Run
from training.validation import Schedule, score, validate


@dataclass(frozen=True, slots=True)
class Records:
    """The open files of a run; only the first process has them."""

    output: Path
    """The run's folder."""
    log: Log
    board: Board | None
    """None where no TensorBoard was asked for."""
    held_out: PairImages | None
    """None where the recipe keeps no pair for validation."""
    schedule: Schedule
    """When it is validated."""
    example: Tensor
    """The pair that the pictures show, (2, H, W) in [0, 1]."""
    described: str
    """What the run is trained on, in words."""

    def finish_cycle(self, run: Run, figures: CycleFigures) -> None:
        """Validate if it is time to, and write down the cycle that was just finished.

        The checkpoint comes last: a run that is killed before does the cycle again and writes the same once more.

        Raises
        ------
        OSError
            If something cannot be written; the sentence says up to which cycle the run is kept.
        """
        finished = run.state.cycle
        due = self.schedule.is_due(finished)
        validation = validate(run.state.averaged, self.held_out) if due else {}
        try:
            self._write(run, figures, validation, due=due)
        except (OSError, RefusedError) as error:
            what = f"{self.output}: {error.strerror or error}." if isinstance(error, OSError) else str(error)
            kept = f"cycle {finished - 2} was the last to be kept" if finished > 1 else "no cycle is kept yet"
            raise OSError(f"{what} Nothing older is lost, {kept}: put it right and go on with --resume.") from error
        run.display.cycle(finished, figures)

    def _write(self, run: Run, figures: CycleFigures, validation: dict[str, float], *, due: bool) -> None:
        state, recipe, number = run.state, run.images.recipe, run.state.cycle - 1
        self.log.write(number, figures, recipe.refine_rate * recipe.rate_factor(number), validation)
        if self.board is not None:
            panel = pictures(replace(run.cycle, fusion=state.averaged), self.example) if due else {}
            self.board.write(number, figures, validation, panel)
        if due and score(validation) >= state.best_score:
            state.best_score = score(validation)
            export_weights(state, recipe, self.output, validation, self.described)
        save_checkpoint(state, recipe, self.output / "checkpoint.pt")


@contextmanager
def opened_records(
    run: Run, output: Path, validation: list[PairFiles], origin: str, *, tensorboard: bool
) -> Iterator[Records]:
    """Yield the records of a run, going on after its finished cycles; close them in the end.

    Parameters
    ----------
    validation
        Pairs that are not trained on.
    origin
        Where the images are from, in words.
    tensorboard
        Whether curves and pictures are written for TensorBoard.
    """
    held_out = PairImages(validation, run.images.recipe) if validation else None
    example = (run.images if held_out is None else held_out).whole(0)
    described = f"{len(run.images)} pairs of {origin}, {0 if held_out is None else len(held_out)} held out"
    log = Log(output / "log.csv", run.state.cycle)
    with Board(output / "tensorboard", run.state.cycle) if tensorboard else nullcontext() as board:
        yield Records(output, log, board, held_out, Schedule(run.images.recipe), example, described)
