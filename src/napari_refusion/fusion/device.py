"""Where and how the network runs: device, threads and memory."""

import ctypes
import os
import sys

import torch


def choose_device(name: str = "auto") -> torch.device:
    """Return the device by name (``auto``, ``cpu``, ``cuda``, ``mps``); auto takes a GPU if there is one.

    Raises
    ------
    ValueError
        If this computer has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"Device {name!r} is not available on this computer; use cpu or auto.") from error
    return device


def describe_device(device: torch.device) -> str:
    """Return the device in words, as ``CPU, 3 threads`` or ``GPU NVIDIA H100``."""
    if device.type == "cuda":
        return f"GPU {torch.cuda.get_device_name(device)}"
    if device.type != "cpu":
        return device.type.upper()
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


def prepare_gpu() -> None:
    """Let convolutions on a GPU compute in float32, as products of matrices do, and not in TensorFloat-32."""
    torch.backends.cudnn.allow_tf32 = False


def prepare_cpu() -> None:
    """Set the process up for inference on the CPU: one core left to the window, large memory blocks kept.

    Threads wait for each other at every step, so a core that the window or another program uses makes the rest many
    times slower. An own choice in ``OMP_NUM_THREADS`` is respected. On Linux the allocator is told to keep freed blocks
    over 32 MB, for otherwise half of the time goes into handing the same memory to and fro (`mallopt(3)`).
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            m_trim_threshold, m_top_pad, m_mmap_max = -1, -2, -4
            library.mallopt(m_mmap_max, 0)
            library.mallopt(m_trim_threshold, 2**31 - 1)
            library.mallopt(m_top_pad, 2**28)
