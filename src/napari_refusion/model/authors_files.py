"""The authors' published ``.pth`` files, read through a table of their keys."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from napari_refusion.model.authors_keys import AUTHORS_FILES, AUTHORS_KEYS
from napari_refusion.model.tasks import DEFAULT_TASK, TASKS
from napari_refusion.model.weights import Weights, unusable
from napari_refusion.model.weights_check import check_state, probe_answer, some_of


def load_authors(path: Path, content: bytes) -> Weights:
    """Return the weights in a file of the authors.

    Raises
    ------
    WeightsError
        If it cannot be read, or does not hold exactly their fusion network.
    """
    try:
        foreign = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises RuntimeError, UnpicklingError, EOFError, KeyError... for a bad file
        raise unusable(path, f"it is not a plain PyTorch weights file ({type(error).__name__})") from error
    if not isinstance(foreign, Mapping) or not all(_is_plain(value) for value in foreign.values()):
        raise unusable(path, "it holds something other than named tensors of floating-point numbers")
    state = translate_authors_keys(foreign, str(path))
    check_state(state, "fusion", str(path))
    probe_answer(state, "fusion", "none", str(path))  # its activations alone: these files hold no answer
    task = next((task for mark, task in AUTHORS_FILES.items() if mark in path.stem.upper()), DEFAULT_TASK)
    return Weights(
        state=state,
        task=task,
        sources=TASKS[task].sources,
        data="published by the authors of ReFusion, no licence stated",
        name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _is_plain(value: object) -> bool:
    """Return whether a value is a tensor of floating-point numbers in memory: not sparse, quantized or complex."""
    return isinstance(value, Tensor) and value.layout is torch.strided and value.is_floating_point()


def translate_authors_keys(foreign: Mapping[str, Tensor], origin: str) -> dict[str, Tensor]:
    """Return the authors' parameters under our names.

    The authors' files hold every convolution twice, as ``X.weight`` and ``X.conv.weight``; both must be equal.

    Raises
    ------
    WeightsError
        For a key that the table does not know, a missing key, or a twin that differs.
    """
    twins = {key.removesuffix(".weight") + ".conv.weight": key for key in AUTHORS_KEYS if key.endswith(".weight")}
    unknown = sorted(foreign.keys() - AUTHORS_KEYS.keys() - twins.keys())
    missing = sorted(AUTHORS_KEYS.keys() - foreign.keys())
    if unknown or missing:
        raise unusable(
            origin, f"it is not the authors' fusion network ({some_of(missing)} missing, {some_of(unknown)} unknown)"
        )
    for twin, key in twins.items():
        if twin in foreign and not torch.equal(foreign[twin], foreign[key]):
            raise unusable(origin, f"{twin} and {key} should be the same parameter but differ")
    return {ours: foreign[theirs].float() for theirs, ours in AUTHORS_KEYS.items()}
