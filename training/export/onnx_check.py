"""Whether ONNX Runtime answers as PyTorch does: on random, constant and extreme slices of many sizes."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.probe import probe_image
from training.export.onnx_graph import INPUT, OUTPUT

LARGEST_ERROR: Final = 1e-4
"""Difference from PyTorch, of [0, 1]."""

_SHAPES: Final = ((1, 1, 1), (2, 3, 50), (3, 37, 41), (1, 64, 64), (1, 129, 65))
"""Batch, height and width; not one of them is that of the export."""


def onnx_session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """Return a model in ONNX Runtime, on the CPU with one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def trial_slices() -> Iterator[Tensor]:
    """Yield batches of source pairs, (B, 2, H, W) in [0, 1]: random, constant, extreme, and the probe image."""
    random = torch.Generator().manual_seed(1)
    for batch, height, width in _SHAPES:
        noise = torch.rand(batch, 2, height, width, generator=random)
        yield noise
        yield (noise > 0.5).float()
        yield noise * 1e-20
    for value in (0.0, 0.5, 1.0):
        yield torch.full((1, 2, 31, 45), value)
    for value in (0.0, 0.5):  # many equal numbers are added here, where rounding shows most
        yield torch.full((1, 2, 256, 256), value)
    one_empty = torch.rand(1, 2, 45, 31, generator=random)
    one_empty[:, 0] = 0.0
    yield one_empty
    one_pixel = torch.zeros(1, 2, 33, 35)
    one_pixel[:, :, 16, 17] = 1.0
    yield one_pixel
    yield probe_image()


def farthest_from_torch(session: onnxruntime.InferenceSession, network: FusionNet, batches: Iterable[Tensor]) -> float:
    """Return the largest difference between ONNX Runtime's answers and PyTorch's; infinite where one is not finite."""
    farthest = 0.0
    for sources in batches:
        (answer,) = session.run([OUTPUT], {INPUT: sources.numpy()})
        with torch.inference_mode():
            expected = network(sources).numpy()
        error = float(np.abs(answer - expected).max()) if answer.shape == expected.shape else np.inf
        farthest = max(farthest, error if np.isfinite(error) else np.inf)
    return farthest
