"""The network's speed against its plain formulation: ``python -m benchmarks.network [--threads 2] [--side 256]``.

Both run in one process each, taking turns, so that a busy machine slows both. The plain one runs as PyTorch comes; ours
runs as the plugin runs it, with `prepare_cpu`'s memory settings.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import torch

from benchmarks.plain_fusion_net import plain_fusion
from napari_refusion.fusion.device import prepare_cpu
from napari_refusion.model.fusion_net import FusionNet


def seconds(form: str, threads: int, side: int, repeats: int) -> dict[str, float]:
    """Return the least and the median seconds of one fusion, and the largest difference to the plain form."""
    if form == "lean":
        prepare_cpu()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    plain, lean = FusionNet().eval(), FusionNet().eval()
    lean.load_state_dict(plain.state_dict())
    lean.to(memory_format=torch.channels_last)
    sources = torch.rand(1, 2, side, side)
    with torch.inference_mode():
        difference = float((lean(sources) - plain_fusion(plain, sources)).abs().max())
        times = []
        for _ in range(repeats + 2):
            start = time.perf_counter()
            _ = lean(sources) if form == "lean" else plain_fusion(plain, sources)
            times.append(time.perf_counter() - start)
    return {"least": min(times[2:]), "median": statistics.median(times[2:]), "difference": difference}


def in_own_process(form: str, threads: int, side: int, repeats: int) -> dict[str, float]:
    """Return `seconds` measured in a fresh process, whose allocator nothing else has touched."""
    numbers = (str(threads), str(side), str(repeats))
    command = [sys.executable, "-m", "benchmarks.network", "--form", form]
    for option, number in zip(("--threads", "--side", "--repeats"), numbers, strict=True):
        command += [option, number]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure both forms in turns and print the ratio of their median times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--side", type=int, default=256, help="pixels")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--form", choices=("plain", "lean"), help="measure one form in this process, print JSON")
    options = parser.parse_args()
    if options.form:
        print(json.dumps(seconds(options.form, options.threads, options.side, options.repeats)))
        return
    taken: dict[str, list[dict[str, float]]] = {"plain": [], "lean": []}
    for _ in range(options.rounds):
        for form, results in taken.items():
            results.append(in_own_process(form, options.threads, options.side, options.repeats))
    median = {form: statistics.median(r["median"] for r in results) for form, results in taken.items()}
    least = {form: min(r["least"] for r in results) for form, results in taken.items()}
    difference = max(r["difference"] for results in taken.values() for r in results)
    print(f"{options.side} x {options.side}, {options.threads} threads, medians of {options.rounds} rounds")
    for form in taken:
        print(f"  {form:5}  median {median[form] * 1e3:6.0f} ms   least {least[form] * 1e3:6.0f} ms")
    print(f"  ratio  median {median['plain'] / median['lean']:.2f}      least {least['plain'] / least['lean']:.2f}")
    print(f"  largest difference of the outputs {difference:.1e}")


if __name__ == "__main__":
    main()
