"""What follows from the two sides of a study."""

from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from tests.small_pair import small_mri, small_pet


@pytest.fixture
def study() -> Study:
    return pair(small_mri(), small_pet(), keys=("anatomy", "uptake"))


def with_a(study: Study, **changes: object) -> Study:
    """Return a study whose first source is another volume."""
    source: Volume = replace(study.a.source, **changes)  # type: ignore[arg-type]
    return replace(study, a=replace(study.a, source=source, volume=source))


def test_sources_are_called_by_their_modalities_and_where_these_are_equal_by_their_names(study: Study) -> None:
    assert study.names == study.words == ("PET", "MRI")
    flair = with_a(study, modality="MR", name="flair")
    assert flair.names == ("flair", "T1w")
    assert flair.words == ("source a", "source b")  # nothing that a file says about the patient
    assert with_a(study, modality="MR", name="").names == ("first source", "T1w")


def test_the_functional_side_is_a_before_b_and_none_where_neither_shows_function(study: Study) -> None:
    assert study.functional is study.a
    assert replace(study, b=study.a).functional is study.a
    assert replace(study, a=study.b, b=study.a).functional is study.a
    assert replace(study, a=study.b).functional is None


def test_a_side_is_found_by_the_key_it_was_given_under(study: Study) -> None:
    assert (study.side("uptake"), study.side("anatomy")) == (study.a, study.b)
    with pytest.raises(KeyError, match="other"):
        study.side("other")


def test_another_window_leaves_the_other_side_as_it_is(study: Study) -> None:
    narrow = study.with_windows(b=Window(5, 50))
    assert narrow.windows == (study.a.window, Window(5, 50))
    assert narrow.a.volume is study.a.volume
    assert narrow.b.volume is study.b.volume


def test_there_are_places_only_where_both_sources_have_one(study: Study) -> None:
    pet = Origin((Path("pet/1.dcm"), Path("pet/2.dcm")))
    half = with_a(study, origin=pet)
    assert half.places == ()
    mri = replace(half.b.source, origin=Origin((Path("mri.nii"),), asked="//1"))
    assert replace(half, b=replace(half.b, source=mri)).places == ((Path("pet"), ""), (Path("mri.nii"), "//1"))


def test_a_study_with_a_blocking_finding_is_refused_with_all_of_its_findings(study: Study) -> None:
    study.check()
    findings = Finding("warn", "grid", "Coarse."), Finding("block", "overlap", "Nothing in common.")
    with pytest.raises(RefusedError) as refused:
        replace(study, findings=findings).check()
    assert refused.value.findings == findings
