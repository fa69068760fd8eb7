"""Hidden repeats: how many, where, and that nothing of the list tells which they are."""

import re
from pathlib import Path

import pytest

from napari_refusion.cohort.repeats import with_repeats
from napari_refusion.cohort.work_case import WorkCase


def cases(count: int) -> list[WorkCase]:
    return [
        WorkCase(f"sub-{one:03d}", Path(f"{one}/pet.nii"), Path(f"{one}/mri.nii"), ("PT", "MR")) for one in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "share", "expected"),
    [(100, 0.05, 5), (100, 0.1, 10), (40, 0.08, 3), (7, 0.05, 1), (2, 0.05, 1), (1, 0.1, 0), (0, 0.1, 0), (50, 0.0, 0)],
)
def test_a_share_of_the_cases_comes_again(count: int, share: float, expected: int) -> None:
    listed = with_repeats(cases(count), share, 7, "R1")
    assert len(listed) == count + expected
    assert sum(case.is_repeat for case in listed) == expected
    assert len({case.first for case in listed}) == count


@pytest.mark.parametrize("seed", range(20))
def test_a_repeat_comes_at_least_half_the_list_after_its_case(seed: int) -> None:
    listed = with_repeats(cases(60), 0.1, seed, "R1")
    for place, case in enumerate(listed):
        if case.is_repeat:
            first = next(one for one, other in enumerate(listed) if other.first == case.first)
            assert place - first > 30


def test_the_names_in_the_list_say_nothing_but_the_place() -> None:
    listed = with_repeats(cases(60), 0.1, 7, "R1")
    assert [case.label for case in listed] == [f"case {place:02d}" for place in range(1, 67)]
    assert not any(re.search("sub", case.label) for case in listed)


def test_the_same_seed_and_reader_give_the_same_list_and_others_another_one() -> None:
    def drawn(seed: int, reader: str) -> list[Path]:
        return [case.first for case in with_repeats(cases(100), 0.1, seed, reader) if case.is_repeat]

    assert drawn(7, "R1") == drawn(7, "R1")
    assert drawn(7, "R1") != drawn(8, "R1")
    assert drawn(7, "R1") != drawn(7, "R2")


def test_without_repeats_the_cases_keep_their_names() -> None:
    assert with_repeats(cases(5), 0.0, 7, "R1") == tuple(cases(5))
