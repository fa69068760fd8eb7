"""Pairs that are not simply fused: two patients until a reason is typed, two PET that are compared, one CT twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.numerics.intensity import Window
from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.messages import Compared
from napari_refusion.session.source import Request
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.volume.origin import Origin, patient_mark
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume
from tests.session.asked import one_slice, source
from tests.small_pair import blob

SHIFT = ((1.0, 0.0, 0.0, 3.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))


@pytest.fixture
def session() -> FusionSession:
    return FusionSession()


@pytest.fixture
def of_two(request_all: Request, mri: Volume, pet: Volume) -> Request:
    """The MRI of one patient and the PET of another."""
    one, other = (
        replace(volume, origin=Origin(sha256=volume.origin.sha256, patient=patient_mark(who)))
        for volume, who in ((mri, "4711"), (pet, "4712"))
    )
    return replace(request_all, first=source(one), second=source(other))


def refusals(session: FusionSession) -> list[tuple[Finding, ...]]:
    found: list[tuple[Finding, ...]] = []
    session.refused.connect(lambda findings, _live: found.append(findings))
    return found


def comparisons(session: FusionSession) -> list[Compared]:
    found: list[Compared] = []
    session.compared.connect(found.append)
    return found


def test_two_patients_are_fused_with_a_reason_that_stays_with_the_pair_and_is_recorded(
    session: FusionSession, of_two: Request
) -> None:
    refused = refusals(session)
    session.fuse(of_two)
    assert [one.rule for one in refused[0] if one.level == "block"] == ["patient"]
    with pytest.raises(RefusedError, match="two patients"):
        session.fused()

    session.pair_two_patients(" the archive gave a second number ")
    record = session.fused().record()
    assert record["two_patients"] == "the archive gave a second number"
    assert any("the archive gave a second number" in sentence for sentence in record["findings"])
    session.fuse(one_slice(of_two))
    assert len(refused) == 1


def test_the_reason_is_for_the_pair_it_was_given_for_in_either_order(
    session: FusionSession, of_two: Request, pet: Volume
) -> None:
    refused = refusals(session)
    session.fuse(of_two)
    session.pair_two_patients("known")
    session.fuse(replace(of_two, first=of_two.second, second=of_two.first))
    assert len(refused) == 1
    third = replace(pet, name="third", origin=Origin(patient=patient_mark("4713")))
    session.fuse(replace(of_two, second=source(third)))
    assert len(refused) == 2


@pytest.mark.parametrize("blank", ["", "  ", "\t\n"])
def test_a_blank_reason_is_refused(session: FusionSession, of_two: Request, blank: str) -> None:
    session.fuse(of_two)
    with pytest.raises(RefusedError, match="Type why two patients"):
        session.pair_two_patients(blank)
    assert session.partial is None


def test_without_anything_refused_a_reason_does_nothing(session: FusionSession) -> None:
    session.pair_two_patients("a reason")
    assert session.partial is None


def test_a_reason_without_names_is_left_in_a_record_without_names(session: FusionSession, of_two: Request) -> None:
    session.fuse(replace(of_two, two_patients="phantom"))
    record = session.fused().record()
    assert record["two_patients"] == "phantom"
    assert record["order"] == "PET before MRI"


def suv(seed: int, name: str, factor: float = 0.1) -> Volume:
    affine = [[0, 0, -1, 10], [0, -2, 0, 20], [-4, 0, 0, 30], [0, 0, 0, 1]]
    return Volume(factor * blob((6, 24, 32), seed), np.array(affine, float), "PT", "SUVbw", name)


@pytest.fixture
def follow_up(request_all: Request) -> Request:
    """Two PET of one patient."""
    return replace(request_all, first=source(suv(1, "before")), second=source(suv(2, "after", 0.2)))


def test_two_pet_are_refused_in_one_sentence_and_handed_over_to_be_compared(
    session: FusionSession, follow_up: Request
) -> None:
    refused, compared = refusals(session), comparisons(session)
    session.fuse(follow_up)
    assert [one.rule for one in refused[0] if one.level == "block"] == ["comparison"]
    (pair,) = compared
    assert (pair.partial.study.a.source.name, pair.partial.study.b.source.name) == ("before", "after")
    assert not pair.partial.done.any()
    assert pair.partial.study.windows[0] == pair.partial.study.windows[1]
    assert session.partial is None
    assert session.comparing is pair
    with pytest.raises(RefusedError, match="are not fused"):
        session.fused()


def test_a_window_of_either_is_the_window_of_both(session: FusionSession, follow_up: Request) -> None:
    compared = comparisons(session)
    session.fuse(one_slice(follow_up))
    automatic = compared[-1].partial.study.windows
    for first, second, expected in (("0,5", "", (0, 5)), ("", "0,7", (0, 7)), ("0,5", "1,9", (0, 9))):
        session.fuse(
            one_slice(
                replace(
                    follow_up,
                    first=replace(follow_up.first, window=first),
                    second=replace(follow_up.second, window=second),
                )
            )
        )
        assert compared[-1].partial.study.windows == (Window(*expected), Window(*expected))
    session.fuse(one_slice(follow_up))
    assert compared[-1].partial.study.windows == automatic


def test_two_pet_of_two_patients_are_not_compared_without_a_reason(session: FusionSession, follow_up: Request) -> None:
    compared, refused = comparisons(session), refusals(session)
    first, second = (
        replace(volume, origin=Origin((Path(f"{who}_pet.nii"),)))
        for volume, who in ((suv(1, "before"), "sub-1"), (suv(2, "after"), "sub-2"))
    )
    session.fuse(replace(follow_up, first=source(first), second=source(second)))
    assert not compared
    session.pair_two_patients("one patient, two labels")
    assert len(compared) == 1
    assert [one.rule for one in refused[-1] if one.level == "block"] == ["comparison"]


def test_a_registration_of_two_pet_is_kept_for_the_next_comparison(session: FusionSession, follow_up: Request) -> None:
    compared = comparisons(session)
    session.fuse(follow_up)
    study = compared[0].partial.study
    moving = study.a if study.reference == "b" else study.b
    session.move(RigidMove(moving.key, "", SHIFT, 3.0, 0.0, "shifted by 3.0 mm", 0.5, 0.6, ""))
    session.fuse(follow_up)
    assert [side.move is not None for side in compared[1].partial.study.sides].count(True) == 1


def test_a_pair_that_is_fused_next_ends_the_comparison(
    session: FusionSession, follow_up: Request, request_all: Request
) -> None:
    session.fuse(follow_up)
    session.fuse(request_all)
    assert session.comparing is None
    assert session.fused().volume.shape == (6, 24, 32)


def test_one_ct_takes_its_order_from_the_windows_that_are_chosen_now(
    session: FusionSession, request_all: Request
) -> None:
    ct = replace(suv(3, "ct"), modality="CT", unit="HU", origin=Origin(sha256="c" * 64))
    again = replace(ct, name="ct again")
    bone, soft = "-450,1050", "-160,240"
    first, second = source(ct, bone), source(again, soft)
    asked = replace(request_all, first=first, second=second)
    session.fuse(one_slice(asked))
    assert session.partial is not None
    assert session.partial.study.windows == (Window(-450, 1050), Window(-160, 240))

    session.fuse(one_slice(replace(asked, first=replace(first, window=soft), second=replace(second, window=bone))))
    assert session.partial.study.windows == (Window(-450, 1050), Window(-160, 240))
    session.fuse(one_slice(replace(asked, second=replace(second, window=bone))))
    assert any(one.rule == "same file" for one in session.partial.study.findings)
