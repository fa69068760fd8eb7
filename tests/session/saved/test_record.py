"""A record that contradicts itself is refused before anything of it is drawn."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.session.saved.content import SavedFusion, SavedMove, SavedPair, SavedReview, SavedSession
from napari_refusion.session.saved.layer import Drawing, KnownVolume, Look, Place, SavedLayer, StoredArray, Transform
from napari_refusion.session.saved.record import RECORD, read_record
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.rigid import RigidMove

EYE = tuple(map(tuple, np.eye(4).tolist()))
FLAT = (*EYE[:2], EYE[1], EYE[3])
ARRAY = StoredArray("image-1.nii.gz", (3, 4, 5), "float32", volume=KnownVolume(EYE))
FUSED = StoredArray("fused.nii.gz", (3, 4, 5), "float32")
TRANSFORM = Transform(
    (1.0,) * 3, (0.0,) * 3, tuple(row[:3] for row in EYE[:3]), (0.0,) * 3, EYE, ("mm",) * 3, ("I", "P", "L")
)
LAYER = SavedLayer(Look("PET"), array=ARRAY, transform=TRANSFORM)
DRAWN = SavedLayer(Look("Regions"), "shapes", drawing=Drawing((((0.0, 0.0),),), ("path",)), transform=TRANSFORM)
MOVE = RigidMove("PET", "MRI", EYE, 0.0, 0.0, "not moved", 0.1, 0.2, "")
FUSION = SavedFusion(FUSED, (True, False, True), "axial", EYE, ((0.0, 1.0), (0.0, 2.0)), "medical.safetensors", "")
WHOLE = SavedSession(
    "refusion-session/1",
    "0",
    layers=(LAYER, LAYER, DRAWN),
    pair=SavedPair(0, 1),
    moves=(SavedMove(0, 1, MOVE),),
    fusion=FUSION,
    files={ARRAY.file: "a" * 64, FUSED.file: "b" * 64},
)

Harm = Callable[[SavedSession], SavedSession]


def with_layer(**changes: object) -> Harm:
    return lambda saved: replace(saved, layers=(replace(LAYER, **changes), *saved.layers[1:]))  # type: ignore[arg-type]


def with_drawn(**changes: object) -> Harm:
    return lambda saved: replace(saved, layers=(*saved.layers[:2], replace(DRAWN, **changes)))  # type: ignore[arg-type]


def with_fusion(**changes: object) -> Harm:
    return lambda saved: replace(saved, fusion=replace(FUSION, **changes))  # type: ignore[arg-type]


def with_turn(matrix: tuple[tuple[float, ...], ...]) -> Harm:
    return lambda saved: replace(saved, moves=(SavedMove(0, 1, replace(MOVE, matrix=matrix)),))


def read(saved: SavedSession, folder: Path) -> SavedSession:
    (folder / RECORD).write_text(json.dumps(asdict(saved)))
    return read_record(folder)


def test_a_session_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read(WHOLE, tmp_path) == WHOLE


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (with_layer(array=None), "it holds no image, or several"),
        (with_layer(result="grey"), "it holds no image, or several"),
        (with_layer(kind="shapes"), "no shapes"),
        (with_layer(kind="labels"), "no labels"),
        (with_drawn(drawing=Drawing(DRAWN.drawing.data)), "shapes of no kind"),  # type: ignore[union-attr]
        (with_drawn(drawing=replace(DRAWN.drawing, drawn_on=(3,))), "regions on images that it lacks"),  # type: ignore[type-var]
        (with_layer(array=replace(ARRAY, file="image-2.nii.gz")), "no SHA-256 of image-2.nii.gz"),
        (with_layer(array=replace(ARRAY, rgb=True)), "no colours"),
        (with_layer(array=replace(ARRAY, shape=(2, 3, 4, 5))), "four dimensions"),
        (with_layer(array=replace(ARRAY, volume=KnownVolume(FLAT))), "it has no place in a patient"),
        (with_layer(look=Look("PET", contrast_limits=(1.0, 1.0))), "an empty window"),
        (with_layer(transform=None), "it lies nowhere"),
        (with_layer(transform=replace(TRANSFORM, scale=(1.0, 1.0, 0.0))), "it lies nowhere"),
        (with_layer(transform=replace(TRANSFORM, units=("mm",))), "it lies nowhere"),
        (with_layer(transform=replace(TRANSFORM, affine=(EYE[1], EYE[0], *EYE[2:]))), "it lies nowhere"),
        (lambda saved: replace(saved, pair=SavedPair(0, 2)), "the pair is of layers that it lacks"),
        (lambda saved: replace(saved, pair=None), "a fused volume of no pair"),
        (with_turn((*EYE[:2], (0.0, 0.0, -1.0, 0.0), EYE[3])), "a registration is no rigid move"),
        (with_turn((*EYE[:2], (0.0, 0.0, 1.1, 0.0), EYE[3])), "a registration is no rigid move"),
        (with_turn((*EYE[:3], (0.0, 0.0, 1.0, 1.0))), "a registration is no rigid move"),
        (with_turn(EYE[:3]), "a registration is no rigid move"),
        (with_fusion(done=(True, True)), "the fused slices are not those of the fused volume"),
        (with_fusion(array=replace(FUSED, shape=(3, 4, 5, 3), rgb=True)), "the fused slices are not those"),
        (with_fusion(affine=FLAT), "the fused volume has no place or no window"),
        (with_fusion(windows=((0.0, 1.0), (2.0, 2.0))), "the fused volume has no place or no window"),
        (lambda saved: replace(saved, review=SavedReview(Place("/", "", ()), "R1", "c")), "a review of no project"),
    ],
)
def test_what_contradicts_itself_is_refused_with_what_it_is(tmp_path: Path, harm: Harm, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        read(harm(WHOLE), tmp_path)
