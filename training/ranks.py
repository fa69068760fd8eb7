"""Several processes that train one set of networks: each takes other batches, and all take the same steps.

PyTorch's ``torchrun`` starts them, on one machine or several: ``torchrun --nproc-per-node 2 -m training.train ...``.
Gradients are averaged before every step and the first process hands out what all start from, so the networks stay equal
bit for bit without ever being compared. Started without ``torchrun`` there is one process and nothing to exchange.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed
from torch.optim import Optimizer

from napari_refusion.fusion.device import choose_device

Value = TypeVar("Value")

PATIENCE = timedelta(hours=1)
"""How long a process waits for the others: the first one teaches the prior and validates alone."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which of the processes of a run the present one is."""

    rank: int = 0
    """Counted from 0."""
    count: int = 1
    """How many there are."""

    @property
    def is_first(self) -> bool:
        """Whether it is the one that writes and shows things."""
        return self.rank == 0

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace every tensor by its mean over all processes, in one exchange; all of one type on one device."""
        if self.count == 1:
            return
        flat = torch.cat([tensor.detach().reshape(-1) for tensor in tensors])
        with exchange():
            distributed.all_reduce(flat)
        means = (flat / self.count).split([tensor.numel() for tensor in tensors])
        with torch.no_grad():
            for tensor, mean in zip(tensors, means, strict=True):
                tensor.copy_(mean.view(tensor.shape))

    def average_gradients(self, optimizer: Optimizer) -> None:
        """Make every future step of `optimizer` use the mean of all processes' gradients."""
        if self.count == 1:
            return

        def average(stepping: Optimizer, _args: object, _kwargs: object) -> None:
            params = [param for group in stepping.param_groups for param in group["params"]]
            self.average([param.grad for param in params if param.grad is not None])

        optimizer.register_step_pre_hook(average)

    def all_agree(self, flag: Tensor) -> bool:
        """Return whether a true-or-false scalar is true in every process."""
        if self.count > 1:
            flag = flag.to(torch.int32)
            with exchange():
                distributed.all_reduce(flag, op=distributed.ReduceOp.MIN)
        return bool(flag)

    def from_first(self, value: Value) -> Value:
        """Return the first process's `value`, a copy in the others."""
        if self.count == 1:
            return value
        box = [value]
        with exchange():
            distributed.broadcast_object_list(box)
        return box[0]

    def from_all(self, value: Value) -> list[Value]:
        """Return the values of all processes, by rank."""
        if self.count == 1:
            return [value]
        values: list[Any] = [None] * self.count
        with exchange():
            distributed.all_gather_object(values, value)
        return values


@contextmanager
def exchange() -> Iterator[None]:
    """Say in plain words when the processes cannot talk to each other any more.

    Raises
    ------
    ConnectionError
        If another process ended, or does not answer for as long as `PATIENCE`.
    """
    try:
        yield
    except RuntimeError as error:  # what gloo and NCCL raise
        raise ConnectionError("another process of this run stopped or no longer answers; see what it said.") from error


def is_first_process() -> bool:
    """Return whether this is the first process, or the only one, by what ``torchrun`` says in the environment."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def joined(device_name: str) -> Iterator[tuple[Ranks, torch.device]]:
    """Join the processes that ``torchrun`` started; yield this one's rank and its device.

    Each process of a machine takes a GPU of its own, where ``auto`` or ``cuda`` is asked for and there are any.

    Raises
    ------
    ValueError
        If there is no such device, or the machine has fewer GPUs than processes.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Ranks(), choose_device(device_name)
        return
    gpus = 0 if device_name == "cpu" else torch.cuda.device_count()
    if gpus:
        local = int(os.environ.get("LOCAL_RANK", "0"))
        if local >= gpus:
            raise ValueError(f"--nproc-per-node: process {local + 1} of this machine has no GPU; there are {gpus}.")
        torch.cuda.set_device(local)
    device = choose_device(device_name)
    distributed.init_process_group("cpu:gloo,cuda:nccl" if gpus else "gloo", timeout=PATIENCE)
    try:
        yield Ranks(distributed.get_rank(), distributed.get_world_size()), device
    finally:
        distributed.destroy_process_group()
