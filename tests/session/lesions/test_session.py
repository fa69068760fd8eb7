"""The reader's list of lesions, without a window: drawing, changing, undoing."""

import numpy as np

from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.io.overlays.overlay import Overlay, Segment
from napari_refusion.lesion.voi import voi_of
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.volume.finding import Finding
from tests.lesion.uptake import blob, pet
from tests.session.listed import HOT, Told


def test_a_click_on_uptake_draws_an_isocontour_and_measures_its_source(session: LesionSession) -> None:
    changes: list[bool] = []
    session.changed.connect(lambda: changes.append(True))
    assert session.add_at(HOT + 3.0) == 1
    [lesion] = session.lesions
    assert lesion.voi.method == "isocontour 41 %"
    assert session.now.measured[1].values["maximum"] == 10.0
    assert session.selected == 1
    assert changes
    headings, line = session.rows()
    assert (line[0], line[1], line[headings.index("SUVmax (SUVbw)")]) == ("1", "Lesion 1", "10")


def test_a_second_click_on_one_lesion_is_warned_of(session: LesionSession) -> None:
    told = Told(session)
    session.add_at(HOT)
    assert "in common" not in told
    session.add_at(HOT)
    assert "in common with Lesion 1, and a sum counts them twice" in told


def test_what_cannot_be_drawn_is_said_and_changes_nothing(session: LesionSession) -> None:
    told = Told(session)
    assert session.add_at(HOT + 5000) is None
    assert "Click within PET" in told
    assert session.add_at(HOT, source=7) is None
    session.rename(3, "node")
    assert "Choose a lesion of the list (none)" in told
    assert len(session.lesions) == 0
    assert not session.undo()


def test_without_a_pair_nothing_is_drawn() -> None:
    session = LesionSession()
    told = Told(session)
    session.show_pair(None)
    assert session.add_at(HOT) is None
    assert "Choose two images of a patient first" in told
    assert (session.now.sources, session.rows()[1:]) == ((), ())


def test_every_change_is_undone_and_redone_and_numbers_are_not_given_again(session: LesionSession) -> None:
    session.add_at(HOT)
    session.rename(1, "  node   left ")
    session.set_site(1, "axilla")
    session.comment(1, "below the vein")
    session.mark_key(1, True)
    session.set_group(1, "A")
    session.remove(1)
    assert len(session.lesions) == 0
    assert session.undo()
    [lesion] = session.lesions
    assert (lesion.name, lesion.site, lesion.comment, lesion.is_key, lesion.group) == (
        "node left",
        "axilla",
        "below the vein",
        True,
        "A",
    )
    while session.undo():
        pass
    assert len(session.lesions) == 0
    assert session.redo()
    assert session.lesions.items[0].title == "Lesion 1"
    session.undo()
    assert session.add_at(HOT) == 2


def test_a_change_to_the_same_is_none(session: LesionSession) -> None:
    session.add_at(HOT)
    session.rename(1, "")
    session.mark_key(1, False)
    assert session.undo()
    assert len(session.lesions) == 0


def test_the_place_of_missed_uptake_becomes_a_lesion(session: LesionSession) -> None:
    x, y, z = HOT.tolist()
    assert session.add_from_missed(MissedUptake(12, (12, 12, 12), (x, y, z), 0.4, 0.1)) == 1


def test_regions_of_an_overlay_become_lesions_in_one_step(session: LesionSession, partial: PartialFusion) -> None:
    mask = np.zeros(partial.study.a.source.shape, bool)
    mask[3:5, 3:6, 3:7] = True
    affine = partial.study.a.source.affine
    segments = tuple(Segment(number, name, voi_of(mask, affine)) for number, name in enumerate(("GTV", "node", "lung")))
    overlay = Overlay("DICOM SEG", "seg.dcm", "f" * 64, segments)
    assert session.take_overlay(overlay, ["GTV", "lung"]) == (1, 2)
    assert [one.name for one in session.lesions] == ["GTV", "lung"]
    assert session.lesions.items[0].voi.method == "DICOM SEG"
    assert session.take_overlay(overlay, ["no such"]) == ()
    session.undo()
    assert len(session.lesions) == 0


def test_regions_of_an_overlay_that_share_voxels_are_warned_of(session: LesionSession, partial: PartialFusion) -> None:
    said: list[Finding] = []
    session.said.connect(said.append)
    source = partial.study.a.source
    masks = np.zeros((2, *source.shape), bool)
    masks[0, 3:5, 3:6, 3:7] = masks[1, 4:8, 3:6, 3:7] = True
    regions = tuple(
        Segment(number, f"region {number}", voi_of(mask, source.affine)) for number, mask in enumerate(masks)
    )
    session.take_overlay(Overlay("RTSTRUCT", "plan.dcm", "f" * 64, regions), ["region 0"])
    assert said == []
    session.take_overlay(Overlay("RTSTRUCT", "plan.dcm", "f" * 64, regions), ["region 1"])
    assert ["region 1 has 12 of its 48 voxels in common with region 0" in one.sentence for one in said] == [True]


def test_a_region_on_another_grid_takes_the_voxels_whose_centres_lie_in_it(session: LesionSession) -> None:
    fine = pet(blob((48, 48, 48), (2.0, 2.0, 2.0), (24.0, 24.0, 24.0)), (2.0, 2.0, 2.0))
    mask = np.zeros(fine.shape, bool)
    mask[19:26, 19:26, 19:26] = True  # 14 mm, from index 9.25 to 12.75 of 4 mm
    session.add_voi(voi_of(mask, fine.affine, "label map"), name="box")
    [lesion] = session.lesions
    assert lesion.voi.grid.shape == (24, 24, 24)
    assert lesion.voi.count == 3**3


def test_the_brush_gives_a_lesion_other_voxels_and_says_so(session: LesionSession, partial: PartialFusion) -> None:
    session.add_at(HOT)
    grid = partial.study.a.source.grid
    mask = session.lesions.items[0].voi.whole()
    mask[0, 0, 0] = True
    for _ in range(2):
        session.replace_voi(1, voi_of(mask, grid.affine))
    [lesion] = session.lesions
    assert lesion.voi.method == "isocontour 41 %, corrected by hand"
    assert session.now.measured[1].voxels == mask.sum()
