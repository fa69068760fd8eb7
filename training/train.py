"""Train ReFusion: ``python -m training.train training/recipes/cycle.toml --data FOLDER --output runs/cycle``.

The same command with ``--resume`` goes on after the last finished cycle, exactly as if it had never stopped.
``--device cuda`` uses a GPU, and ``torchrun --nproc-per-node 2 -m training.train ...`` two of them. The output folder
receives ``checkpoint.pt``, ``log.csv``, the weights files and, with ``--tensorboard``, curves and pictures.
"""

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

import torch

from training.alone import alone_in
from training.checkpoint import RunState, content_of, load_checkpoint, restore
from training.data import PairFiles, PairImages, list_pairs
from training.display import Display
from training.meta_cycle import MetaCycle
from training.opinion import form_opinion
from training.ranks import Ranks, is_first_process, joined
from training.recipe import Recipe, read_recipe
from training.records import opened_records
from training.run import Run
from training.same_images import hash_of
from training.start import go_on_from, new_networks
from training.steps import run_cycle
from training.stopped import stop


def train(
    recipe: Recipe,
    data: Path,
    output: Path,
    *,
    resume: bool,
    device: torch.device,
    ranks: Ranks | None = None,
    tensorboard: bool = False,
) -> RunState:
    """Run a recipe to its end, or from its last checkpoint to its end; return the final state.

    Raises
    ------
    ValueError
        If images, checkpoint and recipe do not fit together, or another run is at work in the output folder.
    FloatingPointError
        If a loss or gradient stops being finite.
    OSError
        If the output folder cannot be written to.
    """
    without_tensor_float()
    ranks = ranks or Ranks()
    training, validation = list_pairs(data, recipe)
    check_apart(output, data, training)
    with alone_in(output) if ranks.is_first else nullcontext():
        images = PairImages(training, recipe)
        cycle, state = new_networks(recipe, device)
        state.images = hash_of([*training, *validation])
        if ranks.is_first:
            for notice in images.notices():
                print(notice, file=sys.stderr)
            begin(cycle, state, images, output / "checkpoint.pt", resume=resume)
        if ranks.count > 1:
            restore(state, recipe, ranks.from_first(content_of(state, recipe)), "the first process")
        for optimizer in state.optimizers.values():
            ranks.average_gradients(optimizer)
        with Display(recipe, state.cycle, visible=ranks.is_first) as display:
            run = Run(cycle, state, images, device, ranks, display)
            writing = opened_records(run, output, validation, origin_of(data, training), tensorboard=tensorboard)
            with writing if ranks.is_first else nullcontext() as records:
                while state.cycle < recipe.cycles:
                    figures = run_cycle(run)
                    if records is not None:
                        records.finish_cycle(run, figures)
    return state


def without_tensor_float() -> None:
    """Make GPUs multiply float32 as float32; TensorFloat-32 keeps 10 bits, too few for second-order gradients."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def check_apart(output: Path, data: Path, pairs: list[PairFiles]) -> None:
    """Refuse an output folder among the images.

    Raises
    ------
    ValueError
        If it lies in the data folder, or in a folder that a link in there leads to.
    """
    files = [file for pair in pairs for file in (pair.a, pair.b)]  # of volumes, these may be DICOM folders
    folders = {folder.resolve() for folder in (data, *files, *(file.parent for file in files))}
    if any(output.resolve().is_relative_to(folder) for folder in folders):
        raise ValueError(f"{output}: the output must not lie in the folder of training images.")


def begin(cycle: MetaCycle, state: RunState, images: PairImages, checkpoint: Path, *, resume: bool) -> None:
    """Load the run's checkpoint, or what the recipe starts from.

    Raises
    ------
    ValueError
        If there is a run already that shall not be resumed, or its checkpoint cannot be used.
    """
    for kept in (checkpoint, checkpoint.with_name("fusion.safetensors")):
        if kept.is_file() and not resume:
            raise ValueError(f"{kept}: a run is there already; add --resume, or choose another --output.")
    if checkpoint.is_file():
        load_checkpoint(state, images.recipe, checkpoint)
    else:
        go_on_from(images.recipe.start_from, state, checkpoint.parent.parent)
        form_opinion(cycle.proposal, images, next(cycle.proposal.parameters()).device)


def origin_of(data: Path, pairs: list[PairFiles]) -> str:
    """Return where the images of a run are from, in words that tell nothing about this computer."""
    folders = {(pair.a.parent if pair.is_volume else pair.a.parent.parent).name for pair in pairs}
    return f"{data.parent.name}/{data.name} ({', '.join(sorted(folders))})"


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path, help="TOML file, as training/recipes/cycle.toml")
    parser.add_argument("--data", type=Path, required=True, help="folder in which the recipe's pairs lie")
    parser.add_argument("--output", type=Path, help="folder of the run; runs/RECIPE by default")
    parser.add_argument("--resume", action="store_true", help="go on after the last finished cycle")
    parser.add_argument("--device", default="auto", help="cpu or cuda; auto takes a GPU where there is one")
    parser.add_argument("--tensorboard", action="store_true", help="write curves and pictures to OUTPUT/tensorboard")
    options = parser.parse_args()
    output = options.output or Path("runs") / options.recipe.stem
    try:
        recipe = read_recipe(options.recipe)
        with joined(options.device) as (ranks, device):
            train(
                recipe,
                options.data,
                output,
                resume=options.resume,
                device=device,
                ranks=ranks,
                tensorboard=options.tensorboard,
            )
    except FloatingPointError as error:  # raised by all processes together; one sentence is enough
        sys.exit(f"Training stopped: {error}" if is_first_process() else 1)
    except (ValueError, OSError) as error:
        sys.exit(f"Training stopped: {error}")
    except KeyboardInterrupt:
        stop(f"Training stopped by hand. Go on with --resume; finished cycles are in {output / 'log.csv'}.")


if __name__ == "__main__":
    main()
