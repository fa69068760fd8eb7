"""Registering a pair: what is proposed, and what the reader decides, without a window."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.proposing import Proposal, propose
from napari_refusion.session.registration import RegistrationSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.registration.register import RegistrationStep
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume
from tests.registration_file import item, registration, save
from tests.shifted_pair import SHIFT, shifted_pair


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = SimpleITK.ProcessObject.GetGlobalDefaultNumberOfThreads()
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    yield
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)


@pytest.fixture(scope="module")
def volumes() -> tuple[Volume, Volume]:
    return shifted_pair()


@pytest.fixture(scope="module")
def partial(volumes: tuple[Volume, Volume]) -> PartialFusion:
    return new_partial(pair(*volumes, windows=(Window(3.0, 8.0), Window(0.0, 1000.0))), "axial")


@pytest.fixture
def session(partial: PartialFusion) -> RegistrationSession:
    session = RegistrationSession()
    session.show_pair(partial)
    return session


def sentences(session: RegistrationSession) -> list[str]:
    said: list[str] = []
    session.stage.connect(said.append)
    return said


def test_a_move_is_proposed_accepted_and_undone(session: RegistrationSession, partial: PartialFusion) -> None:
    accepted: list[RigidMove] = []
    undone: list[bool] = []
    levels: list[int] = []
    session.accepted.connect(accepted.append)
    session.undone.connect(lambda: undone.append(True))
    session.stepped.connect(lambda step: levels.append(step.level))
    said = sentences(session)
    assert session.actions == {"register", "read"}

    session.register()

    assert accepted == []
    assert session.actions == {"register", "read", "accept", "discard"}
    assert set(levels) == {0, 1, 2}
    assert "towards the feet" in said[-1]
    assert session.proposal.partial.study.b is partial.study.b  # the reference stays

    session.accept()

    (move,) = accepted
    assert np.array(move.matrix) @ [0, 0, 0, 1] == pytest.approx([0, 0, -SHIFT, 1], abs=1.0)
    assert session.proposal is None
    assert session.actions == {"undo"}
    # whoever owns the session fuses anew and shows the same sources again
    session.show_pair(replace(partial))
    assert session.actions == {"undo"}

    session.undo()

    assert undone == [True]
    assert session.actions == {"register", "read"}
    assert "at its position in the file" in said[-1]


def test_an_accepted_move_can_be_undone_after_another_pair_was_shown(
    session: RegistrationSession, partial: PartialFusion
) -> None:
    move = RigidMove("pet", "T1w", tuple(map(tuple, np.eye(4).tolist())), 0.0, 0.0, "not moved", 1.0, 1.0, "")
    study = partial.study
    moved = replace(partial, study=replace(study, a=replace(study.a, move=move)))
    session.show_pair(None)
    session.show_pair(moved)
    assert session.actions == {"undo"}
    assert session.move is move
    session.show_pair(None)
    session.show_pair(partial)
    assert session.actions == {"register", "read"}


def test_the_source_that_is_not_the_reference_moves(
    session: RegistrationSession, partial: PartialFusion, volumes: tuple[Volume, Volume]
) -> None:
    assert [side.source.name for side in session.roles()] == ["T1w", "pet"]
    on_pet = new_partial(pair(*volumes, windows=partial.study.windows, reference="first"), "axial")
    session.show_pair(on_pet)
    assert [side.source.name for side in session.roles()] == ["pet", "T1w"]
    *_, proposal = propose(on_pet, threading.Event())
    assert isinstance(proposal, Proposal)
    assert (proposal.move.moving, proposal.move.fixed) == ("T1w", "pet")
    assert proposal.partial.study.a is on_pet.study.a


def test_the_best_and_the_second_best_place_are_said(session: RegistrationSession) -> None:
    said = sentences(session)
    starts: set[int] = set()
    session.stepped.connect(lambda step: starts.add(step.start))
    session.register()
    move = session.proposal.move
    assert starts == {0, 1, 2}
    assert f"{move.metric_before:.3f} before, {move.metric_after:.3f} after" in said[-1]
    assert any("(8 mm), start 3 of 3: agreement" in sentence for sentence in said)
    assert "start" in said[-1]
    assert 1 <= len(move.coarse_metrics) <= 2


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        ((0.5,), "after; all starts of the search ended here."),
        ((0.5, 0.4), "after; another start of the search ended elsewhere (0.400 there, 0.500 here, coarsely)."),
        ((0.5, 0.497), "ended elsewhere, almost as good, so look twice (0.497 there, 0.500 here, coarsely)."),
        ((), "after. The lines"),
    ],
)
def test_a_second_place_that_is_almost_as_good_calls_for_a_second_look(
    partial: PartialFusion, metrics: tuple[float, ...], words: str
) -> None:
    rows = tuple(map(tuple, np.eye(4).tolist()))
    move = RigidMove("pet", "T1w", rows, 1.0, 0.0, "shifted", 0.1, 0.2, "", coarse_metrics=metrics)
    assert words in Proposal(move, partial).in_words()


def test_a_small_move_of_one_scanner_position_is_to_be_distrusted(partial: PartialFusion) -> None:
    rows = tuple(map(tuple, np.eye(4).tolist()))
    move = RigidMove("pet", "T1w", rows, 1.0, 0.0, "shifted", 0.1, 0.2, "")
    how = Acquisition(study="1.2")
    a, b = (
        replace(side, source=replace(side.source, frame_of_reference="1.3", acquisition=how))
        for side in partial.study.sides
    )
    words = "one scanner position already: distrust a small move."
    assert words in Proposal(move, replace(partial, study=replace(partial.study, a=a, b=b))).in_words()
    assert words not in Proposal(move, partial).in_words()


def in_spaces(partial: PartialFusion, folder: Path) -> tuple[PartialFusion, Path]:
    """The pair in two frames of reference, and a file that says that the PET lies `SHIFT` mm too far to the head."""
    lift = np.eye(4)
    lift[2, 3] = -SHIFT
    path = save(folder / "reg.dcm", registration("1.2.1", item("1.2.2", lift)))
    a, b = partial.study.sides
    pet = replace(a.source, frame_of_reference="1.2.2", origin=replace(a.source.origin, registrations=(path,)))
    mri = replace(b.source, frame_of_reference="1.2.1", origin=replace(b.source.origin, registrations=(path,)))
    return replace(partial, study=replace(partial.study, a=replace(a, source=pet), b=replace(b, source=mri))), path


def test_a_registration_beside_the_files_is_offered_proposed_and_accepted(
    session: RegistrationSession, partial: PartialFusion, tmp_path: Path
) -> None:
    pair_of_dicom, path = in_spaces(partial, tmp_path)
    accepted: list[RigidMove] = []
    session.accepted.connect(accepted.append)
    assert session.beside == ()
    session.show_pair(None)
    session.show_pair(pair_of_dicom)
    assert session.beside == (path,)
    said = sentences(session)

    session.read(path)

    assert accepted == []
    assert said[-1].startswith("Proposal of the DICOM registration: pet shifted by 12.0 mm (12.0 towards the feet)")
    move = session.proposal.move
    assert move.metric_after > 1.5 * move.metric_before > 0
    session.accept()
    assert np.array(accepted[0].matrix) @ [0, 0, 0, 1] == pytest.approx([0, 0, -SHIFT, 1])


def test_a_registration_that_makes_it_worse_says_so(
    session: RegistrationSession, partial: PartialFusion, tmp_path: Path
) -> None:
    pair_of_dicom, _ = in_spaces(partial, tmp_path)
    up = np.eye(4)
    up[2, 3] = SHIFT
    said = sentences(session)
    session.show_pair(pair_of_dicom)
    session.read(save(tmp_path / "up.dcm", registration("1.2.1", item("1.2.2", up))))
    assert "less than where the files put it, so look twice" in said[-1]


@pytest.mark.parametrize(("space", "words"), [("1.2.9", "does not concern pet"), ("1.2.2", "would not overlap T1w")])
def test_a_registration_of_other_images_is_refused_in_a_sentence(
    session: RegistrationSession, partial: PartialFusion, tmp_path: Path, space: str, words: str
) -> None:
    pair_of_dicom, path = in_spaces(partial, tmp_path)
    far = np.eye(4)
    far[0, 3] = 4000.0
    save(path, registration("1.2.1", item(space, far)))
    said = sentences(session)
    session.show_pair(pair_of_dicom)
    session.read(path)
    assert words in said[-1]
    assert session.proposal is None


def test_cancelling_moves_nothing(session: RegistrationSession) -> None:
    said = sentences(session)
    steps: list[RegistrationStep] = []

    def stop(step: RegistrationStep) -> None:
        steps.append(step)
        if len(steps) == 3:
            assert session.actions == {"cancel"}
            session.cancel()

    session.stepped.connect(stop)
    session.register()
    assert len(steps) == 3
    assert said[-1] == "Stopped: nothing was moved."
    assert session.proposal is None
    assert session.actions == {"register", "read"}


def test_a_refusal_is_a_sentence(session: RegistrationSession, partial: PartialFusion) -> None:
    pet = partial.study.a
    flat = replace(pet, source=replace(pet.source, data=pet.source.data[:1]))
    session.show_pair(replace(partial, study=replace(partial.study, a=flat)))
    said = sentences(session)
    session.register()
    assert "pet has 1 x 32 x 32 voxels" in said[-1]
    assert session.actions == {"register", "read"}


def test_a_proposal_can_be_discarded_and_ends_with_its_pair(
    session: RegistrationSession, partial: PartialFusion
) -> None:
    said = sentences(session)
    session.register()
    session.discard()
    assert (session.proposal, said[-1]) == (None, "Discarded: nothing was moved.")
    session.register()
    session.show_pair(replace(partial))
    assert session.proposal is not None
    session.show_pair(None)
    assert session.proposal is None
    assert session.actions == set()
    assert session.roles() is None


def test_what_cannot_be_done_now_does_nothing(session: RegistrationSession) -> None:
    accepted: list[RigidMove] = []
    session.accepted.connect(accepted.append)
    session.undone.connect(lambda: accepted.append(None))
    session.accept()
    session.undo()
    session.cancel()
    assert accepted == []
    assert session.actions == {"register", "read"}


def test_the_self_test_looks_8_and_16_mm_away_and_its_finding_is_shown(session: RegistrationSession) -> None:
    (finding,) = session.findings
    assert finding.level == "warn"
    assert finding.sentence.startswith("pet shifted by")
    assert "NMI" in finding.sentence


def test_a_finding_that_all_is_well_is_shown_with_its_number(
    session: RegistrationSession, partial: PartialFusion
) -> None:
    finding = Finding("ok", "registration", "pet fits T1w best where it lies.", "NMI 1.106")
    other = Finding("warn", "grid", "Something else.")
    session.show_pair(replace(partial, study=replace(partial.study, findings=(finding, other))))
    assert [one.sentence for one in session.findings] == ["pet fits T1w best where it lies. NMI 1.106."]


def test_a_proposal_for_voxels_of_no_file_is_not_one_for_others_in_their_place(partial: PartialFusion) -> None:
    study, session = partial.study, RegistrationSession()
    of_no_file = replace(study.a, source=replace(study.a.source, origin=Origin()))
    edited = replace(partial, study=replace(study, a=of_no_file))
    session.show_pair(edited)
    session.proposal = Proposal(
        RigidMove("pet", "T1w", tuple(map(tuple, np.eye(4).tolist())), 0.0, 0.0, "shifted", 1.0, 1.0, ""), edited
    )
    session.show_pair(replace(edited, axis="coronal"))
    assert session.proposal is not None
    others = replace(of_no_file, source=replace(of_no_file.source, data=of_no_file.source.data + 1.0))
    session.show_pair(replace(partial, study=replace(study, a=others)))
    assert session.proposal is None
