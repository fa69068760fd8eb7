"""Texts and values without what differs between two runs of the same code."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z|[+-]\d\d:\d\d)")
"""A date with a time, as ISO 8601 or as reports write it."""

_SEAL = "record_sha256"
"""Entry of a record that holds the hash of all others, its times among them; versions before it have none."""

_VERSION = re.compile(r"\b(napari-refusion|torch|python|pydicom|highdicom)( v?)\d+(\.\w+)+(\+\w+)?", re.IGNORECASE)


def normalised(value: Any, places: Mapping[Path, str]) -> Any:  # noqa: ANN401 - anything JSON holds
    """Return a value that JSON can hold, with every text in it normalised.

    Parameters
    ----------
    places
        Folder -> what to write for it; of nested folders the inner one first.
    """
    if isinstance(value, Mapping):
        return {
            key: _without_version(one) if key in ("version", "versions") else normalised(one, places)
            for key, one in value.items()
            if key != _SEAL
        }
    if isinstance(value, str):
        return _normal_text(value, places)
    if isinstance(value, Sequence):
        return [normalised(one, places) for one in value]
    return value


def _without_version(value: object) -> object:
    """Return which packages have a version, without it."""
    return dict.fromkeys(value, "<version>") if isinstance(value, Mapping) else "<version>"


def _normal_text(text: str, places: Mapping[Path, str]) -> str:
    for folder, word in places.items():
        text = text.replace(str(folder), word)
    return _VERSION.sub(r"\1\2<version>", _MOMENT.sub("<time>", text))


def plain(value: Any) -> Any:  # noqa: ANN401 - anything NumPy or pydicom gives
    """Return numbers, texts and lists as JSON can hold them; NaN and infinity become texts, bytes their hash."""
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, bytes):
        return f"{len(value)} bytes, SHA-256 {sha256(value).hexdigest()}"
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return str(value)


def digest(array: np.ndarray) -> dict[str, Any]:
    """Return what tells two arrays apart: shape, type, SHA-256 of the values, and their mean, least and largest."""
    values = np.ascontiguousarray(array)
    found = {"mean": values.mean(dtype=np.float64), "least": values.min(), "largest": values.max()}
    shape, kind = list(values.shape), str(values.dtype)
    return {"shape": shape, "dtype": kind, "sha256": sha256(values.tobytes()).hexdigest()} | {
        name: plain(value) for name, value in found.items()
    }
