"""Time and memory of a meta step against other formulations: ``python -m benchmarks.meta_step [--crop 64]``.

A meta step is one inner and one outer update, without P's move. ``plain`` holds every weight twice
(`benchmarks.plain_meta_step`), ``double`` takes the same networks as ours and goes back through the graph of the inner
gradient (`tests.training.double_backward`). All must give the same meta-gradient. Each form runs in processes of its
own, because a process remembers its largest memory, and the forms take turns, so that a busy machine slows all. The
seconds are of the processor where it computes, of the clock on a GPU.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.plain_meta_step import PlainMetaStep
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.reconstruction_net import ReconstructionNet
from tests.training.double_backward import meta_gradient
from training.batch import with_swapped
from training.meta_cycle import MetaCycle

RATE = 1e-3
"""Size of the trial steps, as in training/recipes/cycle.toml."""

FORMS = ("plain", "double", "ours")


def meta_step(form: str, crop: int, pairs: int, device: torch.device) -> Callable[[], tuple[Tensor, ...]]:
    """Return a function that does one meta step and returns the gradient with respect to P's parameters."""
    torch.manual_seed(0)
    fusion, reconstruction, proposal = FusionNet(), ReconstructionNet(), LossProposalNet()
    train, test = (with_swapped(torch.rand(pairs, 2, crop, crop).to(device)) for _ in range(2))
    for network in (fusion, reconstruction, proposal):
        network.to(device)
    if form == "plain":
        plain = PlainMetaStep(fusion, reconstruction, proposal)
        return lambda: plain(train, test, RATE, 1.0)
    for network in (fusion, reconstruction, proposal):
        network.to(memory_format=torch.channels_last)
    cycle = MetaCycle(fusion, reconstruction, proposal)
    if form == "double":
        return lambda: tuple(meta_gradient(cycle, train, test, RATE)[1].values())
    return lambda: tuple(cycle.outer(cycle.inner([train], RATE), [test])[1].values())


def peak_megabytes(device: torch.device) -> float:
    """Return the most memory used so far: of the GPU, or of this process, in MB."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    per_megabyte = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_megabyte


def measure(form: str, crop: int, pairs: int, device: torch.device, repeats: int) -> dict[str, float]:
    """Return the median seconds of a meta step, and the MB that its steps needed beyond networks and libraries."""
    torch.set_num_threads(1)
    step = meta_step(form, crop, pairs, device)
    before = peak_megabytes(device)
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    times = []
    for _ in range(repeats + 1):
        start = clock()
        step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(clock() - start)
    return {"seconds": statistics.median(times[1:]), "megabytes": peak_megabytes(device) - before}


def difference(crop: int, pairs: int, device: torch.device) -> dict[str, float]:
    """Return the largest difference of our meta-gradient from the others, relative to the largest gradient."""
    *others, ours = (torch.cat([g.flatten() for g in meta_step(form, crop, pairs, device)()]) for form in FORMS)
    return {"difference": max(float((other - ours).abs().max() / other.abs().max()) for other in others)}


def in_own_process(form: str, options: argparse.Namespace) -> dict[str, float]:
    """Return `measure`, or for ``all`` `difference`, of a fresh process.

    Nothing large may run in this process before: Linux counts a parent's memory as the least peak of its children.
    """
    command = [sys.executable, "-m", "benchmarks.meta_step", "--form", form, "--device", options.device]
    for name in ("crop", "pairs", "repeats"):
        command += [f"--{name}", str(getattr(options, name))]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main() -> None:
    """Measure all forms in turns and print their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crop", type=int, default=64, help="pixels")
    parser.add_argument("--pairs", type=int, default=2, help="their swapped copies double the batch")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--form", choices=(*FORMS, "all"), help="measure in this process, or compare; print JSON")
    options = parser.parse_args()
    device = torch.device(options.device)
    if options.form == "all":
        print(json.dumps(difference(options.crop, options.pairs, device)))
        return
    if options.form:
        print(json.dumps(measure(options.form, options.crop, options.pairs, device, options.repeats)))
        return
    off = in_own_process("all", options)["difference"]
    if off > 1e-3:
        sys.exit(f"The forms differ by {off:.1e} of the largest meta-gradient, which must stay below 1e-3.")
    taken: dict[str, list[dict[str, float]]] = {form: [] for form in FORMS}
    for _ in range(options.rounds):
        for form, results in taken.items():
            results.append(in_own_process(form, options))
    show(taken, options, off)


def show(taken: dict[str, list[dict[str, float]]], options: argparse.Namespace, off: float) -> None:
    """Print a table of all forms and how many times more than ours the others take."""
    on_gpu = options.device.startswith("cuda")
    where = torch.cuda.get_device_name() if on_gpu else f"{platform.processor() or platform.machine()}, 1 thread"
    print(f"meta step, {options.pairs} pairs and their swapped copies, {options.crop} x {options.crop}, float32")
    print(f"{where}, PyTorch {torch.__version__}, medians of {options.rounds} rounds of {options.repeats}")
    middle = {
        form: {key: statistics.median(result[key] for result in results) for key in results[0]}
        for form, results in taken.items()
    }
    for form, result in middle.items():
        print(f"  {form:6} {result['seconds'] * 1e3:7.0f} ms {result['megabytes']:7.0f} MB")
    for form in FORMS[:-1]:
        times, memories = (middle[form][key] / middle["ours"][key] for key in ("seconds", "megabytes"))
        print(f"  {form} / ours {times:7.2f}    {memories:7.2f}")
    print(f"  largest difference of the meta-gradients {off:.1e} of the largest gradient")


if __name__ == "__main__":
    main()
