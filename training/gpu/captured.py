"""A function of tensors as one CUDA graph: a step of thousands of operations is launched at once."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

WARM = 3
"""Calls before a graph is captured: kernels are chosen and memory is found in them."""


class Captured:
    """Replays a function on inputs of fixed shapes; on a CPU it is simply called.

    Everything that the function changes, parameters and optimizer states, is changed by the calls before the capture,
    too. Its results are overwritten by the next call.
    """

    def __init__(self, function: Callable[..., Tensor], inputs: Sequence[Tensor], pool: Any = None) -> None:  # noqa: ANN401
        self._function = function
        self._graph = None
        if inputs[0].device.type != "cuda":
            return
        self._inputs = [tensor.clone() for tensor in inputs]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM):
                function(*self._inputs)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool):
            self._output = function(*self._inputs)
        self._graph = graph

    @property
    def pool(self) -> Any:  # noqa: ANN401 - a handle that torch keeps to itself
        """Return the memory pool of the graph, which later graphs may share; None on a CPU."""
        return None if self._graph is None else self._graph.pool()

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Return the function of the inputs."""
        if self._graph is None:
            return self._function(*inputs)
        for held, given in zip(self._inputs, inputs, strict=True):
            held.copy_(given)
        self._graph.replay()
        return self._output
