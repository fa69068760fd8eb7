import numpy as np
import pytest
from numpy.typing import NDArray

from training.calibrate import Measured
from training.error_table import Lesion, Tested, lesion_table, numbers_table, registration_table
from training.planted_errors import ERRORS, mirrored, shifted

Slice = NDArray[np.float32]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def sources(random: np.random.Generator) -> tuple[Slice, Slice]:
    a, b = random.random((2, 64, 64)).astype(np.float32)
    a[:5] = 0
    return a, b


def spot() -> Slice:
    rows, columns = np.indices((64, 64))
    return np.float32(np.exp(-((rows - 30) ** 2 + (columns - 25) ** 2) / 18))


def test_every_error_changes_one_source_and_keeps_it_within_0_and_1(
    sources: tuple[Slice, Slice], random: np.random.Generator
) -> None:
    for words, plant in ERRORS.items():
        changed = plant(*sources, random)
        is_second = "MRI" in words

        assert np.array_equal(changed[not is_second], sources[not is_second]), words
        assert not np.array_equal(changed[is_second], sources[is_second]), words
        assert changed[is_second].dtype == np.float32
        assert (changed[is_second].min(), changed[is_second].max()) >= (0, 0)
        assert changed[is_second].max() <= 1


def test_a_mirrored_source_is_itself_when_mirrored_again(
    sources: tuple[Slice, Slice], random: np.random.Generator
) -> None:
    once = mirrored(*sources, random)[0]

    assert np.array_equal(once[:, 0], sources[0][:, -1])
    assert np.array_equal(mirrored(once, sources[1], random)[0], sources[0])


def test_a_shift_is_8_pixels_long_and_has_no_preferred_direction(random: np.random.Generator) -> None:
    a = spot()
    rows, columns = np.indices(a.shape)
    moves = []
    for _ in range(20):
        moved = shifted(a, a, random)[0]
        moves.append([(moved * rows).sum() / moved.sum() - 30, (moved * columns).sum() / moved.sum() - 25])

    assert np.hypot(*np.transpose(moves)) == pytest.approx(np.full(20, 8.0), abs=0.05)
    assert np.ptp(np.arctan2(*np.transpose(moves))) > np.pi


def test_a_window_too_wide_leaves_a_tenth_and_one_too_narrow_cuts_off(
    sources: tuple[Slice, Slice], random: np.random.Generator
) -> None:
    wide = ERRORS["first source's window 10 times too wide"](*sources, random)[0]
    narrow = ERRORS["MRI's window 4 times too narrow"](*sources, random)[1]

    assert wide == pytest.approx(sources[0] / 10)
    assert narrow == pytest.approx(np.minimum(4 * sources[1], 1))


def test_noise_that_replaces_a_source_stays_in_its_body(
    sources: tuple[Slice, Slice], random: np.random.Generator
) -> None:
    noise = ERRORS["first source replaced by noise"](*sources, random)[0]

    assert not noise[:5].any()
    assert abs(np.corrcoef(noise[5:].ravel(), sources[0][5:].ravel())[0, 1]) < 0.1


def measured(fold: int, values: list[float], error: str = "", is_template: bool = False) -> list[Measured]:
    return [
        Measured(
            f"P{fold}", fold, "PT", str(index), is_template, False, error, {"overshoot": value, "occupied_a": 1 - value}
        )
        for index, value in enumerate(values)
    ]


def plain(table: str) -> list[str]:
    """Return the lines of a table without the spaces that line up its columns."""
    return [" ".join(line.split()) for line in table.splitlines()]


def test_a_slice_is_judged_by_the_limits_of_the_other_fold() -> None:
    # fold 0: amber 0.099, red 0.15; fold 1, twice as wide: amber 0.198, red 0.3
    steps = [index / 1000 for index in range(101)]
    good = [*measured(0, steps), *measured(1, [2 * value for value in steps])]
    # occupied: best slice 1 in both folds, so amber is 0.5 and red 0.25
    planted = [*measured(0, [0.15, 0.21], "noise"), *measured(1, [0.16, 0.6], "noise")]

    head, _, patients, templates, noise = plain(numbers_table(good, planted, is_apart=True))

    assert head == "| planted | slices | occupied_a | overshoot | any slice |"
    # of fold 1's 101 slices 51 (0.1 to 0.2) are beyond fold 0's amber limit, 25 (0.152 to 0.2) beyond its red one
    assert patients == "| nothing, patients | 202 | 0 | 25 (12) | 25 (12) |"
    assert templates == "| nothing, templates | 0 | | | |"
    # fold 0's 0.21 is amber, 0.15 green; fold 1's both red; best slices 0.85 and 0.84 are green
    assert noise == "| noise | 4 | 0 | 75 (50) | 75 (50) |"


def test_the_registration_table_counts_warnings() -> None:
    tested = [Tested("P", "", False, ""), Tested("P", "", False, "registration")]
    tested += [Tested("P", "mirrored", True, "laterality")]

    lines = plain(registration_table(tested))

    assert lines[2:] == [
        "| nothing | 50 % of 2 | none |",
        "| mirrored left to right | none | 100 % of 1 |",
        "| shifted by 8 | none | none |",
    ]


def test_the_lesion_table_tells_hidden_lesions_from_those_that_show() -> None:
    nothing = float("nan")
    lesions = [
        Lesion("P", "PT", nothing, nothing, False, 2),
        Lesion("P", "PT", nothing, nothing, False, 0),
        Lesion("P", "PT", 0.1, 0.1, True, 3),
        Lesion("P", "PT", 0.1, 0.3, False, 2),
        Lesion("P", "PT", 0.6, 0.6, False, 2),
    ]

    cells = [line.split(" | ")[1] for line in plain(lesion_table(lesions))[2:]]

    assert cells == ["100 % of 1", "0 % of 1", "0 % of 1", "50 % of 2", "1.00"]
