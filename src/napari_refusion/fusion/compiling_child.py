"""A child process compiles and tries the network: ``python -m napari_refusion.fusion.compiling_child PARENT``.

It ends with 0 when compiled code can be used. Of several at once one compiles and the others wait for it.
"""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock

from napari_refusion.engine.build import SAID_WHY, Build, BuildError, Trial, caching_in, find_build

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from napari_refusion.engine.network import FusedNetwork
    from napari_refusion.model.fusion_net import FusionNet

_SIDE: Final = 256
_ROUNDS: Final = 3

_LONG_ENOUGH: Final = 0.2
"""Seconds; Windows counts the time of a processor in steps of 1/64 s, half of what one image takes."""


def compile_build(build: Build) -> None:
    """Compile and try the network, unless that is done."""
    with FileLock(build.folder / "lock"):
        if build.trial() is not None:
            return
        build.clear()
        with caching_in(build):
            from napari_refusion.engine.network import FusedNetwork
        build.finish(_tried(FusedNetwork))


def _tried(compiled: "type[FusedNetwork]") -> Trial:
    """Return how compiled code does beside PyTorch.

    Raises
    ------
    BuildError
        If it gives other numbers.
    """
    import numpy as np
    import torch

    from napari_refusion.fusion.compiled_engine import ERROR
    from napari_refusion.fusion.device import prepare_cpu
    from napari_refusion.model.built import build_fusion_net
    from napari_refusion.model.tasks import DEFAULT_TASK, installed_weights
    from napari_refusion.model.weights_files import load_weights

    prepare_cpu()  # as the plugin runs it
    torch.set_num_threads(1)
    network = build_fusion_net(load_weights(installed_weights()[DEFAULT_TASK]))
    fast = compiled(network)
    random = np.random.default_rng(0)
    images = [random.random((2, *shape), np.float32) for shape in ((33, 65), (_SIDE, _SIDE))]
    images.append(np.ones((2, 9, 300), np.float32))
    errors = [float(np.abs(fast(*one) - _by_torch(network, one)).max()) for one in images]
    if not max(errors) <= ERROR:
        raise BuildError(f"it gives other numbers than PyTorch, by {max(errors):.2g}")
    large, slow, quick = images[1], [], []
    for _ in range(_ROUNDS):  # in turns: a busy machine slows both
        slow.append(seconds_of(lambda: _by_torch(network, large)))
        quick.append(seconds_of(lambda: fast(*large)))
    return Trial(max(errors), min(slow) / min(quick))


def _by_torch(network: "FusionNet", sources: "NDArray[np.float32]") -> "NDArray[np.float32]":
    import torch

    with torch.inference_mode():
        return network(torch.from_numpy(sources)[None])[0, 0].numpy()


def seconds_of(work: "Callable[[], object]") -> float:
    """Return the processor's seconds of a call, the mean of as many as take `_LONG_ENOUGH`."""
    start, calls, taken = time.process_time(), 0, 0.0
    while taken < _LONG_ENOUGH:
        work()
        calls += 1
        taken = time.process_time() - start
    return taken / calls


def main() -> None:
    """Compile in the folder that is named, with the least priority."""
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        compile_build(find_build(Path(sys.argv[1])))
    except BuildError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the parent reads it
        sys.exit(SAID_WHY)
    except OSError as error:  # Numba writes what it compiled
        print(f"its folder of the cache cannot be used ({error.strerror or error})", file=sys.stderr)  # noqa: T201
        sys.exit(SAID_WHY)


if __name__ == "__main__":
    main()
