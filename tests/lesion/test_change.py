"""A follow-up made from a baseline: the change that was made is the change reported."""

import numpy as np
import pytest
from numpy.typing import NDArray

from napari_refusion.lesion.change import changes
from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.measured import measure
from napari_refusion.lesion.methods import draw
from napari_refusion.lesion.time_point import TimePoint
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.probe import unit_of
from napari_refusion.volume.volume import Volume
from tests.lesion.uptake import blob, pet, place

COARSE = (4.0, 4.0, 4.0)


def examination(
    data: NDArray[np.float64],
    unit: str = "SUVbw",
    steps: tuple[float, float, float] = COARSE,
) -> Volume:
    return pet(data, steps, unit, origin=Origin(sha256=unit))


def time_point(volume: Volume, lesions: Lesions) -> TimePoint:
    measured = tuple(measure(volume, one.voi) for one in lesions)
    return TimePoint(volume.title, unit_of(volume), tuple(lesions), measured)


def drawn_at(
    volume: Volume, *groups: tuple[tuple[int, int, int], str], steps: tuple[float, float, float] = COARSE
) -> Lesions:
    lesions = Lesions()
    for index, group in groups:
        voi = draw(volume, place(index, steps), radius=30.0).voi
        lesions = lesions.added(voi, volume.origin.sha256, group=group)
    return lesions


def test_a_lesion_of_0_7_times_the_uptake_moved_by_5_mm_changes_by_30_percent_and_keeps_its_size() -> None:
    fine, shape = (2.5, 2.5, 2.5), (40, 40, 40)
    before = examination(blob(shape, fine, (20, 20, 20)), steps=fine)
    after = examination(0.7 * blob(shape, fine, (20, 20, 22)), steps=fine)
    found = changes(
        time_point(before, drawn_at(before, ((20, 20, 20), "a"), steps=fine)),
        time_point(after, drawn_at(after, ((20, 20, 22), "a"), steps=fine)),
    )
    (one,) = found.items
    assert one.status == "matched"
    for name in ("maximum", "mean", "peak", "tlg"):
        assert one.deltas[name].percent == pytest.approx(-30, abs=0.01), name
    assert one.deltas["maximum"].absolute == pytest.approx(-3, abs=1e-5)
    assert one.deltas["volume"].percent == pytest.approx(0, abs=1e-9)
    assert found.rows()[0][3:7] == (
        "SUVmax (SUVbw), baseline",
        "SUVmax (SUVbw), follow-up",
        "Change of SUVmax (SUVbw)",
        "Change of SUVmax (%)",
    )


def test_the_same_voxels_with_0_7_times_the_values_change_by_30_percent_exactly() -> None:
    before, after = examination(blob()), examination(0.7 * blob())
    lesions = drawn_at(before, ((12, 12, 12), "a"))
    found = changes(time_point(before, lesions), time_point(after, lesions))
    for name in ("maximum", "mean", "peak", "tlg"):
        assert found.items[0].deltas[name].percent == pytest.approx(-30, abs=0.001)
    assert found.items[0].deltas["volume"].absolute == 0


def test_lesions_of_one_list_alone_are_new_or_gone_and_those_without_a_group_are_not_matched() -> None:
    volume = examination(np.maximum(blob(middle=(6, 6, 6), width=4), blob(middle=(18, 18, 18), width=4)))
    first, second = (6, 6, 6), (18, 18, 18)
    found = changes(
        time_point(volume, drawn_at(volume, (first, "a"), (second, ""))),
        time_point(volume, drawn_at(volume, (second, "b"), (first, ""))),
    )
    assert [one.status for one in found.items] == ["gone", "not matched", "new", "not matched"]
    assert found.items[2].before is None


def test_two_lesions_of_one_list_in_one_group_are_not_matched_and_said() -> None:
    volume = examination(np.maximum(blob(middle=(6, 6, 6), width=4), blob(middle=(18, 18, 18), width=4)))
    first, second = (6, 6, 6), (18, 18, 18)
    both = time_point(volume, drawn_at(volume, (first, "a"), (second, "a")))
    found = changes(both, time_point(volume, drawn_at(volume, (first, "a"))))
    assert [one.status for one in found.items] == ["not matched"] * 3
    assert found.findings[0].value == "a"


def test_two_units_are_refused() -> None:
    volume = examination(blob())
    point = time_point(volume, drawn_at(volume, ((12, 12, 12), "a")))
    counts = examination(blob(), unit="Bq/ml")
    with pytest.raises(RefusedError, match="in one unit"):
        changes(point, time_point(counts, Lesions()))


def test_values_in_arbitrary_units_are_not_compared_and_those_in_becquerel_are_warned_of() -> None:
    plain, counts = examination(blob(), unit=""), examination(blob(), unit="Bq/ml")
    points = [time_point(one, drawn_at(one, ((12, 12, 12), "a"))) for one in (plain, counts)]
    assert set(changes(points[0], points[0]).items[0].deltas) == {"volume", "diameter"}
    assert changes(points[1], points[1]).findings[0].value == "Bq/ml"
