"""Reference regions of a pair: placed, measured in the source's own voxels, and what lesions score by them."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.lesion.measured import Measured, measure
from napari_refusion.lesion.methods import draw
from napari_refusion.lesion.written import from_json, to_json
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.lesions.references import NO_FUNCTION, ReferenceSession
from napari_refusion.session.lesions.source import sources_of
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume

LIVER, BLOOD, LESION = (20, 12, 12), (20, 30, 10), (20, 30, 30)
"""Voxels of 2 mm, each in the middle of a cube of one value."""

CUBES = ((LIVER, 9, 2.0), (BLOOD, 4, 1.5), (LESION, 3, 3.0))
"""Middle, half an edge in voxels, value: the spheres of 3 and of 1 cm fit in."""


def pet(unit: str = "SUVbw") -> Volume:
    data = np.zeros((40, 40, 40), np.float32)
    for middle, half, value in CUBES:
        data[tuple(slice(at - half, at + half + 1) for at in middle)] = value
    affine = np.array([[0.0, 0, -2, 0], [0, -2, 0, 0], [-2, 0, 0, 0], [0, 0, 0, 1]])
    return Volume(data, affine, "PT", unit, "pet")


def shown(unit: str = "SUVbw") -> PartialFusion:
    first = pet(unit)
    noise = np.random.default_rng(0).random(first.shape, dtype=np.float32)
    study = pair(
        first, replace(first, data=noise, modality="MR", unit="", name="mri"), windows=(Window(0, 5), Window(0, 1))
    )
    return new_partial(study, "axial")


def at(voxel: tuple[int, int, int]) -> np.ndarray:
    return pet().grid.point_at(np.array(voxel, np.float64))


def lesion(volume: Volume) -> Measured:
    return measure(volume, draw(volume, at(LESION), "isocontour", 41.0).voi)


@pytest.fixture
def session() -> ReferenceSession:
    session = ReferenceSession()
    session.show_sources(sources_of(shown()))
    return session


def test_a_region_holds_what_its_tissue_holds_and_says_so_with_the_unit(session: ReferenceSession) -> None:
    session.place("liver", at(LIVER))
    region = session.regions["liver"]
    assert region.measured.values["mean"] == pytest.approx(2.0)
    assert region.words == "Liver: mean 2, SD 0, maximum 2 SUVbw"
    # a sphere of 3 cm in voxels of 8 mm3, within the error of counting whole voxels
    assert region.voi.mask.sum() * 8 == pytest.approx(4 / 3 * np.pi * 15**3, rel=0.05)


def test_a_lesion_is_scored_when_both_regions_are_there(session: ReferenceSession) -> None:
    session.place("liver", at(LIVER))
    assert session.missing() == ("blood pool",)
    assert session.score(lesion(pet())) is None
    session.place("blood pool", at(BLOOD))
    score = session.score(lesion(pet()))
    assert score is not None
    assert score.score == 4  # 3.0 is above the liver, 2.0, and not above twice it
    session.remove("liver")
    assert session.score(lesion(pet())) is None


def test_without_suv_nothing_is_placed_and_the_reason_is_said() -> None:
    session = ReferenceSession()
    session.show_sources(sources_of(shown("Bq/ml")))
    assert "Bq/ml" in session.why_not
    session.place("liver", at(LIVER))
    assert not session.regions
    assert session.score(lesion(pet("Bq/ml"))) is None


def test_without_function_there_is_no_region(session: ReferenceSession) -> None:
    session.place("liver", at(LIVER))
    session.show_sources(())
    assert session.why_not == NO_FUNCTION
    assert not session.regions


def test_a_region_comes_back_with_its_source(session: ReferenceSession) -> None:
    session.place("liver", at(LIVER))
    session.show_sources(())
    session.show_sources(sources_of(shown()))
    assert set(session.regions) == {"liver"}


def test_another_unit_of_the_same_source_is_measured_anew(session: ReferenceSession) -> None:
    session.place("liver", at(LIVER))
    source = session.source
    assert source is not None
    lean = replace(source.volume, data=source.volume.data * np.float32(0.7), unit="SUVlbm")
    session.show_sources((replace(source, side=replace(source.side, source=lean)),))
    assert session.regions["liver"].measured.unit == "SUVlbm"
    assert session.regions["liver"].measured.values["mean"] == pytest.approx(1.4)
    assert session.score(lesion(pet())) is None


def test_a_region_outside_is_refused_and_nothing_changes(session: ReferenceSession) -> None:
    said: list[Finding] = []
    session.said.connect(said.append)
    session.place("liver", np.array([500.0, 0, 0]))
    assert said
    assert not session.regions


def test_what_is_kept_comes_back_as_it_was_with_its_score(session: ReferenceSession) -> None:
    session.take_reader("R1")
    session.place("liver", at(LIVER))
    session.place("blood pool", at(BLOOD))
    reader, kept = session.kept()
    again = ReferenceSession()
    again.show_sources(sources_of(shown()))
    assert again.restore(reader, from_json(to_json(kept)))
    assert {tissue: one.words for tissue, one in again.regions.items()} == {
        tissue: one.words for tissue, one in session.regions.items()
    }
    score = again.score(lesion(pet()))
    assert score is not None
    assert score.score == 4
    assert again.kept()[0] == "R1"


def test_what_is_kept_is_of_its_reader_alone(session: ReferenceSession) -> None:
    session.take_reader("R1")
    session.place("liver", at(LIVER))
    reader, kept = session.kept()
    other = ReferenceSession()
    other.show_sources(sources_of(shown()))
    other.take_reader("R2")
    other.place("blood pool", at(BLOOD))
    assert not other.restore(reader, kept)
    assert set(other.regions) == {"blood pool"}
    later = ReferenceSession()
    later.show_sources(sources_of(shown()))
    assert later.restore(reader, kept)
    later.take_reader("R1")
    assert set(later.regions) == {"liver"}
    later.take_reader("R2")
    assert not later.regions


def test_what_is_kept_is_of_its_image_alone(session: ReferenceSession) -> None:
    session.place("liver", at(LIVER))
    reader, kept = session.kept()
    source = session.source
    assert source is not None
    brighter = replace(source.volume, data=source.volume.data + np.float32(1))
    study = pair(brighter, replace(brighter, modality="MR", unit=""), windows=(Window(0, 5), Window(0, 1)))
    other = ReferenceSession()
    other.show_sources(sources_of(new_partial(study, "axial")))
    assert not other.restore(reader, kept)
    assert not other.regions


def test_whose_regions_a_session_brought_is_not_known_without_a_review(session: ReferenceSession) -> None:
    session.place("liver", at(LIVER))
    reader, kept = session.kept()
    assert reader == ""
    other = ReferenceSession()
    other.show_sources(sources_of(shown()))
    said: list[Finding] = []
    other.said.connect(said.append)
    assert other.restore(reader, kept)
    assert other.kept()[0] == ""
    other.take_reader("R1")
    assert not other.regions
    assert "does not say whose" in said[0].sentence
