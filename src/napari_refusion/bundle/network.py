"""The network of a bundle: its parameters are numbers in a file, which is never executed."""

import hashlib
import io
from os import PathLike
from pathlib import Path
from pickle import UnpicklingError
from typing import TypeVar

import torch
from torch import nn

from napari_refusion.fusion.device import prepare_cpu, prepare_gpu
from napari_refusion.model.probe import answer_of
from napari_refusion.volume.finding import RefusedError, refuse

Network = TypeVar("Network", bound=nn.Module)


def loaded(network: Network, file: str | PathLike[str], device: str | torch.device, sha256: str = "") -> Network:
    """Return a network with the parameters in a file, in evaluation mode, channels-last, on a device.

    Parameters
    ----------
    file
        ``models/model.pt``: a state dictionary.
    sha256
        Of the file; empty where it is not known.

    Raises
    ------
    RefusedError
        If it is not there, is another file, or does not hold the parameters of this network.
    """
    path = Path(file)
    if not path.is_file():
        raise refuse("weights", f"Run this in the bundle's folder, or name it with --bundle_root: no file {path}.")
    content = path.read_bytes()
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        sentence = "Copy the bundle again, or write the new hash into its metadata.json: its parameters were changed"
        raise refuse("weights", f"{sentence}: {path}.")
    try:
        network.load_state_dict(torch.load(io.BytesIO(content), map_location="cpu", weights_only=True))
        network.eval().requires_grad_(False)
        answer_of(network)
    except (RuntimeError, TypeError, ValueError, AttributeError, EOFError, UnpicklingError) as error:
        raise _unusable(path, error) from error
    kind = torch.device(device).type
    if kind == "cpu":
        prepare_cpu()
    elif kind == "cuda":
        prepare_gpu()
    return network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _unusable(path: Path, error: Exception) -> RefusedError:
    reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".: ")
    return refuse("weights", f"Copy the bundle again: its parameters cannot be used ({reason}): {path}.")
