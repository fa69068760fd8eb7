"""The words of a method say how the same is drawn elsewhere."""

import pytest

from napari_refusion.lesion.drawn_by import DrawnBy, drawn_by


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("isocontour 41 %", DrawnBy("isocontour", 41.0)),
        ("threshold 2.5 SUVbw", DrawnBy("threshold", 2.5)),
        ("gradient edge", DrawnBy("gradient")),
        ("sphere of 30 mm", DrawnBy("sphere", 30.0)),
        ("isocontour 41 %, corrected by hand", None),
        ("label map", None),
    ],
)
def test_a_method_is_read_from_its_words(words: str, expected: DrawnBy | None) -> None:
    assert drawn_by(words) == expected
