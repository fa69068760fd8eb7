"""One choice among several volumes, the same words for every format."""

from pathlib import Path

import pytest

from napari_refusion.io.choice import VolumeChoice, choose_volume, clock, is_by_name, name_of_frame
from napari_refusion.volume.finding import RefusedError

PATH = Path("dyn_pet.nii.gz")
TIMES = ((0.0, 60.0), (60.0, 180.0), (180.0, 480.0))
NAMES = tuple(name_of_frame(index, time) for index, time in enumerate(TIMES))


def test_one_frame_is_itself() -> None:
    for choice in (1, "1", NAMES[1]):
        chosen = choose_volume(PATH, choice, NAMES, TIMES)
        assert (chosen.indices, chosen.weights, chosen.choice) == ((1,), (1.0,), "1")
        assert (chosen.part, chosen.time) == ("frame 1, 01:00 to 03:00", (60.0, 180.0))


def test_a_mean_weighs_frames_by_how_long_they_lasted() -> None:
    chosen = choose_volume(PATH, "mean", NAMES, TIMES)
    assert chosen.weights == pytest.approx((60 / 480, 120 / 480, 300 / 480))
    assert chosen.part == "mean of 3 frames, 00:00 to 08:00"


def test_a_mean_of_frames_without_times_weighs_all_alike() -> None:
    assert choose_volume(PATH, "mean", ("", "", "", "")).weights == (0.25,) * 4
    assert choose_volume(PATH, "mean", NAMES, (TIMES[0], None, TIMES[2])).weights == pytest.approx((1 / 3,) * 3)


def test_a_sum_is_plain() -> None:
    chosen = choose_volume(PATH, " SUM ", NAMES, TIMES)
    assert chosen.weights == (1.0, 1.0, 1.0)
    assert chosen.is_sum


@pytest.mark.parametrize("span", ["01:00-08:00", "1:00 - 8:00", "00:59.6-08:00.4"])
def test_a_span_between_borders_takes_the_frames_in_it(span: str) -> None:
    chosen = choose_volume(PATH, span, NAMES, TIMES)
    assert chosen.indices == (1, 2)
    assert chosen.weights == pytest.approx((120 / 420, 300 / 420))
    assert (chosen.part, chosen.choice) == ("mean of frames 1 to 2, 01:00 to 08:00", "01:00-08:00")


@pytest.mark.parametrize("span", ["00:30-08:00", "01:00-07:00", "01:10-02:50"])
def test_a_span_that_cuts_a_frame_is_refused_with_the_borders(span: str) -> None:
    with pytest.raises(RefusedError, match=r"00:00, 01:00, 03:00, 08:00.*cuts a frame"):
        choose_volume(PATH, span, NAMES, TIMES)


@pytest.mark.parametrize("span", ["09:00-10:00", "03:00-01:00"])
def test_a_span_without_a_frame_is_refused(span: str) -> None:
    with pytest.raises(RefusedError, match="frame: "):
        choose_volume(PATH, span, NAMES, TIMES)


def test_a_span_needs_times() -> None:
    with pytest.raises(RefusedError, match="does not say when"):
        choose_volume(PATH, "00:00-01:00", NAMES)


def test_several_volumes_without_a_choice_are_refused_with_their_names() -> None:
    with pytest.raises(RefusedError, match=r"3 frames \(frame 0, 00:00 to 01:00; .*") as caught:
        choose_volume(PATH, None, NAMES, TIMES)
    assert "--volume-a" in str(caught.value)


@pytest.mark.parametrize("choice", ["mean", "sum"])
def test_echoes_have_no_mean(choice: str) -> None:
    with pytest.raises(RefusedError, match="means nothing"):
        choose_volume(PATH, choice, ("echo time 20 ms", "echo time 80 ms"), alike=False)


@pytest.mark.parametrize("choice", [3, -1, True, 1.0, "last", "", "-1", "²"])
def test_what_is_no_volume_is_refused(choice: VolumeChoice) -> None:
    with pytest.raises(RefusedError, match="from 0 to 2"):
        choose_volume(PATH, choice, NAMES, TIMES)


@pytest.mark.parametrize(
    ("choice", "is_name"),
    [
        ("0", False),
        (" mean", False),
        ("SUM", False),
        ("02:00-05:00", False),
        ("banana", True),
        ("-1", True),
        ("²", True),
    ],
)
def test_what_is_no_number_mean_sum_or_span_can_be_a_name_alone(choice: str, is_name: bool) -> None:
    assert is_by_name(choice) is is_name


@pytest.mark.parametrize("choice", ["05:00-02:00", "02:00-02:00"])
def test_a_span_that_ends_before_it_begins_is_refused_before_any_file_is_read(choice: str) -> None:
    with pytest.raises(RefusedError, match=r"earlier time first"):
        is_by_name(choice)


def test_a_single_volume_needs_no_choice() -> None:
    assert choose_volume(PATH, None, ("",)).indices == (0,)
    assert choose_volume(PATH, "mean", ("",)).weights == (1.0,)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "00:00"), (62.5, "01:02.5"), (59.9996, "01:00"), (4500, "75:00"), (0.25, "00:00.25")]
)
def test_times_are_written_in_minutes_and_seconds(seconds: float, text: str) -> None:
    assert clock(seconds) == text
