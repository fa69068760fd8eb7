"""Values that hold arrays are one or another: `==`, `in` and dictionaries ask which one it is, never voxel by voxel."""

import dataclasses
import pkgutil
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import napari_refusion
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True)
class _Compared:
    """Compared field by field: `==` raises once both arrays have more than one voxel."""

    mask: NDArray[np.bool_] | None


@dataclass(frozen=True, eq=False)
class _Apart:
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class _Around:
    compared: Mapping[str, _Compared]
    apart: _Apart
    paint: Callable[[NDArray[np.float32]], NDArray[np.float32]]


def modules() -> Iterator[ModuleType]:
    """Yield every module of the package but its programs."""
    for found in pkgutil.walk_packages(napari_refusion.__path__, "napari_refusion."):
        if not found.name.endswith("__main__"):
            yield import_module(found.name)


def is_compared(kind: type) -> bool:
    """Return whether two values of a class are equal where their fields are."""
    return dataclasses.is_dataclass(kind) and "__eq__" in vars(kind)


def compared_arrays(kind: type, names: Mapping[str, object]) -> list[str]:
    """Return the fields of a class in which a comparison field by field meets an array.

    Parameters
    ----------
    names
        What annotations may name: some are of classes that a module imports for its types alone.
    """
    if not is_compared(kind):
        return []
    hints = typing.get_type_hints(kind, {**names, **vars(import_module(kind.__module__))})
    return [one.name for one in dataclasses.fields(kind) if one.compare and _meets_array(hints[one.name], kind, names)]


def _meets_array(hint: object, within: type, names: Mapping[str, object]) -> bool:
    origin = typing.get_origin(hint)
    if np.ndarray in (hint, origin) or hint is torch.Tensor:
        return True
    if origin is Callable or origin is type or hint is within:
        return False
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return bool(compared_arrays(hint, names))
    return any(_meets_array(one, within, names) for one in typing.get_args(hint))


def test_no_value_is_compared_array_by_array() -> None:
    everything = {name: value for module in modules() for name, value in vars(module).items()}
    values = {one for module in modules() for one in vars(module).values() if isinstance(one, type)}
    ours = [one for one in values if is_compared(one) and one.__module__.startswith("napari_refusion.")]
    assert len(ours) > 150
    found = {f"{one.__module__}.{one.__qualname__}": compared_arrays(one, everything) for one in ours}
    assert {name: fields for name, fields in found.items() if fields} == {}


def test_an_array_is_found_in_a_field_and_in_the_values_of_another_class() -> None:
    assert compared_arrays(_Compared, {}) == ["mask"]
    assert compared_arrays(_Apart, {}) == []
    assert compared_arrays(_Around, {}) == ["compared"]


def volume(value: float) -> Volume:
    return Volume(np.full((2, 3, 4), value, dtype=np.float32), np.eye(4), "MR")


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_volume_equals_itself_and_no_other_one(value: float) -> None:
    one, other = volume(0), volume(value)
    assert one == one
    assert one != other
    assert one in [other, one]
    assert one not in [other]


def test_a_volume_can_be_the_key_of_a_dictionary() -> None:
    one, other = volume(0), volume(0)
    assert {one: "before", other: "after"}[other] == "after"
