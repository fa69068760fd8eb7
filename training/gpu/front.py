"""Several weightings of the loss at once: ``python -m training.gpu.front RECIPE --pack FOLDER --weightings FILE ...``.

The figures pull against each other, and which weighting serves a reader best is seen only by training. Copies of F,
one for each weighting, learn from the same pictures in one call of the network (`torch.vmap` over their parameters).
FILE is TOML: a table for each weighting with the factors that differ from the recipe's.
"""

import argparse
import csv
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from napari_refusion.model.fusion_net import FusionNet
from training.gpu.__main__ import check
from training.gpu.flat import FlatNetwork, averaged_over, new_fusion_network, swapped_places, symmetric_start
from training.gpu.given import Given, drawn, given_by
from training.gpu.held_out import figures_of
from training.gpu.recipe import TimedRecipe, read_timed_recipe
from training.gpu.schedule import rate_at
from training.pack.reading import read_pack
from training.picture.examples import Examples
from training.picture.loss import picture_terms, weighted_sum
from training.picture.shares import Shares


def read_weightings(path: Path, shares: Shares) -> dict[str, Shares]:
    """Return the weightings in a TOML file by name; what a table does not say is as in `shares`.

    Raises
    ------
    ValueError
        Naming the file: if it cannot be read, holds no table, or a factor is unknown.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        if not tables:
            raise ValueError("holds no table: write one for each weighting")
        known = {field.name for field in fields(Shares)}
        for name, table in tables.items():
            unknown = sorted(table.keys() - known) if isinstance(table, dict) else [str(table)]
            if unknown:
                raise ValueError(
                    f"{name} holds {unknown[0]}, which is not a factor of the loss: {', '.join(sorted(known))}"
                )
        return {name: replace(shares, **table) for name, table in tables.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: not usable as weightings ({error}).") from error


class Front:
    """Copies of F, one for each weighting; all begin alike."""

    def __init__(self, recipe: TimedRecipe, weightings: dict[str, Shares], device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        network = new_fusion_network()
        places = swapped_places(network)
        start = symmetric_start(network, places) if recipe.symmetric else FlatNetwork(network).start
        self.weightings = weightings
        self.network = FlatNetwork(FusionNet().to(device))
        self.project = averaged_over(places.to(device)) if recipe.symmetric else torch.clone
        self.vectors = start.to(device).repeat(len(weightings), 1).requires_grad_()
        self.optimizer = torch.optim.Adam([self.vectors])
        self.clip = recipe.clip

    def step_on(self, given: Examples, rate: float) -> None:
        """Train every copy one step on the same examples, with this learning rate."""
        vectors = torch.stack([self.project(vector) for vector in self.vectors])
        fused = torch.vmap(self.network, in_dims=(0, None))(vectors, given.images)
        losses = [
            weighted_sum(picture_terms(image, given, shares), shares)
            for image, shares in zip(fused, self.weightings.values(), strict=True)
        ]
        (gradient,) = torch.autograd.grad(torch.stack(losses).sum(), self.vectors)
        norm = gradient.norm(dim=1, keepdim=True)
        self.vectors.grad = torch.where(norm.isfinite(), gradient * (self.clip / (norm + 1e-6)).clamp_max(1), 0)
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.step()

    def fused_by(self, number: int, images: Tensor) -> Tensor:
        """Return what one copy makes of source pairs (B, 2, H, W): fused images (B, 1, H, W)."""
        with torch.no_grad():
            return self.network(self.project(self.vectors[number]), images)


def rows_of(front: Front, given: Given, task: str) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Yield the weighting, the kind of pairs and its held-out figures."""
    for number, name in enumerate(front.weightings):
        for one in given.held_out:
            yield name, one.kind, figures_of(partial(front.fused_by, number), one, task)


def write_rows(rows: Sequence[tuple[str, str, dict[str, float]]], path: Path) -> None:
    """Write the figures, one row for each weighting and kind of pairs."""
    columns = sorted({name for _, _, row in rows for name in row})
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("weighting", "kind", *columns))
        writer.writerows(
            (name, kind, *(f"{row[one]:.5g}" if one in row else "" for one in columns)) for name, kind, row in rows
        )


def main() -> None:
    """Read the command line, train all weightings, write their figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--pack", type=Path, required=True, help="folder that make gpu-pack wrote")
    parser.add_argument("--weightings", type=Path, required=True, help="TOML file, a table for each weighting")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--output", type=Path, required=True, help="CSV file of held-out figures")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    try:
        check(options)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        recipe, device = read_timed_recipe(options.recipe), torch.device(options.device)
        front = Front(recipe, read_weightings(options.weightings, recipe.loss), device)
        given = given_by(read_pack(options.pack), recipe, device)
        begun = time.monotonic()
        while (part := (time.monotonic() - begun) / (60 * options.minutes)) < 1:
            front.step_on(drawn(given, recipe, recipe.sides[0]), rate_at(part, recipe))
        write_rows(list(rows_of(front, given, recipe.task)), options.output)
    except (ValueError, OSError) as error:
        sys.exit(f"Training stopped: {error}")


if __name__ == "__main__":
    main()
