"""What a run writes down about every cycle: ``log.csv``, one row each."""

import csv
import io
import math
from pathlib import Path
from typing import NamedTuple

import torch

from napari_refusion.io.whole_files import atomic
from napari_refusion.model.loss_proposal_net import Proposal
from training.validation import VALIDATED


class Leaning(NamedTuple):
    """How decided P is, as means over a batch; 0.5 and 1 bit are undecided, 0 bit is all for one source."""

    intensity_weight_a: float
    """Weight of the first source's intensity, 0 to 1."""
    gradient_weight_a: float
    """Weight of the first source's gradient, 0 to 1."""
    intensity_entropy: float
    """Entropy of a pixel's two intensity weights, in bits, 0 to 1."""
    gradient_entropy: float
    """The same of its gradient weights."""


class CycleFigures(NamedTuple):
    """What one cycle came to; NaN where the cycle had no such step."""

    fusion_loss: float
    """Mean over the refine steps."""
    reconstruction_loss: float
    """Mean over the refine steps."""
    outer_loss: float
    """Mean over the meta steps."""
    largest_meta_gradient: float
    """Largest absolute value of any accumulated meta-gradient."""
    intensity_weight_a: float
    gradient_weight_a: float
    intensity_entropy: float
    gradient_entropy: float
    """P's `Leaning` after the cycle."""

    def in_words(self) -> str:
        """Return the figures for the screen."""
        return (
            f"losses: fusion {self.fusion_loss:.4f}, reconstruction {self.reconstruction_loss:.4f}, "
            f"outer {self.outer_loss:.4f}\n"
            f"proposal: intensity {self.intensity_weight_a:.2f} for a, {self.intensity_entropy:.2f} bit; "
            f"gradient {self.gradient_weight_a:.2f} for a, {self.gradient_entropy:.2f} bit\n"
            f"largest meta-gradient {self.largest_meta_gradient:.1e}"
        )


COLUMNS = ("cycle", *CycleFigures._fields, "rate", *VALIDATED)
"""Columns of the log; those of the validation are empty in most cycles."""


def leaning(proposal: Proposal) -> Leaning:
    """Return the mean weight of the first source and the mean entropy, in bits, of a proposal (B, 2, H, W) each."""
    weights = [float(weights[:, 0].mean()) for weights in proposal]
    entropies = [float(torch.special.entr(weights).sum(dim=1).mean()) / math.log(2) for weights in proposal]
    return Leaning(weights[0], weights[1], entropies[0], entropies[1])


class Log:
    """The CSV file of a run. It is replaced whole after every cycle, so a crash leaves all rows or all but the last."""

    def __init__(self, path: Path, finished: int) -> None:
        """Take over the first `finished` rows of an earlier log, column by column; later ones are dropped."""
        self._path = path
        self._rows: list[list[str]] = []
        if path.is_file():
            with path.open(newline="", encoding="utf-8") as file:
                self._rows = [[row.get(name) or "" for name in COLUMNS] for row in csv.DictReader(file)][:finished]
        self._save()

    def write(self, cycle: int, figures: CycleFigures, rate: float, validation: dict[str, float]) -> None:
        """Add the row of a cycle.

        Raises
        ------
        RefusedError
            If the file cannot be written.
        """
        numbers = [*figures, rate, *(validation.get(name, math.nan) for name in VALIDATED)]
        self._rows.append([str(cycle), *("" if math.isnan(number) else f"{number:.6g}" for number in numbers)])
        self._save()

    def _save(self) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([COLUMNS, *self._rows])
        with atomic(self._path, overwrite=True) as temporary:
            temporary.write_text(text.getvalue(), encoding="utf-8", newline="")
