"""The compiled network against PyTorch: ``python -m benchmarks.engine [--sides 256 512]``.

Both run in one process for each size and number of threads, in turns, so that a busy machine slows both. Printed are

* *speed*: processor's and wall-clock milliseconds of a slice, medians, their ratio, and the largest difference;
* *AVX2*: the same of code compiled for a processor without AVX-512, with its own PyTorch beside it as it comes;
* *busy core*: wall-clock milliseconds of compiled code, one and two threads, while another program keeps a core busy;
* *memory*: the largest resident set of a process that fuses one slice, PyTorch's import included;
* *compiling*: seconds until compiled code is ready in an empty cache, and until it is loaded from a full one.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from napari_refusion.engine.build import find_build
from napari_refusion.fusion.compilation import Compilation, Compiled, Compiling
from napari_refusion.fusion.device import prepare_cpu
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import load_weights

AVX2 = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+avx,+fma,+sse4.2,+f16c,+bmi,+bmi2,+popcnt"}

Fuse = Callable[[np.ndarray], np.ndarray]


def by_pytorch(network: FusionNet, sources: np.ndarray) -> np.ndarray:
    """Return the image that PyTorch makes of sources (2, H, W)."""
    with torch.inference_mode():
        return network(torch.from_numpy(sources)[None])[0, 0].numpy()


def ready() -> Compiled:
    """Return compiled code; the first call waits for it."""
    compilation = Compilation()
    while isinstance(state := compilation.state(), Compiling):
        time.sleep(0.05)
    if not isinstance(state, Compiled):
        raise RuntimeError(state.why)
    return state


def forms(threads: int) -> dict[str, Fuse]:
    """Return both forms of the network, ready to run."""
    prepare_cpu()
    torch.set_num_threads(threads)
    network = build_fusion_net(load_weights(installed_weights()["medical"]))
    compiled = ready().network(network, threads)
    return {"pytorch": lambda sources: by_pytorch(network, sources), "compiled": lambda sources: compiled(*sources)}


def speed(side: int, threads: int, repeats: int) -> dict[str, float]:
    """Return seconds of both forms by their names, of the processor and of the wall clock."""
    both, sources = forms(threads), np.random.default_rng(0).random((2, side, side), np.float32)
    images = {name: fuse(sources) for name, fuse in both.items()}
    times: dict[str, list[float]] = {}
    for _ in range(repeats):
        for name, fuse in both.items():
            processor, wall = time.process_time(), time.perf_counter()
            fuse(sources)
            times.setdefault(name, []).append(time.process_time() - processor)
            times.setdefault(f"{name}, wall", []).append(time.perf_counter() - wall)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    return medians | {"difference": float(np.abs(images["pytorch"] - images["compiled"]).max())}


def memory(side: int, form: str) -> dict[str, float]:
    """Return the largest resident set of this process in GB after it has fused one slice."""
    forms(1)[form](np.random.default_rng(0).random((2, side, side), np.float32))
    return {"GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9}


def loading(parent: str) -> dict[str, float]:
    """Return seconds until code is ready, of a cache that may be empty; PyTorch is imported already."""
    start, compilation = time.perf_counter(), Compilation(Path(parent))
    processor = time.process_time()
    while isinstance(compilation.state(), Compiling):
        time.sleep(0.05)
    own, wall = time.process_time() - processor, time.perf_counter() - start
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall": wall, "own": own, "child": children.ru_utime + children.ru_stime}


def in_own_process(*arguments: object, environment: dict[str, str] | None = None) -> dict[str, float]:
    """Return what a fresh process measures."""
    command = [sys.executable, "-m", "benchmarks.engine", "--measure", *map(str, arguments)]
    own = os.environ | {"OMP_NUM_THREADS": "1"} | (environment or {})
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=own)
    return json.loads(done.stdout.strip().splitlines()[-1])


def print_speed(title: str, found: dict[str, float], unit: str = "") -> None:
    """Print one row: both forms and their ratio."""
    one, other = found[f"pytorch{unit}"], found[f"compiled{unit}"]
    text = f"{title:34} PyTorch {one * 1e3:7.0f}   compiled {other * 1e3:6.0f} ms   ratio {one / other:5.2f}"
    print(f"{text}   difference {found['difference']:.1e}", flush=True)


def beside_busy_core(repeats: int) -> dict[str, float]:
    """Return wall-clock seconds of compiled code with one and two threads, in turns, while the first core is busy."""
    code = "import os\nif hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, {0})\nwhile True: pass"
    one, two = (forms(threads)["compiled"] for threads in (1, 2))
    sources = np.random.default_rng(0).random((2, 256, 256), np.float32)
    times: dict[str, list[float]] = {"one thread": [], "two threads": []}
    with subprocess.Popen([sys.executable, "-c", code]) as spinning:
        for _ in range(repeats):
            for name, fuse in zip(times, (one, two), strict=True):
                start = time.perf_counter()
                fuse(sources)
                times[name].append(time.perf_counter() - start)
        spinning.kill()
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def main() -> None:
    """Measure and print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sides", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--large", type=int, nargs="*", default=[1024, 2048], help="sides whose memory is measured")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--measure", nargs="+", help="measure in this process, print JSON")
    options = parser.parse_args()
    if options.measure:
        what, *numbers = options.measure
        named = {"speed": speed, "memory": memory, "loading": loading, "busy": beside_busy_core}[what]
        print(json.dumps(named(*(int(one) if one.isdigit() else one for one in numbers))))
        return
    ready()
    print(f"compiled code in {find_build().folder}")
    for side in options.sides:
        for threads in (1, 2):
            found = in_own_process("speed", side, threads, options.repeats)
            print_speed(f"{side} x {side}, {threads} threads, processor", found)
            print_speed(f"{side} x {side}, {threads} threads, wall", found, ", wall")
        print_speed(
            f"{side} x {side}, AVX2, processor", in_own_process("speed", side, 1, options.repeats, environment=AVX2)
        )
    busy = in_own_process("busy", 5 * options.repeats)
    print("beside a busy core, 256 x 256: " + ", ".join(f"{name} {one * 1e3:.0f} ms" for name, one in busy.items()))
    for side in options.large:
        for form in ("compiled", "pytorch") if side <= 1024 else ("compiled",):
            print(f"memory, {side} x {side}, {form}: {in_own_process('memory', side, form)['GB']:.2f} GB", flush=True)
    with tempfile.TemporaryDirectory() as empty:
        for state in ("empty", "full"):
            seconds = in_own_process("loading", empty, environment={"REFUSION_COMPILED": "1"})
            print(f"compiling, {state} cache: " + ", ".join(f"{name} {one:.2f} s" for name, one in seconds.items()))


if __name__ == "__main__":
    main()
