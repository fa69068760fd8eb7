"""What is said of a pair calls its sources as their layers are called now."""

from dataclasses import replace

import pytest

from napari_refusion.fusion.colouring import Legend
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.present_names import PresentNames
from napari_refusion.session.source import Request
from napari_refusion.volume.finding import Finding
from tests.session.asked import one_slice, with_settings


def named(**names: str) -> PresentNames:
    """Names of volumes that were opened, and what their layers are called now."""
    return PresentNames({(name, name): now for name, now in names.items()})


@pytest.mark.parametrize(
    ("names", "text", "expected"),
    [
        ({"scan_01": "before"}, "scan_01 is oblique, unlike scan_012.", "before is oblique, unlike scan_012."),
        ({"scan_01": "before"}, "Open it again: /data/scan_01.nii.gz", "Open it again: /data/scan_01.nii.gz"),
        ({"T1w": "T1", "T1w_2": "T1 late"}, "T1w and T1w_2 differ.", "T1 and T1 late differ."),
        ({"a_1": "b_1", "b_1": "a_1"}, "a_1 lies on b_1.", "b_1 lies on a_1."),
    ],
)
def test_a_name_is_replaced_as_a_whole_and_all_at_once(names: dict[str, str], text: str, expected: str) -> None:
    assert named(**names).in_text(text) == expected


def test_a_common_word_is_taken_for_a_name_only_where_no_sentence_begins_with_it() -> None:
    names = named(image="baseline", PET="first")
    assert names.in_text("image: the fused image is dark.") == "baseline: the fused image is dark."
    assert names.in_text("Image and PET agree.") == "Image and PET agree."


def test_a_name_that_two_sources_have_stays() -> None:
    names = PresentNames({("1", "scan_1"): "before", ("2", "scan_1"): "after"})
    assert names.in_text("scan_1 is cut.") == "scan_1 is cut."


def test_a_sentence_about_both_of_two_sources_with_one_name_tells_them_apart() -> None:
    names = PresentNames({("1", "T1w"): "T1w", ("2", "T1w"): "T1w [1]"})
    assert names.in_text("T1w and T1w belong to two patients.") == "T1w and T1w [1] belong to two patients."


def test_a_source_is_called_by_its_own_layer_where_another_patients_image_has_the_same_name(
    request_all: Request,
) -> None:
    first, second = request_all.keys
    names = PresentNames({("other", "PET_1"): "PET_1", (first, "T1w"): "T1w", (second, "PET_1"): "PET_1 [1]"})
    found = (Finding("block", "patient", "T1w and PET_1 belong to two patients."),)
    said = names.since(request_all).findings(found)
    assert [one.sentence for one in said] == ["T1w and PET_1 [1] belong to two patients."]


def test_of_an_image_with_several_frames_no_earlier_name_is_replaced(request_all: Request) -> None:
    first, _ = request_all.keys
    names = PresentNames({(first, "frame 1"): "early", (first, "frame 2"): "late"})
    found = (Finding("warn", "grid", f"{request_all.first.image.name} is coarse."),)
    assert names.since(request_all).findings(found) == found
    one = PresentNames({(first, "frame 1"): "early"})
    assert [said.sentence for said in one.since(request_all).findings(found)] == ["early is coarse."]


def test_a_study_is_called_by_its_layers_and_its_record_is_not_touched(request_all: Request) -> None:
    session = FusionSession()
    session.fuse(one_slice(with_settings(request_all, weights="", engine="maximum")))
    assert session.partial is not None
    study = replace(session.partial.study, findings=(Finding("warn", "grid", "T1w is coarse."),))
    names = PresentNames({(side.key, side.volume.name): f"new {side.volume.name}" for side in study.sides})
    called = names.study(study)
    assert [side.volume.name for side in called.sides] == [f"new {side.volume.name}" for side in study.sides]
    assert [side.source.name for side in called.sides] == [side.volume.name for side in called.sides]
    assert all(new.volume.data is old.volume.data for new, old in zip(called.sides, study.sides, strict=True))
    assert PresentNames().study(study) is study
    legend = Legend("hot", Window(0, 1), "", study.a.volume.name)
    assert names.legend(legend, study).source == called.a.volume.name
