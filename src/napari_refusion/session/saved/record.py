"""The record of a saved session, ``session.json``: to text, and back with every part of it checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import TypeAdapter, ValidationError

from napari_refusion.io.boundary import decoding
from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.lesion.written import from_json
from napari_refusion.session.saved.content import NEWEST, SCHEMA, SavedFusion, SavedSession
from napari_refusion.session.saved.layer import SavedLayer, StoredArray, Transform
from napari_refusion.volume.affine import AXES, spans_space
from napari_refusion.volume.finding import RefusedError, refuse

RECORD: Final = "session.json"
"""Name of the record in a session's folder."""

_LONGEST: Final = 64 * 2**20
"""Bytes of a record that is read; a hundred thousand drawn vertices take 6 MB."""

_RIGID: Final = 1e-3
"""By how much the columns of a rotation may miss being of length 1 and at right angles: DICOM rounds them."""

_FLAT: Final = 1e-6
"""Determinant below which a matrix is taken for singular."""


def is_session(folder: GivenPath) -> bool:
    """Return whether a folder holds a saved session."""
    folder = given_path(folder)
    try:
        return folder.is_dir() and (folder / RECORD).is_file() and SCHEMA.encode() in _first(folder / RECORD)
    except (OSError, ValueError):
        return False


def _first(path: Path) -> bytes:
    with path.open("rb") as record:
        return record.read(200)


def read_record(folder: GivenPath) -> SavedSession:
    """Return the session that a folder holds.

    Raises
    ------
    RefusedError
        If there is none, it is damaged, or a later version wrote it.
    """
    path = given_path(folder) / RECORD
    with decoding(path):
        if not path.is_file():
            words = f"Choose the folder of a saved session: there is no whole one, no {RECORD}, in {folder}"
            raise refuse("session", words, RECORD)
        if path.stat().st_size > _LONGEST:
            raise damaged(path, f"{path.stat().st_size} bytes")
        content = json.loads(path.read_bytes())
    _check_version(content, path)
    try:
        saved = TypeAdapter(SavedSession).validate_python(content)
    except (ValidationError, RecursionError) as error:
        raise damaged(path, _reason(error)) from error
    for wrong in _faults(saved):
        raise damaged(path, wrong)
    return saved


def damaged(path: Path, what: str) -> RefusedError:
    """Return the refusal of a session whose record is not as it was written."""
    sentence = f"Open another copy of this session, or the images themselves: its record is damaged ({what}): {path}"
    return refuse("session", sentence, what)


def _check_version(content: object, path: Path) -> None:
    """Refuse what is no session, and what a later version wrote."""
    schema = content.get("schema") if isinstance(content, dict) else None
    number = schema.removeprefix(SCHEMA) if isinstance(schema, str) and schema.startswith(SCHEMA) else ""
    if not (number.isascii() and number.isdigit() and len(number) < 6) or int(number) < 1:
        raise damaged(path, f"no {SCHEMA}{NEWEST}")
    if int(number) > NEWEST:
        words = f"Open it with a later version of napari-refusion: this session is of format {number}, and this one "
        raise refuse("session", f"{words}knows formats up to {NEWEST}: {path}", number)


def _reason(error: Exception) -> str:
    """Return where a record is wrong and how, in one short line."""
    if not isinstance(error, ValidationError):
        return "too deep"
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:200]


def _faults(saved: SavedSession) -> Iterator[str]:
    """Yield what in a record contradicts itself, or could not be drawn."""
    count = len(saved.layers)
    for number, layer in enumerate(saved.layers):
        yield from (f"layer {number}: {wrong}" for wrong in _layer_faults(layer, saved))
    used = [index for move in saved.moves for index in (move.moving, move.fixed)]
    used += [] if saved.pair is None else [saved.pair.first, saved.pair.second]
    if any(number >= count for layer in saved.layers if layer.drawing for number in layer.drawing.drawn_on):
        yield "regions on images that it lacks"
    if any(index >= count or saved.layers[index].kind != "image" or saved.layers[index].result for index in used):
        yield "the pair is of layers that it lacks"
    if any(not _is_rigid(np.array(one.move.matrix, dtype=object)) for one in saved.moves):
        yield "a registration is no rigid move"
    if saved.review is not None and not saved.review.place.names:
        yield "a review of no project"
    if saved.fusion is not None:
        yield from _fusion_faults(saved.fusion, saved)
    if saved.lesions is not None:
        yield from _lesion_faults(saved.lesions)
    if saved.references is not None:
        yield from _lesion_faults(saved.references.regions)


def _lesion_faults(lesions: Mapping[str, Any]) -> Iterator[str]:
    try:
        from_json(lesions)
    except RefusedError:
        yield "its list of lesions is no list, or of a later version"


def _layer_faults(layer: SavedLayer, saved: SavedSession) -> Iterator[str]:
    if sum(one is not None for one in (layer.file, layer.array, layer.drawing)) + bool(layer.result) != 1:
        yield "it holds no image, or several"
    if (layer.drawing is not None) != (layer.kind in ("shapes", "points")):
        yield f"no {layer.kind}"
    if layer.kind == "labels" and (layer.array is None or layer.array.dtype.startswith("float") or layer.array.rgb):
        yield "no labels"
    if layer.file is not None and (not layer.file.place.names or "" in layer.file.place.names):
        yield "no file is named"
    if layer.drawing is not None and layer.kind == "shapes" and len(layer.drawing.kinds) != len(layer.drawing.data):
        yield "shapes of no kind"
    if layer.array is not None:
        yield from _array_faults(layer.array, saved)
    if (limits := layer.look.contrast_limits) is not None and limits[0] >= limits[1]:
        yield "an empty window"
    if not layer.result and (layer.transform is None or not _is_drawable(layer.transform)):
        yield "it lies nowhere"


def _array_faults(array: StoredArray, saved: SavedSession) -> Iterator[str]:
    if not saved.files.get(array.file):
        yield f"no SHA-256 of {array.file}"
    if array.rgb and (len(array.shape) not in (3, 4) or array.shape[-1] != 3):
        yield "no colours"
    if not array.rgb and len(array.shape) > 3:
        yield "four dimensions"
    if array.volume is not None and not spans_space(np.array(array.volume.affine)):
        yield "it has no place in a patient"


def _fusion_faults(fusion: SavedFusion, saved: SavedSession) -> Iterator[str]:
    yield from _array_faults(fusion.array, saved)
    is_grey = len(fusion.array.shape) == 3 and not fusion.array.rgb
    if not is_grey or fusion.array.shape[AXES[fusion.axis]] != len(fusion.done):
        yield "the fused slices are not those of the fused volume"
    if not spans_space(np.array(fusion.affine)) or any(low >= high for low, high in fusion.windows):
        yield "the fused volume has no place or no window"
    if saved.pair is None:
        yield "a fused volume of no pair"


def _is_rigid(matrix: np.ndarray) -> bool:
    """Return whether a matrix is (4, 4), turns without mirroring, and stretches nothing."""
    if matrix.shape != (4, 4):
        return False
    numbers = matrix.astype(np.float64)
    turn = numbers[:3, :3]
    straight = np.allclose(turn @ turn.T, np.eye(3), atol=_RIGID) and np.linalg.det(turn) > 0
    return bool(np.isfinite(numbers).all() and straight and np.array_equal(numbers[3], [0, 0, 0, 1]))


def _is_drawable(transform: Transform) -> bool:
    """Return whether napari can draw a layer so: axes that are exchanged abort it, and those of no length are none."""
    count = len(transform.scale)
    turn, affine = np.array(transform.rotate, dtype=object), np.array(transform.affine, dtype=object)
    shapes = turn.shape == (count, count) and affine.shape == (count + 1, count + 1)
    lengths = len(transform.translate) == len(transform.units) == len(transform.axis_labels) == count
    if not (2 <= count <= 4 and shapes and lengths and len(transform.shear) == count * (count - 1) // 2):
        return False
    for matrix in (turn.astype(np.float64), affine.astype(np.float64)[:-1, :-1]):
        if abs(np.linalg.det(matrix)) < _FLAT or (np.abs(matrix).argmax(axis=1) != np.arange(count)).any():
            return False
    return all(1e-9 < abs(step) < 1e9 for step in transform.scale)
