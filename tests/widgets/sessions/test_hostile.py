"""Records of sessions that were edited by somebody: a sentence, or a session that can be drawn; never anything else."""

import copy
import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.io.write import write_nifti
from napari_refusion.session.saved.content import (
    SavedChoice,
    SavedFusion,
    SavedMove,
    SavedPair,
    SavedSession,
    SavedView,
)
from napari_refusion.session.saved.folder import SessionFiles, stored_volume, write_session
from napari_refusion.session.saved.layer import (
    Drawing,
    FileSource,
    KnownVolume,
    Look,
    Place,
    SavedLayer,
    StoredArray,
    Transform,
)
from napari_refusion.session.saved.record import RECORD, read_record
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.sessions.layers_put import make_layers
from napari_refusion.widgets.sessions.put import SessionPut
from napari_refusion.widgets.sessions.reopened import Missing, Reopened, reopen

EDITS = 300
"""Records that are broken here, each in one to three places."""

WEIRD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 7, 10**9, 10**30, -0.5, 1e-300, 1e300, 3.4e38, float("nan"), float("inf")),
    *("", "x", "../../etc/passwd", "/dev/zero", "\0", "a" * 5000, "mm", "axial", "image", "float32", "é", "refusion"),
    *([], {}, [[]], [1], [0, 0, 0], [1, 2, 3, 4], [[0, 1, 0], [1, 0, 0], [0, 0, 1]], {"x": 1}, ["x"] * 50),
)


def rows(matrix: np.ndarray) -> Any:  # noqa: ANN401 - rows of numbers
    return tuple(tuple(map(float, row)) for row in matrix)


def transform(count: int) -> Transform:
    return Transform(
        (2.0,) * count,
        (1.0,) * count,
        rows(np.eye(count)),
        (0.0,) * (count * (count - 1) // 2),
        rows(np.eye(count + 1)),
        ("millimeter",) * count,
        ("inferior", "posterior", "left")[-count:],
    )


@pytest.fixture
def folder(tmp_path: Path, mri: Volume) -> Path:
    """A session that has a layer of every kind, a pair, a registration, slices, and choices."""
    write_nifti(mri, tmp_path / "mri.nii.gz")
    from napari_refusion.io.open import open_volume

    opened = open_volume(tmp_path / "mri.nii.gz", "MR")
    voxels = mri.data
    known = KnownVolume(
        rows(mri.affine), "PT", "Bq/ml", "pet", "2" * 64, findings=(("warn", "unit", "A sentence.", ""),)
    )
    place, drawn = Place(str(tmp_path), "..", ("mri.nii.gz",)), transform(3)
    labels = StoredArray("labels-3.nii.gz", mri.shape, "uint8")
    layers = (
        SavedLayer(
            Look("T1w", contrast_limits=(1.0, 90.0)), file=FileSource(place, opened.origin.sha256), transform=drawn
        ),
        SavedLayer(
            Look("pet"), array=StoredArray("image-2.nii.gz", mri.shape, "float32", volume=known), transform=drawn
        ),
        SavedLayer(Look("lesion"), "labels", array=labels, transform=drawn),
        SavedLayer(Look("flat"), array=StoredArray("image-4.nii.gz", (24, 32), "int16"), transform=transform(2)),
        SavedLayer(
            Look("Regions"),
            "shapes",
            drawing=Drawing((((0.0, 1.0, 1.0), (0.0, 1.0, 5.0), (0.0, 5.0, 5.0)),), ("polygon",), True, (0, 1)),
            transform=drawn,
        ),
        SavedLayer(Look("marks"), "points", drawing=Drawing((((0.0, 1.0, 1.0),),)), transform=drawn),
        SavedLayer(Look("Fused"), result="grey"),
    )
    turn = ((1.0, 0.0, 0.0, 3.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
    move = RigidMove("pet", "T1w", turn, 3.0, 0.0, "shifted by 3.0 mm", 0.1, 0.2, "")
    choices = SavedChoice(), SavedChoice("", "custom", "p1,p99")
    settings = {"task": "medical", "weights": "", "axis": "viewed", "reference": "", "palette": "pet"}
    fused = StoredArray("fused.nii.gz", mri.shape, "float32")
    saved = SavedSession(
        "refusion-session/1",
        "0",
        layers,
        SavedPair(0, 1, choices, settings, was_shown=False),
        (SavedMove(1, 0, move),),
        SavedFusion(fused, (True,) * 6, "axial", rows(mri.affine), ((0.0, 90.0), (0.0, 80.0)), "w", "0" * 64),
        SavedView((0, 1, 2), 2, (-30.0, -20.0, -10.0), mode="overlay", last_mode="overlay", amounts={"overlay": 0.5}),
    )
    files = {"image-2.nii.gz": voxels, "labels-3.nii.gz": (voxels > 50).astype(np.uint8)}
    files |= {"image-4.nii.gz": voxels[0].astype(np.int16), "fused.nii.gz": (voxels - voxels.min()) / np.ptp(voxels)}
    volumes = {name: stored_volume(data) for name, data in files.items()}
    write_session(tmp_path / "session", saved, SessionFiles(volumes))
    return tmp_path / "session"


def places(content: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything in a JSON value."""
    if path:
        yield path
    items: Any = (
        content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    )
    for key, value in items:
        yield from places(value, (*path, key))


def edited(content: Any, chance: random.Random) -> Any:  # noqa: ANN401 - JSON
    """Return a record with one to three things deleted, exchanged, or put in another place."""
    content = copy.deepcopy(content)
    for _ in range(chance.randint(1, 3)):
        *way, last = chance.choice(list(places(content)))
        holder = content
        for key in way:
            holder = holder[key]
        kind = chance.random()
        if kind < 0.2:
            del holder[last]
        elif kind < 0.35 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        elif kind < 0.5:
            source = content
            for key in chance.choice(list(places(content))):
                source = source[key]
            holder[last] = copy.deepcopy(source)
        elif kind < 0.75 and isinstance(holder[last], int | float):
            holder[last] = holder[last] * chance.choice((0, -1, 0.5, 2, 1e3, 1e-3, 1e12)) + chance.choice((0, 1))
        else:
            holder[last] = copy.deepcopy(chance.choice(WEIRD))
    return content


def outcome(folder: Path) -> tuple[Any, Any]:
    """Return a session and its layers; or the sentence with which it is refused, and None."""
    try:
        saved = read_record(folder)
        *_, last = reopen(folder, saved)
        if isinstance(last, RefusedError):
            raise last
        if isinstance(last, Missing):
            return ", ".join(last.names), None
        assert isinstance(last, Reopened)
        list(make_layers(folder, saved.layers, last.layers))
    except RefusedError as error:
        return str(error), None
    return saved, last


def test_the_session_itself_opens(folder: Path) -> None:
    saved, found = outcome(folder)
    assert found is not None, saved


@pytest.mark.parametrize("seed", range(3))
def test_an_edited_record_is_refused_in_a_sentence_or_makes_layers(folder: Path, seed: int) -> None:
    whole = json.loads((folder / RECORD).read_text())
    chance, sentences = random.Random(seed), []
    for _ in range(EDITS // 3):
        (folder / RECORD).write_text(json.dumps(edited(whole, chance)))
        said, found = outcome(folder)
        if found is None:
            sentences.append(said)
    assert len(sentences) > EDITS // 6
    assert all(one and "\n" not in one and "Traceback" not in one for one in sentences)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", '"x"', "\ufeff{}", '{"schema": 1' + "0" * 9000 + "}"])
def test_what_is_no_record_is_refused_in_a_sentence(folder: Path, text: str) -> None:
    (folder / RECORD).write_text(text)
    with pytest.raises(RefusedError, match="session"):
        read_record(folder)


def test_edited_sessions_are_drawn_without_an_error(
    folder: Path, make_napari_viewer: Callable[..., Viewer], qtbot: QtBot
) -> None:
    get_plugin_settings("napari-refusion").fusion.live = False
    viewer = make_napari_viewer()
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    whole = json.loads((folder / RECORD).read_text())
    chance, drawn = random.Random(7), 0
    for _ in range(25):
        (folder / RECORD).write_text(json.dumps(edited(whole, chance)))
        saved, found = outcome(folder)
        if found is not None:
            drawn += 1
            saved = replace(saved, pair=None if saved.pair is None else replace(saved.pair, was_shown=False))
            put = SessionPut(viewer, widget, folder, saved)
            with qtbot.waitSignal(put.ended, timeout=60_000):
                put.put(found)
    assert drawn > 1


def test_a_pipe_in_place_of_a_record_is_not_waited_for(folder: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("needs named pipes")
    shutil.move(folder / RECORD, folder / "kept.json")
    os.mkfifo(folder / RECORD)
    with pytest.raises(RefusedError, match="no whole one"):
        read_record(folder)
