"""The record of how a fused volume was made says what was doubtful about it."""

import json
from dataclasses import replace

import pytest

from napari_refusion.fusion.fuse import fuse_volume
from napari_refusion.fusion.preparation import Plan, plan_fusion
from napari_refusion.fusion.provenance import describe_origin
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume

WINDOWS = (Window(0, 10), Window(0, 910))
TURN = tuple(tuple(float(row == column) for column in range(4)) for row in range(4))


def planned(study: Study, weights_file: str, *about_weights: Finding) -> Plan:
    return replace(plan_fusion(study, weights_file), findings=about_weights)


def test_open_warnings_reach_the_record_of_the_pair_first_and_then_of_the_plan(
    mri: Volume, pet: Volume, weights_file: str
) -> None:
    gap = Finding("warn", "missing slice", "T1 lacks a slice: send it again.", "1")
    good = Finding("ok", "unit", "FDG is in SUVbw.")
    weights = Finding("warn", "weights", "The weights are for another task: look twice.")
    axis = Finding("ok", "axis", "The single slice was fused.")
    study = replace(pair(pet, mri, windows=WINDOWS), findings=(good, gap))

    record = describe_origin(study, planned(study, weights_file, weights, axis))

    assert record.findings == (gap.sentence, weights.sentence)


def test_what_the_reader_of_a_source_warned_of_is_in_the_record_of_the_fused_volume(
    mri: Volume, pet: Volume, weights_file: str
) -> None:
    lossy = Finding("warn", "compression", "FDG was lossily compressed: use the original.")
    study = pair(replace(pet, findings=(lossy,)), mri, windows=WINDOWS)

    fused = fuse_volume(plan_fusion(study, weights_file), study)

    assert lossy.sentence in json.loads(json.dumps(fused.record(identified=True)))["findings"]
    words = "source a, PET, compression: what was noticed quotes the file and is left out; check the source to read it."
    assert words in fused.record()["findings"]


def test_without_names_the_record_says_what_was_found_about_the_pair_of_each_source_by_its_part(
    mri: Volume, pet: Volume, weights_file: str
) -> None:
    doubt = Finding("warn", "grid", "Doe Jane FDG and Doe_T1 lie on two grids: look twice.")
    named = replace(pet, name="Doe Jane FDG"), replace(mri, name="Doe_T1")
    study = replace(pair(*named, windows=WINDOWS), findings=(doubt,))
    record = describe_origin(study, planned(study, weights_file)).record()
    assert record["findings"] == ("source a, PET and source b, MRI lie on two grids: look twice.",)


def test_a_name_that_both_sources_have_is_not_said_to_be_that_of_the_first(
    mri: Volume, pet: Volume, weights_file: str
) -> None:
    # two files in two folders, as exports name them
    doubt = Finding("warn", "overlap", "image has data in only 12% of image: look twice.")
    named = replace(pet, name="image"), replace(mri, name="Image")
    study = replace(pair(*named, windows=WINDOWS), findings=(doubt,))
    record = describe_origin(study, planned(study, weights_file)).record()
    assert record["findings"] == ("one of the sources has data in only 12% of one of the sources: look twice.",)


@pytest.mark.parametrize("moved", ["a", "b"])
def test_each_source_has_its_own_window_and_move(mri: Volume, pet: Volume, weights_file: str, moved: str) -> None:
    move = RigidMove("FDG", "T1", TURN, 3.0, 1.0, "shifted by 3.0 mm", 0.2, 0.3, "")
    moves = (move, None) if moved == "a" else (None, move)
    study = pair(pet, mri, windows=WINDOWS, moves=moves)

    record = describe_origin(study, planned(study, weights_file))

    assert (record.a.move, record.b.move) == moves
    assert (record.a.window, record.b.window) == ((0, 10), (0, 910))


@pytest.mark.parametrize(
    ("source", "nameless"),
    [
        ("header, DOE^JANE", "header"),
        ("chosen, header, DOE^JANE", "chosen, header"),
        ("body part HEAD", "body part HEAD"),
        ("SUV 0-5, body", "SUV 0-5, body"),
    ],
)
def test_the_record_says_where_a_window_came_from_and_without_names_no_text_of_the_header(
    mri: Volume, pet: Volume, weights_file: str, source: str, nameless: str
) -> None:
    study = pair(pet, mri, windows=(Window(0, 10), Window(0, 910)))
    study = replace(study, a=replace(study.a, window_source=source))
    record = describe_origin(study, planned(study, weights_file))
    assert (record.a.window_source, record.b.window_source) == (source, "chosen")
    assert record.without_names().a.window_source == nameless
