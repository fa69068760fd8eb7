"""One number at a time in a process of its own: what slices, volumes and examinations take, by form and size.

``benchmarks.page`` asks for them. Forms of the network are ``plain`` (the authors' formulation in PyTorch as it comes),
``pytorch`` (ours), and ``compiled``. Seconds are medians, of the processor and of the wall clock; the memory is the
process's largest, libraries included.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks.engine import by_pytorch, ready
from benchmarks.plain_fusion_net import plain_fusion
from napari_refusion.fusion.device import prepare_cpu
from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import load_weights

FORMS = ("plain", "pytorch", "compiled")

Fuse = Callable[[np.ndarray], object]
"""Of sources (2, H, W)."""


def form_of(name: str, threads: int) -> Fuse:
    """Return one form of the network with the medical weights, ready to run."""
    if name != "plain":
        prepare_cpu()
    torch.set_num_threads(threads)
    network = build_fusion_net(load_weights(installed_weights()["medical"]))
    if name == "compiled":
        compiled = ready().network(network, threads)
        return lambda sources: compiled(*sources)
    if name == "pytorch":
        return lambda sources: by_pytorch(network, sources)
    network = network.to(memory_format=torch.contiguous_format)

    def plain(sources: np.ndarray) -> object:
        with torch.inference_mode():
            return plain_fusion(network, torch.from_numpy(sources)[None])

    return plain


def slices(form: str, side: int, threads: int, repeats: int) -> dict[str, float]:
    """Return what a slice takes."""
    fuse, sources = form_of(form, threads), np.random.default_rng(0).random((2, side, side), np.float32)
    fuse(sources)
    processor, wall = [], []
    for _ in range(repeats):
        began, clock = time.process_time(), time.perf_counter()
        fuse(sources)
        processor.append(time.process_time() - began)
        wall.append(time.perf_counter() - clock)
    return {"processor": statistics.median(processor), "wall": statistics.median(wall), "megabytes": peak()}


def volume(device: str, count: int) -> dict[str, float]:
    """Return what fusing and then examining so many slices of 256 x 256 takes; ``cpu-pytorch`` is not compiled."""
    from napari_refusion.evidence.examination import examine
    from napari_refusion.evidence.examiner import start_examiner
    from napari_refusion.fusion.engines import start_engine
    from napari_refusion.fusion.filling import FusedSlice, missing_slices
    from napari_refusion.fusion.partial import new_partial
    from napari_refusion.study.pairing import pair
    from napari_refusion.volume.volume import Volume

    if device == "cpu":
        ready()
    torch.set_num_threads(1)
    place = np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in (count, 256, 256)), indexing="ij"))
    head = np.clip(1.2 - np.sqrt((place[1:] ** 2).sum(axis=0)), 0, 1).astype(np.float32)
    spot = np.exp(-((place[1:] - 0.3) ** 2).sum(axis=0) / 0.01).astype(np.float32)
    affine = np.array([[0, 0, -1.0, 128], [0, -1.0, 0, 128], [-3.0, 0, 0, 60], [0, 0, 0, 1]])
    study = pair(Volume(head / 3 + spot, affine, "PT", name="pet"), Volume(head**2, affine, "MR", name="mri"))
    engine = start_engine(device=device)
    partial = new_partial(study, "axial", engine.identity)
    began = time.process_time()
    for message in missing_slices(partial, engine):
        if isinstance(message, FusedSlice):
            partial.put(message.index, message.image)
    fused = time.process_time() - began
    examiner, began = start_examiner(engine), time.process_time()
    for _ in examine(examiner, partial):
        pass
    return {"fuse": fused, "examine": time.process_time() - began}


def peak() -> float:
    """Return the largest memory of this process so far in MB; Linux tells it, elsewhere it is NaN."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM")), float("nan"))


def in_own_process(what: str, *arguments: object) -> dict[str, float]:
    """Return what a fresh process measures."""
    command = [sys.executable, "-m", "benchmarks.scaling", what, *map(str, arguments)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    _, what, *given = sys.argv
    numbers = [int(one) if one.isdigit() else one for one in given]
    print(json.dumps({"slices": slices, "volume": volume}[what](*numbers)))  # type: ignore[operator]
