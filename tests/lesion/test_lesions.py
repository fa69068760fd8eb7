"""A list of lesions changes into another list, and comes back from a record as it was."""

import json
from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.lesion.lesions import Lesions, tab_separated, table
from napari_refusion.lesion.measured import measure
from napari_refusion.lesion.methods import draw
from napari_refusion.lesion.voi import voi_of
from napari_refusion.lesion.written import from_json, to_json
from napari_refusion.volume.finding import RefusedError
from tests.lesion.uptake import blob, pet, place

VOI = voi_of(np.ones((2, 3, 4), np.bool_), np.eye(4), "drawn")


def three() -> Lesions:
    """Return three lesions with all that a reader may write."""
    random = np.random.default_rng(0).random((7, 9, 11)) > 0.7
    affine = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0] / 3
    affine[3] = 0, 0, 0, 1
    lesions = Lesions().added(VOI, "a" * 64, "Hilar", "left hilum", "g1").added(voi_of(random, affine), "b" * 64)
    lesions = lesions.replaced(replace(lesions.numbered(2), comment="ß\n\t=1", is_key=True))
    return lesions.added(VOI, "a" * 64)


def test_a_number_is_never_given_twice() -> None:
    lesions = three().removed(3).removed(1).added(VOI, "c")
    assert [one.number for one in lesions] == [2, 4]
    assert [one.number for one in from_json(to_json(lesions.removed(4))).added(VOI, "c")] == [2, 5]


def test_a_change_gives_a_new_list_and_leaves_the_old_one() -> None:
    lesions = three()
    assert lesions.renamed(1, "  Liver\n dome ").numbered(1).name == "Liver dome"
    assert (lesions.numbered(1).name, lesions.numbered(3).title, len(lesions)) == ("Hilar", "Lesion 3", 3)
    assert lesions.renamed(1, "").numbered(1).title == "Lesion 1"


def test_a_lesion_that_is_not_there_is_refused_by_naming_those_that_are() -> None:
    with pytest.raises(RefusedError, match="1, 2, 3"):
        three().removed(7)


def test_the_record_gives_back_the_same_list() -> None:
    lesions = three()
    back = from_json(json.loads(json.dumps(to_json(lesions))))
    assert back.last == lesions.last
    for one, other in zip(back, lesions, strict=True):
        assert np.array_equal(one.voi.whole(), other.voi.whole())
        assert np.array_equal(one.voi.grid.affine, other.voi.grid.affine)
        assert replace(one, voi=VOI).__repr__() == replace(other, voi=VOI).__repr__()
        assert (one.voi.method, one.voi.corner) == (other.voi.method, other.voi.corner)


def test_a_large_lesion_is_small_in_the_record() -> None:
    volume = pet(blob((60, 60, 60), (2, 2, 2), (30, 30, 30), width=20), (2, 2, 2))
    voi = draw(volume, place((30, 30, 30), (2, 2, 2))).voi
    assert voi.count > 9_000
    assert len(json.dumps(to_json(Lesions().added(voi, "a")))) < 4000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mask", "AAAA"),
        ("mask", "not base64!"),
        ("mask", 5),
        ("box", [2, 3, 5]),
        ("box", [2, 3, -4]),
        ("box", [10**6, 10**6, 10**6]),
        ("box", [2, 3]),
        ("corner", [1, 0, 0]),
        ("corner", [-1, 0, 0]),
        ("corner", [0.5, 0, 0]),
        ("grid", [10**9, 10**9, 10**9]),
        ("affine", [[1, 0], [0, 1]]),
        ("affine", [["x"] * 4] * 4),
        ("affine", [[0] * 4] * 4),
        ("number", 3),
        ("number", 99),
        ("number", True),
        ("name", None),
    ],
)
def test_a_damaged_record_is_refused(field: str, value: object) -> None:
    written = to_json(three())
    written["lesions"][0][field] = value
    with pytest.raises(RefusedError, match="damaged"):
        from_json(written)


def test_a_missing_field_and_a_later_version_are_refused() -> None:
    written = to_json(three())
    with pytest.raises(RefusedError, match="newer"):
        from_json(written | {"version": 2})
    del written["lesions"][0]["source"]
    with pytest.raises(RefusedError, match="damaged"):
        from_json(written)


def test_the_table_has_units_in_its_headings_and_a_column_for_each_unit() -> None:
    volume, counts = pet(blob()), pet(blob(height=9000), unit="Bq/ml")
    voi = draw(volume, place((12, 12, 12))).voi
    lesions = Lesions().added(voi, "a", name="A\tB").added(voi, "b")
    rows = table(lesions.items, [measure(volume, voi), measure(counts, voi)])
    assert rows[0][5:9] == ("SUVmax (SUVbw)", "Maximum (Bq/ml)", "SUVpeak (SUVbw)", "Peak (Bq/ml)")
    assert rows[0][-2:] == ("Voxels", "Place of maximum")
    assert rows[1][5:7] == ("10", "")
    assert rows[2][5:7] == ("", "9000")
    assert {len(row) for row in rows} == {len(rows[0])}
    assert tab_separated(rows).splitlines()[1].split("\t")[1] == "A B"
