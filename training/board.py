"""Curves and pictures of a run for TensorBoard, where the package tensorboard is installed."""

import math
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from torch import Tensor

from training.log import CycleFigures
from training.meta_cycle import MetaCycle

PICTURES = (
    "1 source a",
    "2 source b",
    "3 fused",
    "4 rebuilt a",
    "5 rebuilt b",
    "6 intensity weight of a",
    "7 intensity weight of b",
    "8 gradient weight of a",
    "9 gradient weight of b",
)
"""What the panel shows, numbered because TensorBoard sorts by name."""


@torch.no_grad()
def pictures(cycle: MetaCycle, pair: Tensor) -> dict[str, Tensor]:
    """Return the panel of one pair (2, H, W) in [0, 1] by name, (1, H, W) in [0, 1] each, on the CPU."""
    sources = pair[None].to(next(cycle.fusion.parameters()).device)
    fused = cycle.fusion(sources)
    shown = torch.cat([sources, fused, cycle.reconstruction(fused), *cycle.proposal(sources)], dim=1)[0].cpu()
    return {name: image[None] for name, image in zip(PICTURES, shown, strict=True)}


class Board:
    """The event files of a run in one folder. A resumed run takes back what was written after its checkpoint."""

    def __init__(self, folder: Path, finished: int) -> None:
        """Go on after `finished` cycles.

        Raises
        ------
        ValueError
            If the package tensorboard is not installed.
        """
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise ValueError(
                "--tensorboard needs the package tensorboard, which is not installed: "
                "`pip install tensorboard`, or leave the option out."
            ) from error
        self._writer = SummaryWriter(folder, purge_step=finished)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write(self, cycle: int, figures: CycleFigures, validation: dict[str, float], panel: dict[str, Tensor]) -> None:
        """Add the figures of a cycle, and those of its validation and a panel of `pictures` where there are any."""
        for section, values in (("training", figures._asdict()), ("held out", validation)):
            for name, value in values.items():
                if not math.isnan(value):
                    self._writer.add_scalar(f"{section}/{name}", value, cycle)
        for name, picture in panel.items():
            self._writer.add_image(f"pair/{name}", picture, cycle)
        self._writer.flush()
